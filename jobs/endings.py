"""Records how an attempt ended: succeeded, superseded, failed, cancelled, or put back for another attempt."""

from __future__ import annotations

import json
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from graph.cypher import query
from graph.knowledge.events import append_events
from graph.model.errors import CrashgraphError, GraphError, IntegrityError, QueryError
from graph.model.nodes import JobRun
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_record, wait_seconds
from jobs import metrics
from jobs.claims import ClaimedRun, job_ended, job_run, read_run
from jobs.options import tailored
from jobs.publish import Published
from jobs.spec import Progress, Work
from jobs.watermark import Watermark

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Attempt:
    """A run in progress. ``began`` is on the performance counter."""

    claimed: ClaimedRun
    began: float
    params: str | None
    watermark: Watermark = field(default_factory=Watermark)
    counts: dict[str, float] = field(default_factory=dict)
    work: Work[Any] | None = None

    @property
    def progressed(self) -> Progress:
        """Progress as the job reported it last."""
        return self.work.progressed if self.work else Progress()

    def stop(self) -> None:
        """Signal the job, which may compute in a thread of its own, that its result is no longer needed."""
        if self.work:
            self.work.stopped = True


def ending(attempt: Attempt, published: Published) -> Statement:
    """The statement that ends an attempt after the job has finished."""
    if published.missing and not published.superseded:
        attempt.counts["edges_without_ends"] = published.missing
    return _end(attempt, "superseded" if published.superseded else "succeeded", published, None)


async def release(graph: Graph, attempt: Attempt) -> None:
    """Give the run back, so that another worker may claim it."""
    await graph.write(query("jobs/runs/release", run_id=attempt.claimed.run.run_id, worker=attempt.claimed.worker))


async def finish(graph: Graph, attempt: Attempt, state: str, error: str) -> JobRun:
    """Record an end without output; if another worker has taken the run, return its record unchanged."""
    end = _end(attempt, state, None, error)

    async def work(tx: Transaction) -> list[Row]:
        rows = await tx.run(end)
        if rows:
            await tx.run(append_events([job_ended(rows[0]["run"])]))
        return rows

    rows = await retry_record(lambda: graph.transact(work))
    return finished(job_run(rows[0]["run"])) if rows else await read_run(graph, attempt.claimed.run.run_id)


async def fail(graph: Graph, attempt: Attempt, failure: Exception) -> JobRun:
    """Put the run back for another attempt if a retry may succeed, else end it."""
    run, worker = attempt.claimed.run, attempt.claimed.worker
    spec, reason = _limits(attempt.claimed), reason_of(failure)
    if not may_pass(failure):
        return await finish(graph, attempt, "failed", reason)
    if run.attempt >= spec.max_attempts:
        return await finish(graph, attempt, "failed", f"{reason}; given up after {run.attempt} attempts")
    wait = wait_seconds(run.attempt, spec.retry_seconds)
    statement = query("jobs/runs/retry", run_id=run.run_id, worker=worker, error=reason, wait_seconds=wait)
    [rows] = await retry_record(lambda: graph.write(statement))
    if not rows:
        return await finish(graph, attempt, "cancelled", "cancelled while it ran")
    metrics.retried(run)
    retried = {"job": run.job, "run_id": run.run_id, "attempt": run.attempt, "wait_seconds": round(wait, 1)}
    log.warning("job will be retried", **retried, error=reason)
    return job_run(rows[0]["run"])


def finished(run: JobRun) -> JobRun:
    """Count and log a run that ended."""
    metrics.finished(run)
    log.info(
        "job finished",
        job=run.job,
        run_id=run.run_id,
        state=run.state,
        edges_written=run.edges_written,
        edges_removed=run.edges_removed,
        nodes_written=run.nodes_written,
        nodes_removed=run.nodes_removed,
        seconds=round(run.duration_seconds or 0.0, 3),
        **({"error": run.error} if run.error else {}),
    )
    return run


def may_pass(failure: Exception) -> bool:
    """Whether a retry may succeed: the graph was unavailable or another writer won."""
    if isinstance(failure, GraphError):
        return not isinstance(failure, QueryError | IntegrityError)
    return isinstance(failure, ConnectionError | TimeoutError)


def reason_of(failure: Exception) -> str:
    """The reason, without secrets: messages of our own errors; of others only the class and the place."""
    if isinstance(failure, CrashgraphError):
        return f"{failure.code}: {failure}"
    at = traceback.extract_tb(failure.__traceback__)[-1]
    return f"unexpected {type(failure).__name__} in {at.name} ({Path(at.filename).name}:{at.lineno}); see the worker's log"


def _limits(claimed: ClaimedRun) -> Any:
    """The job with the options of this run, or as declared if they are invalid."""
    try:
        return tailored(claimed.spec, json.loads(claimed.run.params or "{}"))[0]
    except CrashgraphError:
        return claimed.spec


def _end(attempt: Attempt, state: str, published: Published | None, error: str | None) -> Statement:
    return query(
        "jobs/runs/finish",
        run_id=attempt.claimed.run.run_id,
        worker=attempt.claimed.worker,
        state=state,
        job_version=attempt.claimed.spec.version,
        params=attempt.params,
        duration_seconds=time.perf_counter() - attempt.began,
        edges_written=published and published.edges_written,
        edges_removed=published and published.edges_removed,
        nodes_written=published and published.nodes_written,
        nodes_removed=published and published.nodes_removed,
        counts=json.dumps(attempt.counts, sort_keys=True),
        error=error,
        read_until=attempt.watermark.latest,
        crashes_seen=attempt.watermark.crashes,
    )
