"""Asks for runs because crashes have arrived.

Everything is read from the graph, so any number of workers come to the same answer, and one that starts knows what the
last one knew: the last run of a job says what it could see (:mod:`jobs.seen`). The run that is asked for is named after
the job's last run, and the uniqueness of that name lets one worker ask once.
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
from jobs.seen import Arrived, arrived_since, mark_of
from jobs.spec import JobSpec


async def request_after_ingest(graph: Graph, jobs: Sequence[JobSpec[Any]]) -> list[JobRun]:
    """Ask for a run of each job that is to follow what was ingested, where it is time to; the runs that were asked for."""
    specs = [spec for spec in jobs if spec.after_ingest]
    if not specs:
        return []
    [row] = await graph.read(query("jobs/last_runs", jobs=[spec.name for spec in specs]))
    asked = []
    for spec, found in zip(specs, row["found"], strict=True):
        last, succeeded = (job_run(found[name]) if found[name] else None for name in ("last", "succeeded"))
        if last is not None and last.state in ("requested", "running"):
            continue
        arrived = await arrived_since(graph, mark_of(succeeded))
        if arrived.mark != mark_of(succeeded) and is_time(spec, last, arrived):
            asked += await _ask(graph, spec, last)
    return asked


def is_time(spec: JobSpec[Any], last: JobRun | None, arrived: Arrived) -> bool:
    """Whether what arrived has waited long enough.

    Not before ``at_most_every_seconds`` since the last run began; then as soon as no crash has come for ``quiet_seconds``,
    or, where it never gets quiet, ``at_most_every_seconds`` after the first that was not seen. A crash from a clock that
    is ahead counts as quiet.
    """
    now, every = arrived.now, timedelta(seconds=spec.at_most_every_seconds)
    began = last and (last.started_at or last.requested_at)
    if began and now < began + every:
        return False
    latest, first = arrived.mark.latest, arrived.first
    quiet = latest is None or not latest <= now < latest + timedelta(seconds=spec.quiet_seconds)
    return quiet or (first is not None and now >= first + every)


async def _ask(graph: Graph, spec: JobSpec[Any], last: JobRun | None) -> list[JobRun]:
    slot = f"{spec.name}@after {last.run_id if last else 'nothing'}"
    try:
        [[row]] = await graph.write(query("jobs/request_after_ingest", run_id=uuid.uuid4().hex, job=spec.name, slot=slot))
    except ConflictError:
        return []
    return [job_run(row["run"])]
