"""Runs after ingest: requested once across workers, after a quiet time, and no more often than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from reports import submission

from crashgraph.wiring import Container
from graph.model.actor import person
from graph.model.nodes import JobRun
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.claims import begin, cancel_run, claim_slot, claim_waiting, history, request_run
from jobs.ingest_trigger import is_time, trigger_runs
from jobs.params import NoParams
from jobs.runner import execute, run_now
from jobs.spec import JobEdge, JobSpec, Work
from jobs.watermark import Arrivals, Watermark
from jobs.worker import Worker, WorkerSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def nothing(work: Work[NoParams]) -> AsyncIterator[Sequence[JobEdge]]:
    yield []


SPEC = JobSpec("after", "1", "Test job.", "off", NoParams, ("Crash",), (), nothing, after_ingest=True)
EAGER = replace(SPEC, quiet_seconds=0.0, at_most_every_seconds=0.0)


async def crashes(graph: Neo4jGraph, *received: datetime) -> None:
    text = (
        "UNWIND $rows AS row CREATE (:Crash {crash_id: randomUUID(), status: 'matched', title: 't', severity: 'low', "
        "received_at: row, format: 'f', report: '', report_hash: 'h', frame_count: 0})"
    )
    await graph.write(Statement(text, {"rows": list(received)}))


def now(seconds: float = 0.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def do_waiting(graph: Neo4jGraph, spec: JobSpec[NoParams]) -> JobRun:
    claimed = await claim_waiting(graph, "worker", jobs=(spec,))
    assert claimed
    return await execute(graph, claimed)


async def test_nothing_is_asked_for_where_nothing_arrived(graph: Neo4jGraph) -> None:
    assert (await trigger_runs(graph, [EAGER])).requested == []
    await crashes(graph, now(-60))
    await run_now(graph, "after", jobs=(EAGER,))
    assert (await trigger_runs(graph, [EAGER])).requested == []


async def test_many_workers_ask_for_one_run(graph: Neo4jGraph) -> None:
    for number in range(5):
        await crashes(graph, now(-60 + number))
        asked = await asyncio.gather(*(trigger_runs(graph, [EAGER]) for _ in range(8)))
        [run] = [run for triggered in asked for run in triggered.requested]
        assert (run.state, run.trigger) == ("requested", "after_ingest")
        assert (await trigger_runs(graph, [EAGER])).requested == []
        done = await do_waiting(graph, EAGER)
        assert (done.state, done.crashes_seen) == ("succeeded", number + 1)
    assert len(await history(graph, jobs=(EAGER,))) == 5


async def test_it_waits_for_quiet(graph: Neo4jGraph) -> None:
    await crashes(graph, now())
    patient = replace(SPEC, quiet_seconds=3600.0, at_most_every_seconds=7200.0)
    assert (await trigger_runs(graph, [patient])).requested == []
    assert len((await trigger_runs(graph, [replace(patient, quiet_seconds=0.0)])).requested) == 1


async def test_it_does_not_follow_the_last_run_at_once(graph: Neo4jGraph) -> None:
    rare = replace(SPEC, quiet_seconds=0.0, at_most_every_seconds=3600.0)
    await crashes(graph, now(-60))
    await run_now(graph, "after", jobs=(rare,))
    await crashes(graph, now(-30))
    assert (await trigger_runs(graph, [rare])).requested == []
    assert len((await trigger_runs(graph, [EAGER])).requested) == 1


async def test_a_crash_that_was_committed_late_is_noticed(graph: Neo4jGraph) -> None:
    """Received before a crash that the last run read, and stored after it."""
    await crashes(graph, now(-10))
    await run_now(graph, "after", jobs=(EAGER,))
    await crashes(graph, now(-50))
    assert len((await trigger_runs(graph, [EAGER])).requested) == 1


async def test_after_a_cancelled_run_there_is_another(graph: Neo4jGraph) -> None:
    await crashes(graph, now(-10))
    [run] = (await trigger_runs(graph, [EAGER])).requested
    await cancel_run(graph, run.run_id, actor=person("ann"))
    [again] = (await trigger_runs(graph, [EAGER])).requested
    assert again.run_id != run.run_id
    assert (await do_waiting(graph, EAGER)).state == "succeeded"
    assert (await trigger_runs(graph, [EAGER])).requested == []


async def test_what_is_ingested_is_followed_by_a_worker(container: Container) -> None:
    graph = container.graph
    worker = Worker(graph, WorkerSettings(poll_seconds=0.1, heartbeat_seconds=0.5), jobs=(EAGER,))
    consuming = asyncio.create_task(worker.consume())
    for number in range(2):
        await container.receiver.receive([submission(number)])
        async with asyncio.timeout(60):
            while [run.state for run in await history(graph, jobs=(EAGER,))] != ["succeeded"] * (number + 1):
                await worker.poll()
                await worker.idle()
                await asyncio.sleep(0.05)
    consuming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consuming
    runs = await history(graph, jobs=(EAGER,))
    assert [(run.trigger, run.state, run.crashes_seen) for run in runs] == [
        ("after_ingest", "succeeded", 2),
        ("after_ingest", "succeeded", 1),
    ]


def arrived(latest: float, first: float | None = None) -> Arrivals:
    """Crashes received a number of seconds ago."""
    ago = [None if one is None else NOW - timedelta(seconds=one) for one in (latest, first)]
    return Arrivals(NOW, Watermark(5, ago[0]), 1, ago[1])


def last(seconds: float) -> JobRun:
    return JobRun(run_id="r", job="after", state="succeeded", started_at=NOW - timedelta(seconds=seconds))


def test_when_it_is_time() -> None:
    spec = replace(SPEC, quiet_seconds=20.0, at_most_every_seconds=300.0)
    assert not is_time(spec, None, arrived(5, 60))
    assert is_time(spec, None, arrived(21, 60))
    assert is_time(spec, None, arrived(1, 301)), "it never gets quiet"
    assert not is_time(spec, last(299), arrived(50, 60))
    assert is_time(spec, last(301), arrived(50, 60))
    assert not is_time(spec, last(301), arrived(5, 60))
    assert is_time(spec, None, arrived(-3600, -3600)), "a clock that is ahead"
    assert is_time(spec, None, arrived(50)), "only a late one"
    assert is_time(spec, last(-400 * 86_400), arrived(50, 60)), "a run dated by a clock that was ahead"


@pytest.mark.parametrize("state", ["succeeded", "failed"])
@pytest.mark.parametrize("others", [True, False])
async def test_a_run_of_the_future_stops_none(graph: Neo4jGraph, state: str, others: bool) -> None:
    await crashes(graph, now(-60))
    if others:
        await run_now(graph, "after", jobs=(EAGER,))
    await graph.write(
        Statement(
            "CREATE (:JobRun {run_id: 'f', job: 'after', state: $state, slot: 'after@after nothing', crashes_seen: 1,"
            " requested_at: $at, started_at: $at, read_until: $at})",
            {"state": state, "at": now(400 * 86_400)},
        )
    )
    patient = replace(EAGER, at_most_every_seconds=0.01)
    for number in range(3):
        await crashes(graph, now(-30 + number))
        [run] = (await trigger_runs(graph, [patient])).requested
        assert run.requested_at is not None
        assert run.requested_at < now(60)
        assert (await do_waiting(graph, patient)).state == "succeeded"
        await asyncio.sleep(0.05)


async def test_a_slot_claimed_by_a_clock_that_is_ahead_is_dated_now(graph: Neo4jGraph) -> None:
    claimed = await claim_slot(graph, SPEC, now(400 * 86_400), "worker")
    assert claimed is not None
    assert claimed.run.requested_at is not None
    assert claimed.run.requested_at < now(60)


@pytest.mark.parametrize("days", [400, -400])
async def test_a_lease_dated_by_a_clock_that_was_wrong_is_taken_over(graph: Neo4jGraph, days: int) -> None:
    claimed = await begin(graph, SPEC, {}, "first")
    assert await claim_waiting(graph, "second", jobs=(SPEC,)) is None
    statement = "MATCH (run:JobRun {run_id: $run_id}) SET run.heartbeat_at = datetime() + duration({days: $days})"
    await graph.write(Statement(statement, {"run_id": claimed.run.run_id, "days": days}))
    taken = await claim_waiting(graph, "second", jobs=(SPEC,))
    assert taken is not None
    assert taken.run.run_id == claimed.run.run_id


async def test_a_retry_dated_by_a_clock_that_was_wrong_is_due(graph: Neo4jGraph) -> None:
    requested = await request_run(graph, "after", actor=person("ada"), jobs=(SPEC,))
    statement = "MATCH (run:JobRun {run_id: $run_id}) SET run.next_attempt_at = datetime() + duration({seconds: $seconds})"
    await graph.write(Statement(statement, {"run_id": requested.run_id, "seconds": 600}))
    assert await claim_waiting(graph, "worker", jobs=(SPEC,)) is None
    await graph.write(Statement(statement, {"run_id": requested.run_id, "seconds": 400 * 86_400}))
    assert await claim_waiting(graph, "worker", jobs=(SPEC,)) is not None
