"""Requests runs of jobs because crashes have arrived.

Everything is read from the graph, so any number of workers come to the same answer, and one that starts knows what the
last one knew: the last run of a job says what it could see (:mod:`jobs.watermark`). The requested run is named after the
job's last run, and the uniqueness of that name lets one worker request it once.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from graph.cypher import query
from graph.model.errors import ConflictError
from graph.model.nodes import JobRun
from graph.ports import Graph
from jobs.claims import job_run
from jobs.spec import JobSpec
from jobs.watermark import Arrivals, arrivals_since, watermark_of


async def request_after_ingest(graph: Graph, jobs: Sequence[JobSpec[Any]]) -> list[JobRun]:
    """Request a run of each job that follows ingest, where it is time to; returns the requested runs."""
    specs = [spec for spec in jobs if spec.after_ingest]
    if not specs:
        return []
    [row] = await graph.read(query("jobs/runs/last", jobs=[spec.name for spec in specs]))
    requested = []
    for spec, runs in zip(specs, row["found"], strict=True):
        last, succeeded = (job_run(runs[name]) if runs[name] else None for name in ("last", "succeeded"))
        if last is not None and last.state in ("requested", "running"):
            continue
        arrivals = await arrivals_since(graph, watermark_of(succeeded))
        if arrivals.watermark != watermark_of(succeeded) and is_time(spec, last, arrivals):
            requested += await _request(graph, spec, last)
    return requested


def is_time(spec: JobSpec[Any], last: JobRun | None, arrivals: Arrivals) -> bool:
    """Whether the crashes that arrived have waited long enough.

    Not before ``at_most_every_seconds`` since the last run began; then as soon as no crash has come for ``quiet_seconds``,
    or, where crashes keep coming, ``at_most_every_seconds`` after the first of them. A crash whose time is in the future,
    from a clock that is ahead, counts as quiet.
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
    return [job_run(row["run"])]
