"""The jobs ``backup`` and ``verify_backup``: files in the home, written, rotated and restored on trial."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graph.model.errors import JobError
from graph.model.statement import Statement
from graph.ports import Backups
from jobs.params import param
from jobs.spec import JobSpec, Work


@dataclass(frozen=True, slots=True)
class BackupParams:
    """Parameters of the job."""

    keep: int = param("Number of backups kept, the newest; 0 writes none.", default=3, minimum=0)


@dataclass(frozen=True, slots=True)
class VerifyBackupParams:
    """The job has none."""


async def write(work: Work[BackupParams]) -> AsyncIterator[Sequence[Statement]]:
    """Write one backup; nothing in the graph changes."""
    if work.params.keep:
        with _backups(work) as backups:
            await backups.write(work.ports.clock.now(), work.params.keep)
    yield []


async def verify(work: Work[VerifyBackupParams]) -> AsyncIterator[Sequence[Statement]]:
    """Restore the newest backup elsewhere; nothing in the graph changes."""
    with _backups(work) as backups:
        work.counts["backups"] = 0 if await backups.verify() is None else 1
    yield []


@contextmanager
def _backups(work: Work[BackupParams] | Work[VerifyBackupParams]) -> Iterator[Backups]:
    if work.ports.backups is None:
        raise JobError("this worker has no folder for backups")
    try:
        yield work.ports.backups
    except OSError as error:
        raise JobError(f"{error.filename or 'the folder of backups'}: {error.strerror or error}") from error


SPEC = JobSpec(
    name="backup",
    version="2026-11-30",
    help="Writes the graph and what waits in the spool to a file in the folder `backups` of the home, checks its sums, and "
    "removes the oldest of these files.",
    schedule="10 3 * * *",
    params=BackupParams,
    reads=(),
    writes=(),
    run=write,
    limitations="Writes wait while the graph is read. The files are on the same disk as the graph: copy them elsewhere. Keys "
    "are only in them if `CRASHGRAPH_BACKUP_PASSPHRASE` is set.",
)
VERIFY = JobSpec(
    name="verify_backup",
    version="2026-11-30",
    help="Restores the newest of these files into a Neo4j that is started for it, and compares the graph with the file.",
    schedule="10 5 * * 0",
    params=VerifyBackupParams,
    reads=(),
    writes=(),
    run=verify,
    limitations="Once a week, since the second Neo4j needs 1 GB of memory, and disk space and time as the graph does.",
    max_attempts=1,
)
