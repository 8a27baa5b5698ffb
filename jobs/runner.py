"""Does one run: streams the job's edges into the graph and records how it went."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import traceback
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog

from graph.cypher import query
from graph.model.errors import CrashgraphError, GraphError, JobError, LostClaimError
from graph.model.nodes import JobRun
from graph.model.statement import Statement
from graph.ports import Graph
from jobs import metrics
from jobs.claims import MOST_ATTEMPTS, Claimed, Jobs, begin, read_run, worker_name
from jobs.edges import check_edge, check_spec, merge_edges, remove_stale
from jobs.registry import JOBS, find_job
from jobs.spec import Edge, Work, parse_params

log = structlog.get_logger(__name__)

BATCH = 1000
"""Edges written in one transaction."""
STALE_BATCH = 10_000
"""Stale edges removed in one transaction."""
HEARTBEAT_SECONDS = 10.0


@dataclass(slots=True)
class _Tally:
    """What a run has done so far."""

    params: str | None = None
    written: int = 0
    removed: int = 0
    counts: dict[str, float] = field(default_factory=dict)


async def run_now(graph: Graph, name: str, params: Mapping[str, object] | None = None, *, jobs: Jobs = JOBS) -> JobRun:
    """Run a job in this process and wait for its end. The record says whether it ``succeeded`` or ``failed`` and why.

    ``NotFoundError`` if there is no such job, ``InvalidInputError`` if the parameters are not its.
    """
    claimed = await begin(graph, find_job(name, jobs), params or {}, worker_name())
    return await execute(graph, claimed, give_back=False)


async def execute(
    graph: Graph, claimed: Claimed, *, give_back: bool = True, heartbeat_seconds: float = HEARTBEAT_SECONDS
) -> JobRun:
    """Do a claimed run to its end and return its record.

    A job's failure is recorded, not raised. When this is cancelled, the run is given back to be claimed by
    another worker, or with ``give_back`` off is recorded as failed, and the cancellation goes on. If the run
    was meanwhile taken over, it is left alone and its record returned as it is.
    """
    began = time.perf_counter()
    tally = _Tally(params=claimed.run.params)
    bound = log.bind(job=claimed.spec.name, run_id=claimed.run.run_id, attempt=claimed.run.attempt)
    bound.info("job started", worker=claimed.worker)
    metrics.started(claimed.run)
    error: str | None = None
    try:
        with metrics.RUNNING.labels(claimed.spec.name).track_inprogress():
            await _while_alive(graph, claimed, _work(graph, claimed, tally), heartbeat_seconds)
    except LostClaimError:
        bound.warning("job run was taken over by another worker")
        return await read_run(graph, claimed.run.run_id)
    except asyncio.CancelledError:
        bound.info("job cancelled", given_back=give_back)
        await asyncio.shield(_cancelled(graph, claimed, tally, began, give_back=give_back))
        raise
    except Exception as failure:  # noqa: BLE001
        # Whatever a job raises ends its run and nothing else; the log has the traceback, the graph the reason.
        bound.exception("job failed")
        error = _reason(failure)
    return await _finish(graph, claimed, tally, began, error)


async def _work(graph: Graph, claimed: Claimed, tally: _Tally) -> None:
    """Merge all edges first and remove the stale ones after, so that there is never a window without edges."""
    spec, claim = claimed.spec, claimed.claim
    check_spec(spec)
    if claimed.run.attempt > MOST_ATTEMPTS:
        raise JobError(f"given up after {MOST_ATTEMPTS} attempts whose workers died; see their logs")
    params = parse_params(spec, json.loads(claimed.run.params or "{}"))
    tally.params = json.dumps(asdict(params), sort_keys=True)
    work: Work[Any] = Work(graph, params, claim.run_id, tally.counts)
    async with contextlib.aclosing(_stream(claimed, work)) as batches:
        async for batch in batches:
            await _write(graph, claimed, batch, tally)
    for type_ in spec.writes:
        removed = STALE_BATCH
        while removed == STALE_BATCH:
            removed = await _held(graph, remove_stale(type_, claim, STALE_BATCH), "removed")
            tally.removed += removed


async def _stream(claimed: Claimed, work: Work[Any]) -> AsyncGenerator[list[Edge], None]:
    """The job's edges, checked, in batches of one size."""
    waiting: list[Edge] = []
    async for found in claimed.spec.run(work):
        for edge in found:
            check_edge(claimed.spec, edge)
        waiting.extend(found)
        while len(waiting) >= BATCH:
            yield waiting[:BATCH]
            del waiting[:BATCH]
    if waiting:
        yield waiting


