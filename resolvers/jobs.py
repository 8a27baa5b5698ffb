"""Runs of jobs: one, pages of many, the last ones of many jobs, and one followed to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.model.errors import NotFoundError
from graph.model.nodes import JobRun
from graph.ports import Graph
from resolvers.cursors import TIME_START, Place, check_first, place_after
from resolvers.records import Page
from resolvers.rows import page_of, record_of

WAITING = ("requested", "running")
"""States of a run that has not ended."""
LISTING = "job runs"


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last run of a job, and the last that succeeded."""

    last: JobRun | None
    succeeded: JobRun | None


async def get_run(graph: Graph, run_id: str) -> JobRun:
    """One run; ``NotFoundError`` for an unknown id."""
    rows = await graph.read(query("jobs/runs/read", run_id=run_id))
    if not rows:
        raise NotFoundError(f"no job run {run_id!r:.80}; `jobRuns` lists those that are stored")
    return record_of(JobRun, rows[0]["run"])


async def list_runs(graph: Graph, jobs: Sequence[str], first: int, after: str | None = None) -> Page[JobRun]:
    """One page of the runs of these jobs, newest first."""
    place = place_after(after, LISTING, TIME_START)
    limit = check_first(first) + 1
    rows = await graph.read(query("jobs/runs/history", jobs=list(jobs), at=place.at, key=place.key, first=limit))
    return page_of([record_of(JobRun, row["run"]) for row in rows], first, LISTING, _place)


async def last_runs(graph: Graph, jobs: Sequence[str]) -> dict[str, LastRuns]:
    """The last runs of many jobs."""
    [row] = await graph.read(query("jobs/runs/last", jobs=list(jobs)))
    return {one["job"]: LastRuns(*(_run(one[name]) for name in ("last", "succeeded"))) for one in row["found"]}


async def follow_run(graph: Graph, run_id: str, *, seconds: float) -> AsyncGenerator[JobRun, None]:
    """A run now and at each change, read every ``seconds``, until it has ended. ``NotFoundError`` for an unknown id."""
    shown: JobRun | None = None
    while True:
        run = await get_run(graph, run_id)
        if shown is None or _visible(run) != _visible(shown):
            shown = run
            yield run
        if run.state not in WAITING:
            return
        await asyncio.sleep(seconds)


def _visible(run: JobRun) -> tuple[object, ...]:
    """Fields that make another message; a heartbeat alone does not."""
    return (
        run.state,
        run.attempt,
        run.error,
        run.next_attempt_at,
        run.cancel_requested_at,
        run.progress_done,
        run.progress_total,
        run.progress_what,
    )


def _run(properties: dict[str, object] | None) -> JobRun | None:
    return None if properties is None else record_of(JobRun, properties)


def _place(run: JobRun) -> Place:
    return Place(run.requested_at or TIME_START.at, run.run_id)
