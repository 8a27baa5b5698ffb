"""Runs one job: collects its output, publishes it at once, and records how the run ended."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

import structlog

from graph.cypher import query
from graph.model.actor import Actor, job_actor
from graph.model.errors import CancelledRunError, GraphError, JobError, LostClaimError
from graph.model.nodes import JobRun
from graph.ports import Graph, Ports, Row
from jobs import metrics
from jobs.adapters.clock import SystemClock
from jobs.claims import RUNNER, ClaimedRun, Jobs, begin, cancel_run, claim_run, job_run, read_run, worker_name
from jobs.endings import Attempt, ending, fail, finish, finished, may_pass, release
from jobs.heartbeat import while_beating
from jobs.options import RunOptions, tailored
from jobs.outputs import check_output, check_spec
from jobs.publish import RunOutput, publish
from jobs.registry import JOBS, find_job
from jobs.spec import Progress, Work
from jobs.watermark import arrivals_since, is_complete, watermark_of

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 10.0
PROGRESS_SECONDS = 1.0
"""Minimum interval between two writes of progress."""
DEFAULT_PORTS = Ports(clock=SystemClock())
"""Default ports: the system clock alone."""

OnProgress: TypeAlias = Callable[[Progress], None]
"""Called in the runner's own loop when a job has reported progress."""


async def run_now(
    graph: Graph,
    name: str,
    params: Mapping[str, object] | None = None,
    *,
    actor: Actor = RUNNER,
    jobs: Jobs = JOBS,
    ports: Ports = DEFAULT_PORTS,
    on_progress: OnProgress | None = None,
) -> JobRun:
    """Run a job in this process and wait for its end, further attempts included; returns its record.

    ``NotFoundError`` for an unknown job, ``InvalidInputError`` for parameters it does not take.
    """
    worker = worker_name()
    claimed: ClaimedRun | None = await begin(graph, find_job(name, jobs), params or {}, worker, actor=actor)
    assert claimed
    run = claimed.run
    try:
        while True:
            if claimed is not None:
                run = await execute(graph, claimed, ports=ports, give_back=False, on_progress=on_progress)
            if run.state not in ("requested", "running"):
                return run
            await asyncio.sleep(0.5 if run.next_attempt_at is None else 0.1)
            # A worker may have claimed it by now; then wait for its end.
            claimed = await claim_run(graph, run.run_id, worker, jobs=jobs)
            run = claimed.run if claimed else await read_run(graph, run.run_id)
    except asyncio.CancelledError:
        if run.state == "requested":
            await asyncio.shield(cancel_run(graph, run.run_id, actor=actor))
        raise


async def execute(
    graph: Graph,
    claimed: ClaimedRun,
    *,
    ports: Ports = DEFAULT_PORTS,
    give_back: bool = True,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    on_progress: OnProgress | None = None,
) -> JobRun:
    """Run one attempt of a claimed run and return its record.

    A job's failure is recorded, not raised: the run ends as ``failed``, or waits for its next attempt if a retry may succeed.
    On cancellation, the run is given back for another worker to claim, or with ``give_back`` off ends as ``cancelled``, and
    CancelledError is re-raised. A run taken over by another worker is returned unchanged.
    """
    attempt = Attempt(claimed, time.perf_counter(), claimed.run.params)
    bound = log.bind(job=claimed.spec.name, run_id=claimed.run.run_id, attempt=claimed.run.attempt)
    bound.info("job started", worker=claimed.worker)
    metrics.started(claimed.run)
    try:
        with metrics.RUNNING.labels(claimed.spec.name).track_inprogress():
            beats = _beat(graph, attempt, heartbeat_seconds, on_progress)
            row = await while_beating(_run_attempt(graph, attempt, ports), beats)
        return finished(job_run(row))
    except LostClaimError:
        bound.warning("job run was taken over by another worker")
        return await read_run(graph, claimed.run.run_id)
    except CancelledRunError as cancelled:
        return await finish(graph, attempt, "cancelled", str(cancelled))
    except asyncio.CancelledError:
        bound.info("job stopped", given_back=give_back)
        stopped = release(graph, attempt) if give_back else finish(graph, attempt, "cancelled", "cancelled before it ended")
        await asyncio.shield(stopped)
        raise
    except Exception as failure:  # noqa: BLE001
        # Whatever a job raises ends its attempt and nothing else; the graph has the reason, the log also where a defect is.
        if not may_pass(failure):
            bound.exception("job failed")
        return await fail(graph, attempt, failure)
    finally:
        attempt.stop()