async def _write(graph: Graph, claimed: Claimed, batch: Sequence[Edge], tally: _Tally) -> None:
    by_type: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in batch:
        by_type[edge.type].append(edge)
    for type_, edges in by_type.items():
        written = await _held(graph, merge_edges(claimed.spec, type_, edges, claimed.claim), "written")
        tally.written += written
        if written < len(edges):
            tally.counts["edges_without_ends"] = tally.counts.get("edges_without_ends", 0) + len(edges) - written


async def _held(graph: Graph, statement: Statement, column: str) -> int:
    """The count a claimed statement returned; ``LostClaimError`` if the claim is gone."""
    [rows] = await graph.write(statement)
    if not rows:
        raise LostClaimError("the run is no longer this worker's")
    return int(rows[0][column])


async def _while_alive(graph: Graph, claimed: Claimed, work: Coroutine[Any, Any, None], seconds: float) -> None:
    """Do ``work`` with a heartbeat beside it; the end of either ends both."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(_beat(graph, claimed, seconds))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        (tasks[0] if tasks[0] in done else tasks[1]).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _beat(graph: Graph, claimed: Claimed, seconds: float) -> None:
    """Say every ``seconds`` that the worker is alive, until the run is no longer its."""
    while True:
        await asyncio.sleep(seconds)
        try:
            [rows] = await graph.write(query("jobs/beat_run", run_id=claimed.run.run_id, worker=claimed.worker))
        except GraphError as error:
            log.warning("job heartbeat failed", run_id=claimed.run.run_id, error=str(error))
            continue
        if not rows:
            raise LostClaimError("the run is no longer this worker's")


async def _cancelled(graph: Graph, claimed: Claimed, tally: _Tally, began: float, *, give_back: bool) -> None:
    if give_back:
        await graph.write(query("jobs/release_run", run_id=claimed.run.run_id, worker=claimed.worker))
    else:
        await _finish(graph, claimed, tally, began, "cancelled before it ended")


async def _finish(graph: Graph, claimed: Claimed, tally: _Tally, began: float, error: str | None) -> JobRun:
    statement = query(
        "jobs/finish_run",
        run_id=claimed.run.run_id,
        worker=claimed.worker,
        state="failed" if error else "succeeded",
        job_version=claimed.spec.version,
        params=tally.params,
        duration_seconds=time.perf_counter() - began,
        edges_written=tally.written,
        edges_removed=tally.removed,
        counts=json.dumps(tally.counts, sort_keys=True),
        error=error,
    )
    [rows] = await graph.write(statement)
    if not rows:
        return await read_run(graph, claimed.run.run_id)
    run = await read_run(graph, claimed.run.run_id)
    metrics.finished(run)
    log.info(
        "job finished",
        job=run.job,
        run_id=run.run_id,
        state=run.state,
        edges_written=run.edges_written,
        edges_removed=run.edges_removed,
        seconds=round(run.duration_seconds or 0.0, 3),
    )
    return run


def _reason(failure: Exception) -> str:
    """Why, without secrets: our own messages are written to be shown; of others only the kind and the place."""
    if isinstance(failure, CrashgraphError):
        return f"{failure.code}: {failure}"
    at = traceback.extract_tb(failure.__traceback__)[-1]
    return f"unexpected {type(failure).__name__} in {at.name} ({Path(at.filename).name}:{at.lineno}); see the worker's log"
