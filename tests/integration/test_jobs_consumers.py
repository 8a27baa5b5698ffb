"""Consumers on a real graph: one worker runs each, from its watermark on, despite failures and dead workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from polling import until
from prometheus_client import REGISTRY

from crashgraph.doctor.graph import check_consumers
from graph.model.consumers import Consumer
from graph.model.errors import LostClaimError, UnavailableError
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.consumer import ConsumerSpec, ConsumerWork
from jobs.consumers import ConsumerHost, ConsumerTimes, consumer_health
from jobs.runner import DEFAULT_PORTS
from jobs.worker import Worker, WorkerSettings

TIMES = ConsumerTimes(poll=0.05, heartbeat=0.1, stale=30)


def spec(run: Callable[[ConsumerWork], Awaitable[None]], name: str = "counting") -> ConsumerSpec:
    return ConsumerSpec(name, "1", "Test consumer.", (), ("Site",), run, restart_seconds=0.05)


async def count(work: ConsumerWork) -> None:
    """Writes one site for each number, from the watermark on."""
    number = int(work.watermark or 0)
    while True:
        number += 1
        site = Statement("CREATE (s:Site {name: $name}) RETURN s.name AS name", {"name": f"{number:04}"})
        assert await work.advance(str(number), site) == [[{"name": f"{number:04}"}]]
        await asyncio.sleep(0.01)  # pace of the work


def host(graph: Neo4jGraph, consumer: ConsumerSpec, worker: str, times: ConsumerTimes = TIMES) -> ConsumerHost:
    return ConsumerHost(graph, [consumer], worker, jobs=(), ports=DEFAULT_PORTS, times=times)


@asynccontextmanager
async def running(*hosts: ConsumerHost):
    tasks = [asyncio.create_task(each.run()) for each in hosts]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def stored(graph: Neo4jGraph, consumer: ConsumerSpec) -> Consumer:
    [health] = await consumer_health(graph, [consumer])
    assert health.record
    return health.record


async def sites(graph: Neo4jGraph) -> list[str]:
    return [row["name"] for row in await graph.read(Statement("MATCH (s:Site) RETURN s.name AS name ORDER BY name"))]


async def test_it_continues_where_it_was_and_does_nothing_twice(graph: Neo4jGraph) -> None:
    consumer = spec(count)
    for least in (5, 10):
        async with running(host(graph, consumer, f"worker {least}")):

            async def enough(least: int = least) -> bool:
                return len(await sites(graph)) >= least

            await until(enough)
        record = await stored(graph, consumer)
        assert (record.state, record.worker, record.failures, record.version) == ("stopped", None, 0, "1")
    names = await sites(graph)
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert record.watermark == str(len(names))
    assert record.advanced_at


async def test_one_of_many_workers_runs_it(graph: Neo4jGraph) -> None:
    starts: list[str] = []

    async def run(work: ConsumerWork) -> None:
        starts.append(work.worker)
        await asyncio.Event().wait()

    consumer = spec(run)
    async with running(*(host(graph, consumer, f"worker {number}") for number in range(5))):
        await until(lambda: alive(graph, consumer))
        assert (await stored(graph, consumer)).worker == starts[0]
        assert REGISTRY.get_sample_value("crashgraph_consumer_running", {"consumer": "counting"}) == 1
        began = datetime.now(UTC)

        async def beaten() -> bool:
            at = (await stored(graph, consumer)).heartbeat_at
            return at is not None and at > began + timedelta(seconds=10 * TIMES.poll)

        await until(beaten, "the others had time for ten polls")
    assert len(starts) == 1
    assert (await stored(graph, consumer)).state == "stopped"


async def alive(graph: Neo4jGraph, consumer: ConsumerSpec) -> bool:
    [health] = await consumer_health(graph, [consumer])
    return health.record is not None and health.record.state == "running"


async def test_a_failure_is_recorded_and_it_is_started_again(graph: Neo4jGraph) -> None:
    attempts: list[str | None] = []

    async def run(work: ConsumerWork) -> None:
        attempts.append(work.watermark)
        if len(attempts) == 3:
            await work.advance("well")
            await asyncio.Event().wait()
        raise UnavailableError("away")

    consumer = spec(run, "failing")
    async with running(host(graph, consumer, "worker")):

        async def failed() -> bool:
            [health] = await consumer_health(graph, [consumer])
            return health.record is not None and health.record.error == "UNAVAILABLE: away"

        await until(failed)

        async def recovered() -> bool:
            return (await stored(graph, consumer)).watermark == "well"

        await until(recovered)
        record = await stored(graph, consumer)
        assert (record.state, record.failures, record.error) == ("running", 0, None)
    assert attempts == [None, None, None]
    assert REGISTRY.get_sample_value("crashgraph_consumer_failures_total", {"consumer": "failing"}) == 2


async def test_a_dead_workers_consumer_is_taken_over_and_the_dead_one_stops(graph: Neo4jGraph) -> None:
    ended: list[BaseException] = []

    async def run(work: ConsumerWork) -> None:
        try:
            while True:
                await asyncio.sleep(0.05)  # pace of the work
                await work.advance(work.worker)
        except (LostClaimError, asyncio.CancelledError) as error:  # cancelled if the heartbeat notices first
            ended.append(error)
            raise

    consumer = spec(run)
    async with running(host(graph, consumer, "first")):
        await until(lambda: alive(graph, consumer))
        silence = "MATCH (c:Consumer) SET c.heartbeat_at = $at, c.worker = 'dead' RETURN c"
        await graph.write(Statement(silence, {"at": datetime.now(UTC) - timedelta(minutes=10)}))

        async def lost() -> bool:
            return bool(ended)

        await until(lost)
        async with running(host(graph, consumer, "second")):

            async def taken_over() -> bool:
                return (await stored(graph, consumer)).watermark in ("first", "second")

            await until(taken_over)


async def test_a_worker_runs_consumers_beside_jobs(graph: Neo4jGraph) -> None:
    consumer = spec(count)
    settings = WorkerSettings(poll_seconds=0.1, heartbeat_seconds=0.2)
    task = asyncio.create_task(Worker(graph, settings, jobs=(), consumers=(consumer,)).run())

    async def enough() -> bool:
        return len(await sites(graph)) >= 3

    await until(enough)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await stored(graph, consumer)).state == "stopped"


async def test_doctor_reports_a_consumer_that_failed(graph: Neo4jGraph) -> None:
    [unclaimed] = await check_consumers(graph)
    assert (unclaimed.ok, unclaimed.detail) == (True, "no worker runs it")
    failed = (
        "CREATE (:Consumer {name: 'ingest_trigger', state: 'waiting', failures: 3, error: 'UNAVAILABLE: away', "
        "next_attempt_at: datetime()})"
    )
    await graph.write(Statement(failed))
    [check] = await check_consumers(graph)
    assert not check.ok
    assert "failed 3 times, last with UNAVAILABLE: away" in check.detail
    alive = "MATCH (c:Consumer) SET c.state = 'running', c.worker = 'host:1', c.heartbeat_at = datetime(), c.watermark = '7'"
    await graph.write(Statement(alive))
    [check] = await check_consumers(graph)
    assert check.ok
    assert "runs in host:1" in check.detail
    assert "watermark 7" in check.detail
