"""Runs of jobs: one, pages of many, and the last of many jobs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.model.errors import NotFoundError
from graph.model.nodes import JobRun
from graph.ports import Graph, Reader
from resolvers.cursors import TIME_START, Place, check_first, place_after
from resolvers.records import Page
from resolvers.rows import page_of, record_of

WAITING = ("requested", "running")
"""States of a run that has not ended."""
LISTING = "job runs"


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last run of a job that was asked for, and the last that succeeded."""

    last: JobRun | None
    succeeded: JobRun | None


async def get_run(graph: Reader, run_id: str) -> JobRun:
    """One run; ``NotFoundError`` if there is none of that id."""
    rows = await graph.read(query("jobs/read_run", run_id=run_id))
    if not rows:
        raise NotFoundError(f"no job run {run_id!r:.80}; `jobRuns` lists those that are stored")
    return record_of(JobRun, rows[0]["run"])


async def list_runs(graph: Graph, jobs: Sequence[str], first: int, after: str | None = None) -> Page[JobRun]:
    """One page of the runs of these jobs, newest first."""
    place = place_after(after, LISTING, TIME_START)
    limit = check_first(first) + 1
    rows = await graph.read(query("jobs/run_history", jobs=list(jobs), at=place.at, key=place.key, first=limit))
    return page_of([record_of(JobRun, row["run"]) for row in rows], first, LISTING, _place)


async def last_runs(graph: Graph, jobs: Sequence[str]) -> dict[str, LastRuns]:
    """The last runs of many jobs."""
    [row] = await graph.read(query("jobs/last_runs", jobs=list(jobs)))
    return {one["job"]: LastRuns(*(_run(one[name]) for name in ("last", "succeeded"))) for one in row["found"]}


def run_changed(run: JobRun, shown: JobRun) -> bool:
    """True if a subscriber should see the run again; a heartbeat alone is no change."""
    return _visible(run) != _visible(shown)


def _visible(run: JobRun) -> tuple[object, ...]:
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
