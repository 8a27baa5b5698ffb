"""The job ``backup``: writes the graph to a file in the home and removes the oldest of these files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from graph.model.errors import JobError
from graph.model.statement import Statement
from jobs.params import param
from jobs.spec import JobSpec, Work


@dataclass(frozen=True, slots=True)
class BackupParams:
    """Parameters of the job."""

    keep: int = param("Number of backups kept, the newest; 0 writes none.", default=3, minimum=0)


async def run(work: Work[BackupParams]) -> AsyncIterator[Sequence[Statement]]:
    """Write one backup; nothing in the graph changes."""
    if work.params.keep:
        if work.ports.backups is None:
            raise JobError("this worker has no folder for backups")
        try:
            await work.ports.backups.write(work.ports.clock.now(), work.params.keep)
        except OSError as error:
            raise JobError(f"the backup could not be written: {error.strerror or error}") from error
    yield []


SPEC = JobSpec(
    name="backup",
    version="2026-11-30",
    help="Writes the graph to a file in the folder `backups` of the home, and removes the oldest of these files.",
    schedule="10 3 * * *",
    params=BackupParams,
    reads=(),
    writes=(),
    run=run,
    limitations=(
        "Writes wait while the graph is read. The files are on the same disk as the graph and hold no keys: "
        "copy both elsewhere."
    ),
)
