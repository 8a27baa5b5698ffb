"""Job runs: one by its id, pages, and the latest per job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.model.actor import Scope
from graph.model.errors import NotFoundError
from graph.model.nodes import JobRun
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.ports import Graph, Reader
from resolvers.cursors import END_OF_TIME, TIME_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import page_of, record_of

WAITING = ("requested", "running")
"""States of a run that has not ended."""
LISTING = "job runs"


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The latest run of a job, and the latest that succeeded."""

    last: JobRun | None
    succeeded: JobRun | None


@needs(Scope.READ)
async def get_run(graph: Reader, run_id: str) -> JobRun:
    """One run; ``NotFoundError`` if the id is unknown."""
    rows = await graph.read(query("jobs/runs/read", run_id=run_id))
    if not rows:
        raise NotFoundError(f"no job run {quoted(run_id)}; `jobRuns` lists those that are stored")
    return record_of(JobRun, rows[0]["run"])


@needs(Scope.READ)
async def runs_by_id(graph: Reader, ids: Sequence[str]) -> dict[str, JobRun]:
    """The runs with these ids; unknown ids are omitted."""
    rows = await graph.read(query("jobs/runs/by_ids", ids=list(ids)))
    return {row["run"]["run_id"]: record_of(JobRun, row["run"]) for row in rows}


@needs(Scope.READ)
async def list_runs(graph: Graph, jobs: Sequence[str], first: int, after: str | None = None) -> PageOf[JobRun]:
    """One page of the runs of these jobs, newest first."""
    start = position_after(after, LISTING, TIME_START)
    limit = check_first(first) + 1
    rows = await graph.read(query("jobs/runs/history", jobs=list(jobs), at=start.value, key=start.key, first=limit))
    return page_of([record_of(JobRun, row["run"]) for row in rows], first, LISTING, _position, after=after)


@needs(Scope.READ)
async def last_runs(graph: Graph, jobs: Sequence[str]) -> dict[str, LastRuns]:
    """The latest runs of each of many jobs."""
    [row] = await graph.read(query("jobs/runs/last", jobs=list(jobs)))
    return {item["job"]: LastRuns(_run(item["last"]), _run(item["succeeded"])) for item in row["rows"]}


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


def _position(run: JobRun) -> Position:
    return Position(run.requested_at or END_OF_TIME, run.run_id)
