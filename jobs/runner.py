"""Does one run: lets the job find its edges, puts them into the graph at once, and records how it went."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import structlog

from graph.cypher import query
from graph.knowledge.events import append_events
from graph.model.actor import Actor, job_actor
from graph.model.errors import (
    CancelledRunError,
    CrashgraphError,
    GraphError,
    IntegrityError,
    JobError,
    LostClaimError,
    QueryError,
)
from graph.model.nodes import JobRun
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from jobs import metrics
from jobs.backoff import wait_seconds
from jobs.claims import RUNNER, Claimed, Jobs, begin, cancel_run, claim_run, job_ended, job_run, read_run, worker_name
from jobs.edges import check_edge, check_spec
from jobs.options import RunOptions, tailored
from jobs.publish import Found, Published, publish
from jobs.registry import JOBS, find_job
from jobs.seen import Mark, arrived_since, mark_of, unbroken
from jobs.spec import Progress, Work

log = structlog.get_logger(__name__)

T = TypeVar("T")

HEARTBEAT_SECONDS = 10.0
PROGRESS_SECONDS = 1.0
"""The graph is told of progress at most so often."""
RECORD_ATTEMPTS = 3
"""How often to try to record how a run ended; each try is retried by the driver for a while."""

OnProgress: TypeAlias = Callable[[Progress], None]
"""Called in the runner's own loop when a job has said how far it is."""


@dataclass(slots=True)
class _Doing:
    """What a run is at."""

    claimed: Claimed
    began: float
    params: str | None
    mark: Mark = field(default_factory=Mark)
    counts: dict[str, float] = field(default_factory=dict)
    work: Work[Any] | None = None

    @property
    def progressed(self) -> Progress:
        """How far the job is."""
        return self.work.progressed if self.work else Progress()

    def stop(self) -> None:
        """Tell the job, which may calculate in a thread of its own, that nobody waits for it."""
        if self.work:
            self.work.stopped = True


async def run_now(
    graph: Graph,
    name: str,
    params: Mapping[str, object] | None = None,
    *,
    actor: Actor = RUNNER,
    jobs: Jobs = JOBS,
    on_progress: OnProgress | None = None,
) -> JobRun:
    """Run a job in this process and wait for its end, further attempts included. The record says how it ended.

    ``NotFoundError`` if there is no such job, ``InvalidInputError`` if the parameters are not its.
    """
    worker = worker_name()
    claimed: Claimed | None = await begin(graph, find_job(name, jobs), params or {}, worker, actor=actor)
    assert claimed
    run = claimed.run
    try:
        while True:
            if claimed is not None:
                run = await execute(graph, claimed, give_back=False, on_progress=on_progress)
            if run.state not in ("requested", "running"):
                return run
            await asyncio.sleep(0.5 if run.next_attempt_at is None else 0.1)
            # A worker may have it by now; then its end is waited for.
            claimed = await claim_run(graph, run.run_id, worker, jobs=jobs)
            run = claimed.run if claimed else await read_run(graph, run.run_id)
    except asyncio.CancelledError:
        if run.state == "requested":
            await asyncio.shield(cancel_run(graph, run.run_id, actor=actor))
        raise


async def execute(
    graph: Graph,
    claimed: Claimed,
    *,
    give_back: bool = True,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    on_progress: OnProgress | None = None,
) -> JobRun:
    """Do one attempt of a claimed run and return its record.

    A job's failure is recorded, not raised: the run ends as ``failed``, or waits for its next attempt where the failure
    may pass. When this is cancelled, the run is given back to be claimed by another worker, or with ``give_back`` off ends
    as ``cancelled``, and the cancellation goes on. If the run was meanwhile taken over, it is left alone and its record
    returned as it is.
    """
    doing = _Doing(claimed, time.perf_counter(), claimed.run.params)
    bound = log.bind(job=claimed.spec.name, run_id=claimed.run.run_id, attempt=claimed.run.attempt)
    bound.info("job started", worker=claimed.worker)
    metrics.started(claimed.run)
    try:
        with metrics.RUNNING.labels(claimed.spec.name).track_inprogress():
            ended = await _while_alive(graph, doing, _attempt(graph, doing), heartbeat_seconds, on_progress)
        return _told(job_run(ended))
    except LostClaimError:
        bound.warning("job run was taken over by another worker")
        return await read_run(graph, claimed.run.run_id)
    except CancelledRunError as asked:
        return await _finish(graph, doing, "cancelled", str(asked))
    except asyncio.CancelledError:
        bound.info("job stopped", given_back=give_back)
        await asyncio.shield(_stopped(graph, doing, give_back=give_back))
        raise
    except Exception as failure:  # noqa: BLE001
        # Whatever a job raises ends its attempt and nothing else; the log has the traceback, the graph the reason.
        bound.exception("job failed")
        return await _failed(graph, doing, failure)
    finally:
        doing.stop()


