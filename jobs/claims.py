"""Who runs what: runs are claimed in the graph, so that any number of workers do each run once."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from graph.cypher import query
from graph.model.errors import ConflictError, NotFoundError
from graph.model.nodes import JobRun
from graph.ports import Graph
from jobs.edges import Claim
from jobs.registry import JOBS, find_job
from jobs.schedule import slot_of
from jobs.spec import JobSpec, parse_params

Jobs: TypeAlias = tuple[JobSpec[Any], ...]

STALE_SECONDS = 60.0
"""A worker that has not said for so long that it is alive is taken for dead."""
MOST_ATTEMPTS = 3
"""A run that has killed so many workers is not tried again."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run that is ours to do."""

    spec: JobSpec[Any]
    run: JobRun
    worker: str

    @property
    def claim(self) -> Claim:
        """What every write of the run checks."""
        if self.run.started_at is None:
            raise ValueError(f"run {self.run.run_id} was not started")
        return Claim(self.run.run_id, self.worker, self.run.started_at)


def worker_name() -> str:
    """A name no other worker has: host, process and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


async def begin(graph: Graph, spec: JobSpec[Any], params: Mapping[str, object], worker: str) -> Claimed:
    """Begin a run at once, outside the schedule. ``InvalidInputError`` if the parameters are not the job's."""
    parse_params(spec, params)
    return await _create(graph, spec, worker, slot=None, params=params, requested_at=None)


async def claim_slot(
    graph: Graph, spec: JobSpec[Any], due: datetime, worker: str, params: Mapping[str, object] | None = None
) -> Claimed | None:
    """Begin the run that was due then, or ``None`` when some worker has begun or done it."""
    slot = slot_of(spec.name, due)
    try:
        return await _create(graph, spec, worker, slot=slot, params=params or {}, requested_at=due)
    except ConflictError:
        return None


async def request_run(graph: Graph, name: str, params: Mapping[str, object] | None = None, *, jobs: Jobs = JOBS) -> JobRun:
    """Ask for a run; a worker will claim it. ``NotFoundError`` and ``InvalidInputError`` as for running it."""
    parse_params(find_job(name, jobs), params or {})
    statement = query("jobs/request_run", run_id=uuid.uuid4().hex, job=name, params=json.dumps(params or {}, sort_keys=True))
    [[row]] = await graph.write(statement)
    return job_run(row["run"])


async def claim_waiting(
    graph: Graph, worker: str, *, jobs: Jobs = JOBS, stale_seconds: float = STALE_SECONDS, busy: Sequence[str] = ()
) -> Claimed | None:
    """Claim the oldest run that was asked for or whose worker is dead; ``None`` when there is none to have.

    ``busy`` names jobs not to claim now.
    """
    names = [spec.name for spec in jobs if spec.name not in busy]
    waiting = await graph.read(query("jobs/waiting_runs", jobs=names, stale_seconds=stale_seconds, first=10))
    for row in waiting:
        run_id = row["run_id"]
        _, claimed = await graph.write(
            query("jobs/lock_run", run_id=run_id),
            query("jobs/claim_run", run_id=run_id, worker=worker, stale_seconds=stale_seconds),
        )
        if claimed:
            run = job_run(claimed[0]["run"])
            return Claimed(find_job(run.job, jobs), run, worker)
    return None


async def history(graph: Graph, name: str | None = None, first: int = 20, *, jobs: Jobs = JOBS) -> list[JobRun]:
    """The latest runs of one job or of all, newest first. ``NotFoundError`` if there is no such job."""
    names = [find_job(name, jobs).name] if name else [spec.name for spec in jobs]
    rows = await graph.read(query("jobs/run_history", jobs=names, first=first))
    return [job_run(row["run"]) for row in rows]


async def read_run(graph: Graph, run_id: str) -> JobRun:
    """One run; ``NotFoundError`` if it is not in the graph."""
    rows = await graph.read(query("jobs/read_run", run_id=run_id))
    if not rows:
        raise NotFoundError(f"no job run {run_id!r:.80}")
    return job_run(rows[0]["run"])


def job_run(properties: Mapping[str, Any]) -> JobRun:
    """The record of a ``JobRun`` node's properties."""
    return JobRun(**{f.name: properties[f.name] for f in fields(JobRun) if f.name in properties})


async def _create(
    graph: Graph,
    spec: JobSpec[Any],
    worker: str,
    *,
    slot: str | None,
    params: Mapping[str, object],
    requested_at: datetime | None,
) -> Claimed:
    statement = query(
        "jobs/create_run",
        run_id=uuid.uuid4().hex,
        job=spec.name,
        job_version=spec.version,
        slot=slot,
        params=json.dumps(dict(params), sort_keys=True),
        worker=worker,
        requested_at=requested_at,
    )
    [[row]] = await graph.write(statement)
    return Claimed(spec, job_run(row["run"]), worker)