async def _run_attempt(graph: Graph, attempt: Attempt, ports: Ports) -> Row:
    """Run the job and publish its output; the properties of the run, which has succeeded or was superseded."""
    run, spec = attempt.claimed.run, attempt.claimed.spec
    if run.cancel_requested_at is not None:
        raise CancelledRunError("cancelled before it began")
    check_spec(spec)
    spec, params, _ = tailored(spec, json.loads(run.params or "{}"))
    if run.attempt > spec.max_attempts:
        raise JobError(f"given up after {spec.max_attempts} attempts whose workers died; see their logs")
    attempt.params = json.dumps({**asdict(params), **_options(spec, attempt.claimed)}, sort_keys=True)
    try:
        async with asyncio.timeout(spec.timeout_seconds) as limit:
            output = await _collect(graph, attempt, params, ports)
            return await publish(graph, attempt.claimed, output, lambda published: ending(attempt, published))
    except TimeoutError:
        if not limit.expired():
            raise
        raise JobError(f"took longer than {spec.timeout_seconds:g} s; raise timeout_seconds, or give it less data") from None
    finally:
        attempt.stop()


async def _collect(graph: Graph, attempt: Attempt, params: Any, ports: Ports) -> RunOutput:
    """What the job yields, checked."""
    spec, run = attempt.claimed.spec, attempt.claimed.run
    rows = await graph.read(query("jobs/runs/published", job=spec.name, run_id=run.run_id))
    basis = job_run(rows[0]["run"]) if rows else None
    before = watermark_of(basis)
    arrivals = await arrivals_since(graph, before)
    attempt.watermark = arrivals.watermark
    continues = _is_comparable(basis, attempt) and is_complete(before, arrivals)
    work: Work[Any] = Work(
        graph, params, run.run_id, job_actor(spec.name), ports, attempt.counts, before.latest if continues else None
    )
    attempt.work = work
    output = RunOutput(basis=basis.run_id if basis else None)
    async with contextlib.aclosing(spec.run(work)) as batches:  # type: ignore[type-var]  # an async generator
        async for batch in batches:
            for each in batch:
                check_output(spec, each)
            output.outputs.extend(batch)
    output.touched = work.touched
    if output.touched is not None and work.changed_since is None:
        raise JobError(f"job {spec.name} read only part of the data, although it had no earlier run to continue from")
    return output


def _is_comparable(basis: JobRun | None, attempt: Attempt) -> bool:
    """Whether a run left the output that this job would have left with the same parameters."""
    if basis is None or basis.state != "succeeded" or basis.job_version != attempt.claimed.spec.version:
        return False
    return _without_options(basis.params) == _without_options(attempt.params)


def _without_options(params: str | None) -> dict[str, object]:
    options = {option.name for option in dataclasses.fields(RunOptions)}
    return {name: value for name, value in json.loads(params or "{}").items() if name not in options}


def _options(spec: Any, claimed: ClaimedRun) -> dict[str, object]:
    """The options given for this run."""
    given = json.loads(claimed.run.params or "{}")
    return {option.name: getattr(spec, option.name) for option in dataclasses.fields(RunOptions) if option.name in given}


async def _beat(graph: Graph, attempt: Attempt, seconds: float, on_progress: OnProgress | None) -> None:
    """Write a heartbeat every ``seconds``, and sooner when there is progress, until the run is lost or cancelled."""
    run, stored, last = attempt.claimed.run, Progress(), time.monotonic()
    while True:
        await asyncio.sleep(min(PROGRESS_SECONDS, seconds))
        now = attempt.progressed
        if now == stored and time.monotonic() - last < seconds:
            continue
        stored, last = now, time.monotonic()
        if on_progress:
            on_progress(now)
        claim = {"run_id": run.run_id, "worker": attempt.claimed.worker}
        try:
            [rows] = await graph.write(query("jobs/runs/beat", **claim, done=now.done, total=now.total, what=now.what))
        except GraphError as error:
            log.warning("job heartbeat failed", run_id=run.run_id, error=str(error))
            continue
        if not rows:
            raise LostClaimError("the run was taken over by another worker")
        if rows[0]["cancelled"]:
            raise CancelledRunError("cancelled while it ran")
