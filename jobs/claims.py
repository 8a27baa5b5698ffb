"""Claims of runs in the graph, so that any number of workers do each run once."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeAlias

from graph.cypher import query
from graph.knowledge.audit import audit_statement
from graph.knowledge.events import NewEvent, append_events
from graph.model.actor import Actor, Scope, job_actor
from graph.model.errors import BusyError, ConflictError, NotFoundError
from graph.model.events import EventKind
from graph.model.nodes import JobRun
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.ports import Graph, Row, Transaction
from jobs.options import tailored
from jobs.registry import JOBS, find_job
from jobs.schedule import slot_of
from jobs.spec import JobSpec
from jobs.statements import RunClaim

Jobs: TypeAlias = tuple[JobSpec[Any], ...]

STALE_SECONDS = 60.0
"""Silence after which a worker counts as dead."""
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
MOST_WAITING = 100
"""Maximum waiting runs per job."""
RETRY_AFTER_SECONDS = 60
RUNNER = job_actor("runner", [Scope.RUN_LOW])
"""Begins a run in this process where no caller is known."""


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run that this worker holds."""

    spec: JobSpec[Any]
    run: JobRun
    worker: str

    @property
    def claim(self) -> RunClaim:
        """What every write of the run checks."""
        if self.run.started_at is None:
            raise ValueError(f"run {self.run.run_id} was not started")
        return RunClaim(self.run.run_id, self.worker, self.run.started_at)