async def _attempt(graph: Graph, doing: _Doing) -> Row:
    """Find the edges and publish them; the properties of the run, which has succeeded or was superseded."""
    run, spec = doing.claimed.run, doing.claimed.spec
    if run.cancel_requested_at is not None:
        raise CancelledRunError("cancelled before it began")
    check_spec(spec)
    spec, params, _ = tailored(spec, json.loads(run.params or "{}"))
    if run.attempt > spec.max_attempts:
        raise JobError(f"given up after {spec.max_attempts} attempts whose workers died; see their logs")
    doing.params = json.dumps({**asdict(params), **_options(spec, doing.claimed)}, sort_keys=True)
    try:
        async with asyncio.timeout(spec.timeout_seconds) as limit:
            found = await _find(graph, doing, params)
            return await publish(graph, doing.claimed, found, lambda done: _ending(doing, done))
    except TimeoutError:
        if not limit.expired():
            raise
        raise JobError(
            f"took longer than {spec.timeout_seconds:g} s; give it more with timeout_seconds, or less to look at"
        ) from None


async def _find(graph: Graph, doing: _Doing, params: Any) -> Found:
    """What the job found, checked."""
    spec, run = doing.claimed.spec, doing.claimed.run
    rows = await graph.read(query("jobs/published_run", job=spec.name, run_id=run.run_id))
    basis = job_run(rows[0]["run"]) if rows else None
    arrived = await arrived_since(graph, mark_of(basis))
    doing.mark = arrived.mark
    goes_on = _comparable(basis, doing) and unbroken(mark_of(basis), arrived)
    work: Work[Any] = Work(
        graph, params, run.run_id, job_actor(spec.name), doing.counts, mark_of(basis).latest if goes_on else None
    )
    doing.work = work
    found = Found(basis=basis.run_id if basis else None)
    async with contextlib.aclosing(spec.run(work)) as batches:  # type: ignore[type-var]  # an async generator
        async for batch in batches:
            for edge in batch:
                check_edge(spec, edge)
            found.edges.extend(batch)
    found.also, found.touched = work.also, work.touched
    if found.touched is not None and work.changed_since is None:
        raise JobError(f"job {spec.name} looked at a part only, though nothing was there to go on from")
    return found


def _comparable(basis: JobRun | None, doing: _Doing) -> bool:
    """Whether a run left the edges that this job would have left with the same parameters."""
    if basis is None or basis.state != "succeeded" or basis.job_version != doing.claimed.spec.version:
        return False
    return _without_options(basis.params) == _without_options(doing.params)


def _without_options(params: str | None) -> dict[str, object]:
    options = {option.name for option in dataclasses.fields(RunOptions)}
    return {name: value for name, value in json.loads(params or "{}").items() if name not in options}


def _options(spec: Any, claimed: Claimed) -> dict[str, object]:
    """The options that were given for this run."""
    given = json.loads(claimed.run.params or "{}")
    return {option.name: getattr(spec, option.name) for option in dataclasses.fields(RunOptions) if option.name in given}


