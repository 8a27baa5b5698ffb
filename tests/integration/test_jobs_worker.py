"""Workers on a real graph: each due run is done once, requests are served, stopping leaves nothing half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from polling import until

from graph.model.actor import person
from graph.store import Neo4jGraph
from jobs.claims import history, request_run
from jobs.params import NoParams
from jobs.spec import JobEdge, JobSpec, Work
from jobs.worker import Worker, WorkerSettings, run_worker

QUICK = WorkerSettings(poll_seconds=0.1, heartbeat_seconds=0.2, stale_seconds=30, grace_seconds=0.2)


async def nothing(work: Work[NoParams]) -> AsyncIterator[Sequence[JobEdge]]:
    work.counts["done"] = 1
    yield []


async def slow(work: Work[NoParams]) -> AsyncIterator[Sequence[JobEdge]]:
    await asyncio.sleep(60)  # longer than any test waits
    yield []


def job(name: str, schedule: str, run=nothing) -> JobSpec[NoParams]:
    return JobSpec(name, "1", "Test job.", schedule, NoParams, (), (), run)


async def states(graph: Neo4jGraph, *jobs: JobSpec[NoParams]) -> list[str]:
    return [run.state for run in await history(graph, first=100, jobs=jobs)]


async def stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_two_workers_do_each_due_run_once(graph: Neo4jGraph) -> None:
    spec = job("ticking", "every 1 second")
    workers = [asyncio.create_task(run_worker(graph, QUICK, jobs=(spec,))) for _ in range(2)]

    async def enough() -> bool:
        return (await states(graph, spec)).count("succeeded") >= 4

    await until(enough)
    await stop(*workers)
    runs = await history(graph, first=100, jobs=(spec,))
    assert len(runs) == len({run.slot for run in runs})
    assert {run.state for run in runs} <= {"succeeded", "requested"}
    assert all(run.attempt == (1 if run.state == "succeeded" else 0) for run in runs)


async def test_a_missed_run_is_done_once_at_the_next_start(graph: Neo4jGraph) -> None:
    spec = job("yearly", "30 2 1 1 *")
    for turn in range(2):
        # A worker looks at its jobs in order: once the last is done, it has looked at the first.
        last = job(f"last_{turn}", "30 2 1 1 *")
        task = asyncio.create_task(run_worker(graph, QUICK, jobs=(spec, last)))

        async def done(last: JobSpec[NoParams] = last) -> bool:
            return "succeeded" in await states(graph, spec) and await states(graph, last) == ["succeeded"]

        await until(done)
        await stop(task)
    [run] = await history(graph, jobs=(spec,))
    assert run.slot == f"yearly@{datetime.now(UTC).year}-01-01T02:30:00Z"
    assert run.state == "succeeded"


async def test_a_requested_run_is_done(graph: Neo4jGraph) -> None:
    spec = job("asked", "30 2 1 1 *")
    worker = Worker(graph, QUICK, jobs=(spec,))
    await request_run(graph, "asked", jobs=(spec,), actor=person("ann"))
    await worker.poll()
    await worker.idle()
    [run] = await history(graph, jobs=(spec,))
    assert (run.state, run.worker) == ("succeeded", worker.name)


async def test_a_due_run_waits_for_a_busy_worker(graph: Neo4jGraph) -> None:
    busy, due = job("busy", "30 2 1 1 *", slow), job("due", "30 2 1 1 *")
    worker = Worker(graph, QUICK, jobs=(busy, due))
    await worker.run_due(busy)
    await worker.run_due(due)
    assert [run.job for run in await history(graph, jobs=(busy, due))] == ["busy"]
    await worker.stop()
    await worker.poll()
    await worker.idle()
    assert [run.state for run in await history(graph, "due", jobs=(busy, due))] == ["succeeded"]


async def test_stopping_a_worker_gives_back_what_it_cannot_finish(graph: Neo4jGraph) -> None:
    spec = job("long", "30 2 1 1 *", slow)
    task = asyncio.create_task(run_worker(graph, QUICK, jobs=(spec,)))

    async def begun() -> bool:
        return await states(graph, spec) == ["running"]

    await until(begun)
    await asyncio.wait_for(stop(task), 60)
    [run] = await history(graph, jobs=(spec,))
    assert (run.state, run.worker) == ("requested", None)