def worker_name() -> str:
    """A unique name: host, process and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


async def begin(
    graph: Graph, spec: JobSpec[Any], params: Mapping[str, object], worker: str, *, actor: Actor = RUNNER
) -> ClaimedRun:
    """Begin a run at once, outside the schedule. ``InvalidInputError`` for parameters that the job does not take."""
    actor.require(Scope.RUN_LOW)
    return await _create(graph, spec, worker, slot=None, params=params, requested_at=None, trigger="command", actor=actor)


async def claim_slot(
    graph: Graph, spec: JobSpec[Any], due: datetime, worker: str, params: Mapping[str, object] | None = None
) -> ClaimedRun | None:
    """Begin the run that was due then; ``None`` if a worker has begun or finished it."""
    slot = slot_of(spec.name, due)
    try:
        return await _create(graph, spec, worker, slot=slot, params=params or {}, requested_at=due, trigger="schedule")
    except ConflictError:
        return None


@needs(Scope.RUN_LOW)
async def request_run(
    graph: Graph, name: str, params: Mapping[str, object] | None = None, *, actor: Actor, jobs: Jobs = JOBS
) -> JobRun:
    """Ask for a run; a worker will claim it. A run of the job with the same parameters that waits already is that run.

    ``NotFoundError`` and ``InvalidInputError`` as for running it, ``BusyError`` when too many runs of the job wait.
    """
    _, _, said = tailored(find_job(name, jobs), params or {})

    async def work(tx: Transaction) -> JobRun:
        waiting = [job_run(row["run"]) for row in await tx.run(query("jobs/runs/requested", job=name, first=MOST_WAITING))]
        for run in waiting:
            if (run.params or "{}") == said and run.cancel_requested_at is None:
                return run
        if len(waiting) >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} runs of {name} wait already; cancel some or ask later", RETRY_AFTER_SECONDS)
        wanted = query(
            "jobs/runs/request",
            run_id=uuid.uuid4().hex,
            job=name,
            params=said,
            waiting=f"{name} {said}",
            by=str(actor),
            on_behalf_of=actor.on_behalf_of,
        )
        run = job_run((await tx.run(wanted))[0]["run"])
        await tx.run(audit_statement(actor, "request_job", [f"JobRun:{run.run_id}"], detail=name))
        return run

    return await graph.transact(work)


@needs(Scope.RUN_LOW)
async def cancel_run(
    graph: Graph,
    run_id: str,
    *,
    actor: Actor,  # checked by needs
    stale_seconds: float = STALE_SECONDS,
) -> JobRun:
    """Cancel a run: one that waits is ``cancelled`` at once, one that runs at its next heartbeat, unless it ends before.

    The edges of earlier runs stay as they are. A run that has ended is left alone. ``NotFoundError`` if there is none.
    """

    async def work(tx: Transaction) -> list[Row]:
        await tx.run(query("jobs/runs/lock", run_id=run_id))
        rows = await tx.run(query("jobs/runs/cancel", run_id=run_id, stale_seconds=stale_seconds))
        if rows and rows[0]["run"]["state"] == "cancelled":
            await tx.run(append_events([job_ended(rows[0]["run"], actor)]))
        return rows

    rows = await graph.transact(work)
    return job_run(rows[0]["run"]) if rows else await read_run(graph, run_id)


async def claim_waiting(
    graph: Graph, worker: str, *, jobs: Jobs = JOBS, stale_seconds: float = STALE_SECONDS, busy: Sequence[str] = ()
) -> ClaimedRun | None:
    """Claim the oldest run that is requested or has a dead worker; ``None`` if there is none.

    ``busy`` names jobs to skip.
    """
    names = [spec.name for spec in jobs if spec.name not in busy]
    waiting = await graph.read(query("jobs/runs/waiting", jobs=names, stale_seconds=stale_seconds, first=10))
    for row in waiting:
        if claimed := await claim_run(graph, row["run_id"], worker, jobs=jobs, stale_seconds=stale_seconds):
            return claimed
    return None


async def claim_run(
    graph: Graph, run_id: str, worker: str, *, jobs: Jobs = JOBS, stale_seconds: float = STALE_SECONDS
) -> ClaimedRun | None:
    """Claim one run; ``None`` if it is not waiting, not due yet, or has a live worker."""
    _, claimed = await graph.write(
        query("jobs/runs/lock", run_id=run_id),
        query("jobs/runs/claim", run_id=run_id, worker=worker, stale_seconds=stale_seconds),
    )
    if not claimed:
        return None
    run = job_run(claimed[0]["run"])
    return ClaimedRun(find_job(run.job, jobs), run, worker)


async def history(graph: Graph, name: str | None = None, first: int = 20, *, jobs: Jobs = JOBS) -> list[JobRun]:
    """The latest runs of one job or of all, newest first. ``NotFoundError`` for an unknown job."""
    names = [find_job(name, jobs).name] if name else [spec.name for spec in jobs]
    rows = await graph.read(query("jobs/runs/history", jobs=names, at=END_OF_TIME, key="", first=first))
    return [job_run(row["run"]) for row in rows]


async def read_run(graph: Graph, run_id: str) -> JobRun:
    """One run; ``NotFoundError`` for an unknown id."""
    rows = await graph.read(query("jobs/runs/read", run_id=run_id))
    if not rows:
        raise NotFoundError(f"no job run {quoted(run_id)}")
    return job_run(rows[0]["run"])


def job_ended(run: Mapping[str, Any], actor: Actor | None = None) -> NewEvent:
    """The event that a run ended; by the job itself unless an actor is given."""
    facts = {"job": run["job"], "state": run["state"], "edges_written": run.get("edges_written")}
    return NewEvent(EventKind.JOB_ENDED, actor or job_actor(run["job"]), [f"JobRun:{run['run_id']}"], payload=facts)


def job_run(properties: Mapping[str, Any]) -> JobRun:
    """Record of the properties of a ``JobRun`` node."""
    return JobRun(**{f.name: properties[f.name] for f in fields(JobRun) if f.name in properties})


async def _create(
    graph: Graph,
    spec: JobSpec[Any],
    worker: str,
    *,
    slot: str | None,
    params: Mapping[str, object],
    requested_at: datetime | None,
    trigger: str,
    actor: Actor | None = None,
) -> ClaimedRun:
    _, _, said = tailored(spec, params)
    run_id = uuid.uuid4().hex
    statement = query(
        "jobs/runs/create",
        run_id=run_id,
        job=spec.name,
        job_version=spec.version,
        slot=slot,
        trigger=trigger,
        params=said,
        worker=worker,
        requested_at=requested_at,
        by=None if actor is None else str(actor),
        on_behalf_of=None if actor is None else actor.on_behalf_of,
    )
    audits = [] if actor is None else [audit_statement(actor, "run_job", [f"JobRun:{run_id}"], detail=spec.name)]
    [[row], *_] = await graph.write(statement, *audits)
    return ClaimedRun(spec, job_run(row["run"]), worker)