async def _while_alive(
    graph: Graph, doing: _Doing, attempt: Coroutine[Any, Any, T], seconds: float, on_progress: OnProgress | None
) -> T:
    """Do the attempt with a heartbeat beside it; the end of either ends both."""
    task = asyncio.ensure_future(attempt)
    beats = asyncio.ensure_future(_beat(graph, doing, seconds, on_progress))
    try:
        await asyncio.wait([task, beats], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            beats.result()
        return task.result()
    finally:
        doing.stop()
        for each in (task, beats):
            each.cancel()
        await asyncio.gather(task, beats, return_exceptions=True)


async def _beat(graph: Graph, doing: _Doing, seconds: float, on_progress: OnProgress | None) -> None:
    """Say every ``seconds`` that the worker is alive, and sooner how far the job is, until the run is no longer its."""
    run, told, last = doing.claimed.run, Progress(), time.monotonic()
    while True:
        await asyncio.sleep(min(PROGRESS_SECONDS, seconds))
        now = doing.progressed
        if now == told and time.monotonic() - last < seconds:
            continue
        told, last = now, time.monotonic()
        if on_progress:
            on_progress(now)
        try:
            [rows] = await graph.write(
                query(
                    "jobs/beat_run",
                    run_id=run.run_id,
                    worker=doing.claimed.worker,
                    done=now.done,
                    total=now.total,
                    what=now.what,
                )
            )
        except GraphError as error:
            log.warning("job heartbeat failed", run_id=run.run_id, error=str(error))
            continue
        if not rows:
            raise LostClaimError("the run is no longer this worker's")
        if rows[0]["cancelled"]:
            raise CancelledRunError("cancelled while it ran")


async def _stopped(graph: Graph, doing: _Doing, *, give_back: bool) -> None:
    if give_back:
        await graph.write(query("jobs/release_run", run_id=doing.claimed.run.run_id, worker=doing.claimed.worker))
    else:
        await _finish(graph, doing, "cancelled", "cancelled before it ended")


async def _failed(graph: Graph, doing: _Doing, failure: Exception) -> JobRun:
    """Put the run back for another attempt if the failure may pass, else end it."""
    run, worker = doing.claimed.run, doing.claimed.worker
    spec, reason = _limits(doing.claimed), _reason(failure)
    if not _may_pass(failure):
        return await _finish(graph, doing, "failed", reason)
    if run.attempt >= spec.max_attempts:
        return await _finish(graph, doing, "failed", f"{reason}; given up after {run.attempt} attempts")
    wait = wait_seconds(run.attempt, spec.retry_seconds)
    retry = query("jobs/retry_run", run_id=run.run_id, worker=worker, error=reason, wait_seconds=wait)
    rows = await _record(graph, lambda tx: tx.run(retry))
    if not rows:
        return await _finish(graph, doing, "cancelled", "cancelled while it ran")
    metrics.retried(run)
    log.info("job will be tried again", job=run.job, run_id=run.run_id, attempt=run.attempt, wait_seconds=round(wait, 1))
    return job_run(rows[0]["run"])


def _limits(claimed: Claimed) -> Any:
    """The job with the options of this run; as it is where they cannot be read, which is not what is being told."""
    try:
        return tailored(claimed.spec, json.loads(claimed.run.params or "{}"))[0]
    except CrashgraphError:
        return claimed.spec


def _may_pass(failure: Exception) -> bool:
    """Whether the same may work a little later: the graph was away or another writer was first."""
    if isinstance(failure, GraphError):
        return not isinstance(failure, QueryError | IntegrityError)
    return isinstance(failure, ConnectionError | TimeoutError)


async def _finish(graph: Graph, doing: _Doing, state: str, error: str) -> JobRun:
    """Record an end without edges; the record as it is when the run is no longer this worker's."""
    statement = _end(doing, state, Published(), error)

    async def work(tx: Transaction) -> list[Row]:
        rows = await tx.run(statement)
        if rows:
            await tx.run(append_events([job_ended(rows[0]["run"])]))
        return rows

    rows = await _record(graph, work)
    return _told(job_run(rows[0]["run"])) if rows else await read_run(graph, doing.claimed.run.run_id)


async def _record(graph: Graph, work: Callable[[Transaction], Awaitable[list[Row]]]) -> list[Row]:
    """Write what must not be lost when the graph is away for a moment."""
    for failures in range(1, RECORD_ATTEMPTS):
        try:
            return await graph.transact(work)
        except GraphError as error:
            log.warning("could not record a job run", error=str(error))
            await asyncio.sleep(wait_seconds(failures, 1.0))
    return await graph.transact(work)


def _ending(doing: _Doing, done: Published) -> Statement:
    """How an attempt ended that came to its end."""
    if done.missing and not done.superseded:
        doing.counts["edges_without_ends"] = done.missing
    return _end(doing, "superseded" if done.superseded else "succeeded", done, None)


def _end(doing: _Doing, state: str, done: Published, error: str | None) -> Statement:
    return query(
        "jobs/finish_run",
        run_id=doing.claimed.run.run_id,
        worker=doing.claimed.worker,
        state=state,
        job_version=doing.claimed.spec.version,
        params=doing.params,
        duration_seconds=time.perf_counter() - doing.began,
        edges_written=done.written if error is None else None,
        edges_removed=done.removed if error is None else None,
        counts=json.dumps(doing.counts, sort_keys=True),
        error=error,
        read_until=doing.mark.latest,
        crashes_seen=doing.mark.crashes,
    )


def _told(run: JobRun) -> JobRun:
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
