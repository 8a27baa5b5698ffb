"""The consumer ``ingest_trigger``: requests runs of jobs because crashes have arrived or were deleted.

Events signal that crashes arrived; the runs of each job show whether it has seen them, since a run stores the watermark of
the crashes it could see (:mod:`jobs.watermark`). The consumer does not advance past crashes that some job has not seen, so a
worker that takes over finds them again. The slot of a requested run is named after the job's last run; because slots are
unique, the run is requested only once.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from graph.cypher import query
from graph.knowledge.events import events_since
from graph.model.convert import record
from graph.model.errors import ConflictError
from graph.model.events import EventKind
from graph.model.nodes import JobRun
from graph.ports import Graph
from jobs.consumer import ConsumerSpec, ConsumerWork
from jobs.spec import JobSpec
from jobs.watermark import Arrivals, arrivals_since, watermark_of

log = structlog.get_logger(__name__)

ARRIVALS = (EventKind.CRASHES_STORED, EventKind.CRASHES_DELETED)
"""Events after which jobs run again."""
POLL_SECONDS = 2.0
"""Interval between reads of the events."""


@dataclass(slots=True)
class TriggeredRuns:
    """Runs requested now, and whether some job has not seen all crashes."""

    requested: list[JobRun] = field(default_factory=list)
    pending: bool = False


async def run(work: ConsumerWork) -> None:
    """Request runs until cancelled; the watermark is the position of an event."""
    reached, pending = int(work.watermark or 0), work.watermark is None
    while True:
        page = await events_since(work.graph, reached, ARRIVALS)
        reached = page.watermark
        if pending or page.events or page.missed:
            triggered = await trigger_runs(work.graph, work.jobs)
            pending = triggered.pending
            for requested in triggered.requested:
                log.info("job requested because crashes arrived", job=requested.job, run_id=requested.run_id)
        if not pending and str(reached) != work.watermark:
            await work.advance(str(reached))
        await asyncio.sleep(POLL_SECONDS)


async def trigger_runs(graph: Graph, jobs: Sequence[JobSpec[Any]]) -> TriggeredRuns:
    """Request a run of each job that follows ingest and is due."""
    specs = [spec for spec in jobs if spec.after_ingest]
    triggered = TriggeredRuns()
    if not specs:
        return triggered
    [row] = await graph.read(query("jobs/runs/last", jobs=[spec.name for spec in specs]))
    for spec, runs in zip(specs, row["rows"], strict=True):
        last, succeeded = (record(JobRun, runs[name]) if runs[name] else None for name in ("last", "succeeded"))
        if last is not None and last.state in ("requested", "running"):
            triggered.pending = True
            continue
        seen = watermark_of(succeeded)
        arrivals = await arrivals_since(graph, seen)
        if arrivals.watermark == seen:
            continue
        triggered.pending = True
        if is_time(spec, last, arrivals):
            triggered.requested += await _request(graph, spec, last)
    return triggered


def is_time(spec: JobSpec[Any], last: JobRun | None, arrivals: Arrivals) -> bool:
    """Whether the crashes that arrived have waited long enough.

    Not before ``at_most_every_seconds`` since the last run began; then as soon as no crash has come for ``quiet_seconds``,
    or, while crashes keep coming, ``at_most_every_seconds`` after the first of them. A crash received in the future, by a
    clock that is ahead, counts as quiet, and a run that began in the future as one that began long ago.
    """
    now, every = arrivals.now, timedelta(seconds=spec.at_most_every_seconds)
    began = last and (last.started_at or last.requested_at)
    if began and began <= now < began + every:
        return False
    latest, first = arrivals.watermark.latest, arrivals.first
    quiet = latest is None or not latest <= now < latest + timedelta(seconds=spec.quiet_seconds)
    return quiet or (first is not None and now >= first + every)


async def _request(graph: Graph, spec: JobSpec[Any], last: JobRun | None) -> list[JobRun]:
    slot = f"{spec.name}@after {last.run_id if last else 'nothing'}"
    statement = query("jobs/runs/request_after_ingest", run_id=uuid.uuid4().hex, job=spec.name, slot=slot)
    try:
        [[row]] = await graph.write(statement)
    except ConflictError:
        return []
    return [record(JobRun, row["run"])]


CONSUMER = ConsumerSpec(
    name="ingest_trigger",
    version="2026-11-29",
    help="Requests a run of each job that follows ingest, once crashes have arrived and no more have come for a while.",
    reads=("Event", "EventLog", "Crash", "JobRun"),
    writes=("JobRun",),
    run=run,
)
