"""The consumer ``ingest_trigger``: requests runs of jobs because crashes have arrived.

The state is in the graph, so a worker that takes over continues where the last one was: a run stores the watermark of the
crashes it could see (:mod:`jobs.watermark`). The slot of a requested run is named after the job's last run, and its uniqueness
lets the run be requested once.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from graph.cypher import query
from graph.model.convert import record
from graph.model.errors import ConflictError
from graph.model.nodes import JobRun
from graph.ports import Graph
from jobs.consumer import ConsumerSpec, ConsumerWork
from jobs.spec import JobSpec
from jobs.watermark import Arrivals, arrivals_since, watermark_of

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
"""How often it looks for crashes."""


async def run(work: ConsumerWork) -> None:
    """Request runs until cancelled; the watermark is when the last one was requested."""
    while True:
        for requested in await request_after_ingest(work.graph, work.jobs):
            log.info("job requested because crashes arrived", job=requested.job, run_id=requested.run_id)
            await work.advance(work.ports.clock.now().isoformat())
        await asyncio.sleep(POLL_SECONDS)


async def request_after_ingest(graph: Graph, jobs: Sequence[JobSpec[Any]]) -> list[JobRun]:
    """Request a run of each job that follows ingest, where it is time to; returns the requested runs."""
    specs = [spec for spec in jobs if spec.after_ingest]
    if not specs:
        return []
    [row] = await graph.read(query("jobs/runs/last", jobs=[spec.name for spec in specs]))
    requested = []
    for spec, runs in zip(specs, row["found"], strict=True):
        last, succeeded = (record(JobRun, runs[name]) if runs[name] else None for name in ("last", "succeeded"))
        if last is not None and last.state in ("requested", "running"):
            continue
        arrivals = await arrivals_since(graph, watermark_of(succeeded))
        if arrivals.watermark != watermark_of(succeeded) and is_time(spec, last, arrivals):
            requested += await _request(graph, spec, last)
    return requested


def is_time(spec: JobSpec[Any], last: JobRun | None, arrivals: Arrivals) -> bool:
    """Whether the crashes that arrived have waited long enough.

    Not before ``at_most_every_seconds`` since the last run began; then as soon as no crash has come for ``quiet_seconds``,
    or, while crashes keep coming, ``at_most_every_seconds`` after the first of them. A crash received in the future, by a
    clock that is ahead, counts as quiet.
    """
    now, every = arrivals.now, timedelta(seconds=spec.at_most_every_seconds)
    began = last and (last.started_at or last.requested_at)
    if began and now < began + every:
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
    help="Requests a run of each job that follows ingest, once crashes have arrived and it is quiet.",
    reads=("Crash", "JobRun"),
    writes=("JobRun",),
    run=run,
)
