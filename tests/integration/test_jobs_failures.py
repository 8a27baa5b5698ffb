"""Runs that fail, time out, are cancelled or late: their records, and that no edge is lost or partly written."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from polling import until
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from graph.model.actor import person
from graph.model.errors import BusyError, ConflictError, LostClaimError, NotFoundError, QueryError, UnavailableError
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs import claims, publish
from jobs.claims import begin, cancel_run, claim_run, claim_slot, claim_waiting, read_run, request_run
from jobs.params import param
from jobs.runner import execute, run_now
from jobs.spec import JobEdge, JobSpec, Progress, Work
from jobs.worker import Worker, WorkerSettings

DUE = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
NAMES = [f"p{number:03}" for number in range(40)]
Run = Callable[[Work], AsyncIterator[Sequence[JobEdge]]]


@dataclass(frozen=True, slots=True)
class PairParams:
    support: int = param("Support of the edges.", default=7, minimum=1)


def job(run: Run, **changed: Any) -> JobSpec[PairParams]:
    spec = JobSpec("pairs", "1", "Test job.", "off", PairParams, ("Pattern",), ("CO_OCCURS_WITH",), run, retry_seconds=0.05)
    return replace(spec, **changed)


def pair(first: str, second: str) -> JobEdge:
    evidence = {"score": 0.5, "support": 7, "p_value": 0.001, "q_value": 0.01, "sample_crash_ids": ("c1",)}
    return JobEdge(
        "CO_OCCURS_WITH", first, second, {**evidence, "lift": 3.0, "expected": 2.0, "window_seconds": 60.0, "sites": 2}
    )


def yielding(*edges: JobEdge) -> Run:
    async def run(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        yield edges

    return run


def failing(times: int, failure: Exception) -> Run:
    """Fails a number of times, each time after an edge."""
    left = [times]

    async def run(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("p001", "p002")]
        if left[0]:
            left[0] -= 1
            raise failure

    return run


@pytest.fixture
async def patterns(graph: Neo4jGraph) -> Neo4jGraph:
    text = "UNWIND $names AS id CREATE (:Pattern {pattern_id: id, name: id, severity: 'low'})"
    await graph.write(Statement(text, {"names": NAMES}))
    await run_now(graph, "pairs", jobs=(job(yielding(pair("p000", "p001"))),))
    return graph


async def pairs(graph: Neo4jGraph) -> set[tuple[str, str]]:
    text = "MATCH (a:Pattern)-[:CO_OCCURS_WITH]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b"
    return {(row["a"], row["b"]) for row in await graph.read(Statement(text))}


BEFORE = {("p000", "p001")}


async def test_temporary_failures_are_retried(patterns: Neo4jGraph) -> None:
    run = await run_now(patterns, "pairs", jobs=(job(failing(2, UnavailableError("away"))),))
    assert (run.state, run.attempt, run.error, run.next_attempt_at) == ("succeeded", 3, None, None)
    assert await pairs(patterns) == {("p001", "p002")}


async def test_the_log_shows_a_traceback_only_of_a_failure_that_is_a_defect(patterns: Neo4jGraph) -> None:
    with capture_logs() as lines:
        await run_now(patterns, "pairs", jobs=(job(failing(1, UnavailableError("away"))),))
        await run_now(patterns, "pairs", jobs=(job(failing(1, KeyError("lost"))),))
    shown = [(line["event"], line["error"]) for line in lines if line["log_level"] == "warning"]
    assert shown == [("job will be retried", "UNAVAILABLE: away")]
    assert [line["event"] for line in lines if line.get("exc_info")] == ["job failed"]


async def test_a_failed_attempt_records_its_error_and_the_next_time(patterns: Neo4jGraph) -> None:
    spec = job(failing(1, ConflictError("another was first")), name="twice", retry_seconds=30.0)
    claimed = await begin(patterns, spec, {}, "worker")
    waiting = await execute(patterns, claimed)
    assert (waiting.state, waiting.attempt, waiting.error) == ("requested", 1, "CONFLICT: another was first")
    assert waiting.next_attempt_at is not None
    assert 14 <= (waiting.next_attempt_at - datetime.now(UTC)).total_seconds() <= 31
    assert await claim_waiting(patterns, "eager", jobs=(spec,)) is None
    assert await pairs(patterns) == BEFORE
    assert REGISTRY.get_sample_value("crashgraph_job_retries_total", {"job": "twice"}) == 1


async def test_attempts_end(patterns: Neo4jGraph) -> None:
    run = await run_now(patterns, "pairs", {"max_attempts": 2}, jobs=(job(failing(9, UnavailableError("away"))),))
    assert (run.state, run.attempt) == ("failed", 2)
    assert run.error == "UNAVAILABLE: away; given up after 2 attempts"
    assert await pairs(patterns) == BEFORE


@pytest.mark.parametrize("failure", [QueryError("no such thing"), ValueError("a mistake"), ZeroDivisionError()])
async def test_a_mistake_is_not_tried_again(patterns: Neo4jGraph, failure: Exception) -> None:
    run = await run_now(patterns, "pairs", jobs=(job(failing(9, failure)),))
    assert (run.state, run.attempt) == ("failed", 1)
    assert await pairs(patterns) == BEFORE


async def test_a_run_that_takes_too_long_fails_and_its_thread_ends(patterns: Neo4jGraph) -> None:
    ended = threading.Event()

    def calculate(work: Work) -> None:
        try:
            while True:
                work.progress(1, 2, "calculating")
                time.sleep(0.01)
        except LostClaimError:
            ended.set()
            raise

    async def run(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("p001", "p002")]
        await asyncio.to_thread(calculate, work)

    done = await run_now(patterns, "pairs", {"timeout_seconds": 0.3}, jobs=(job(run),))
    assert (done.state, done.attempt) == ("failed", 1)
    assert "took longer than 0.3 s" in (done.error or "")
    assert json.loads(done.params or "")["timeout_seconds"] == 0.3
    assert await pairs(patterns) == BEFORE
    assert await asyncio.to_thread(ended.wait, 30)


def endless(begun: asyncio.Event) -> Run:
    async def run(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("p001", "p002")]
        work.progress(3, 10, "thinking")
        begun.set()
        await asyncio.Event().wait()

    return run


async def test_a_waiting_run_that_is_cancelled_is_never_done(patterns: Neo4jGraph) -> None:
    spec = job(yielding(pair("p001", "p002")))
    wanted = await request_run(patterns, "pairs", jobs=(spec,), actor=person("ann"))
    cancelled = await cancel_run(patterns, wanted.run_id, actor=person("ann"))
    assert cancelled.state == "cancelled"
    assert cancelled.finished_at
    assert await claim_waiting(patterns, "worker", jobs=(spec,)) is None
    assert (await request_run(patterns, "pairs", jobs=(spec,), actor=person("ann"))).run_id != wanted.run_id


async def test_a_running_run_that_is_cancelled_ends_at_a_heartbeat_and_leaves_what_was_there(patterns: Neo4jGraph) -> None:
    begun = asyncio.Event()
    claimed = await begin(patterns, job(endless(begun)), {}, "worker")
    task = asyncio.create_task(execute(patterns, claimed, heartbeat_seconds=0.1))
    await begun.wait()
    cancelled = await cancel_run(patterns, claimed.run.run_id, actor=person("ann"))
    assert (cancelled.state, cancelled.cancel_requested_at is not None) == ("running", True)
    run = await asyncio.wait_for(task, 60)
    assert (run.state, run.error) == ("cancelled", "cancelled while it ran")
    assert await pairs(patterns) == BEFORE
    assert (await cancel_run(patterns, run.run_id, actor=person("ann"))).state == "cancelled"
    assert await claim_waiting(patterns, "another", jobs=(job(endless(begun)),)) is None


async def test_a_run_that_is_cancelled_just_before_it_writes_writes_nothing(patterns: Neo4jGraph) -> None:
    async def run(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("p001", "p002")]
        await cancel_run(patterns, work.run_id, actor=person("ann"))

    done = await run_now(patterns, "pairs", jobs=(job(run),))
    assert done.state == "cancelled"
    assert await pairs(patterns) == BEFORE


async def test_the_run_of_a_dead_worker_is_cancelled_at_once(patterns: Neo4jGraph) -> None:
    claimed = await begin(patterns, job(yielding()), {}, "dead")
    assert (await cancel_run(patterns, claimed.run.run_id, stale_seconds=0, actor=person("ann"))).state == "cancelled"
    # The first worker was slow, not dead.
    assert (await execute(patterns, claimed)).state == "cancelled"
    assert await pairs(patterns) == BEFORE


async def test_a_run_that_waits_for_its_next_attempt_can_be_cancelled(patterns: Neo4jGraph) -> None:
    spec = job(failing(9, UnavailableError("away")), retry_seconds=60.0)
    task = asyncio.create_task(run_now(patterns, "pairs", jobs=(spec,)))

    async def waiting() -> bool:
        [row] = await patterns.read(Statement("MATCH (r:JobRun) RETURN collect(r.state) AS states"))
        return "requested" in row["states"]

    await until(waiting)
    [row] = await patterns.read(Statement("MATCH (r:JobRun {state: 'requested'}) RETURN r.run_id AS id"))
    await cancel_run(patterns, row["id"], actor=person("ann"))
    assert (await asyncio.wait_for(task, 60)).state == "cancelled"


async def test_an_unknown_run_cannot_be_cancelled(patterns: Neo4jGraph) -> None:
    with pytest.raises(NotFoundError, match="no job run 'nobody'"):
        await cancel_run(patterns, "nobody", actor=person("ann"))


async def test_a_run_that_ends_after_a_later_one_writes_nothing(patterns: Neo4jGraph) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(work: Work) -> AsyncIterator[Sequence[JobEdge]]:
        begun.set()
        await go_on.wait()
        yield [pair("p003", "p004")]

    first = asyncio.create_task(run_now(patterns, "pairs", jobs=(job(slow),)))
    await begun.wait()
    await run_now(patterns, "pairs", jobs=(job(yielding(pair("p005", "p006"))),))
    go_on.set()
    assert (await first).state == "superseded"
    assert await pairs(patterns) == {("p005", "p006")}


async def test_one_that_looks_on_never_misses_what_stays_and_sees_one_run_or_another(patterns: Neo4jGraph) -> None:
    """Alternating edge sets with a common part, while a reader polls as fast as possible.

    Neo4j reads committed data row by row, so a reading that overlaps the commit may miss what changes
    in it, but never what stays, and never twice in a row.
    """
    stays = [pair("p000", name) for name in NAMES[1:20]]
    sets = [[*stays, *(pair("p001", name) for name in NAMES[21:])], [*stays, *(pair("p002", name) for name in NAMES[21:])]]
    await run_now(patterns, "pairs", jobs=(job(yielding(*sets[1])),))
    seen: list[set[tuple[str, str]]] = []
    stop = asyncio.Event()

    async def look() -> None:
        while not stop.is_set():
            seen.append(await pairs(patterns))

    looking = asyncio.create_task(look())
    for number in itertools.count():
        assert (await run_now(patterns, "pairs", jobs=(job(yielding(*sets[number % 2])),))).state == "succeeded"
        # How many readings fit into a run depends on the machine.
        if number >= 11 and len(seen) > 60:
            break
    stop.set()
    await looking
    always, *whole = ({(edge.source, edge.target) for edge in one} for one in (stays, *sets))
    assert all(always <= one for one in seen)
    torn = [one not in whole for one in seen]
    assert not any(first and second for first, second in pairwise(torn))
    assert torn.count(False) > 20


async def test_more_edges_than_one_transaction_takes_are_written_in_batches(
    patterns: Neo4jGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "AT_ONCE", 10)
    monkeypatch.setattr(publish, "BATCH", 7)
    monkeypatch.setattr(publish, "STALE_BATCH", 5)
    many = [pair("p000", name) for name in NAMES[1:]]
    run = await run_now(patterns, "pairs", jobs=(job(yielding(*many)),))
    assert (run.state, run.edges_written, run.edges_removed) == ("succeeded", 39, 0)
    run = await run_now(patterns, "pairs", jobs=(job(yielding(pair("p001", "p002"))),))
    assert (run.state, run.edges_written, run.edges_removed) == ("succeeded", 1, 39)
    assert await pairs(patterns) == {("p001", "p002")}


async def test_progress_is_stored_and_reported_to_the_caller(patterns: Neo4jGraph) -> None:
    begun = asyncio.Event()
    reported: list[Progress] = []
    claimed = await begin(patterns, job(endless(begun)), {}, "worker")
    task = asyncio.create_task(execute(patterns, claimed, heartbeat_seconds=0.05, on_progress=reported.append))

    async def shown() -> bool:
        run = await read_run(patterns, claimed.run.run_id)
        return (run.progress_done, run.progress_total, run.progress_what) == (3, 10, "thinking")

    await until(shown)
    assert [(now.done, now.total, now.what) for now in reported[-1:]] == [(3, 10, "thinking")]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_run_that_waits_already_is_asked_for_once(graph: Neo4jGraph) -> None:
    spec = job(yielding())
    asked = await asyncio.gather(
        *(request_run(graph, "pairs", {"support": text}, jobs=(spec,), actor=person("ann")) for text in ["3", 3, 3.0] * 4)
    )
    assert len({run.run_id for run in asked}) == 1
    other = await request_run(graph, "pairs", {"support": 4}, jobs=(spec,), actor=person("ann"))
    assert other.run_id != asked[0].run_id
    assert await claim_run(graph, asked[0].run_id, "worker", jobs=(spec,))
    assert (await request_run(graph, "pairs", {"support": 3}, jobs=(spec,), actor=person("ann"))).run_id != asked[0].run_id


async def test_too_many_waiting_runs_are_refused(graph: Neo4jGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MOST_WAITING", 3)
    for support in (1, 2, 3):
        await request_run(graph, "pairs", {"support": support}, jobs=(job(yielding()),), actor=person("ann"))
    with pytest.raises(BusyError, match="3 runs of pairs wait already"):
        await request_run(graph, "pairs", {"support": 4}, jobs=(job(yielding()),), actor=person("ann"))


async def test_a_worker_tries_again_what_failed(patterns: Neo4jGraph) -> None:
    spec = job(failing(1, UnavailableError("away")))
    worker = Worker(patterns, WorkerSettings(poll_seconds=0.05, heartbeat_seconds=0.2), jobs=(spec,))
    task = asyncio.create_task(worker.run())
    wanted = await request_run(patterns, "pairs", jobs=(spec,), actor=person("ann"))

    async def done() -> bool:
        return (await read_run(patterns, wanted.run_id)).state == "succeeded"

    await until(done)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await read_run(patterns, wanted.run_id)).attempt == 2
    assert await claim_slot(patterns, spec, DUE, "worker")


def crashgraph(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crashgraph", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


async def test_the_command_cancels_a_run(patterns: Neo4jGraph, environment: dict[str, str]) -> None:
    wanted = await request_run(patterns, "co_occurrence", {"min_support": 9}, actor=person("ann"))
    done = await asyncio.to_thread(crashgraph, environment, "job", "cancel", wanted.run_id)
    assert done.returncode == 0, done.stderr
    assert "co_occurrence  cancelled" in done.stdout
    assert (await read_run(patterns, wanted.run_id)).state == "cancelled"
    unknown = await asyncio.to_thread(crashgraph, environment, "job", "cancel", "nobody")
    assert unknown.returncode == 2
    assert "no job run 'nobody'" in unknown.stderr


def test_a_wrong_setting_of_a_job_stops_the_worker_before_it_starts(environment: dict[str, str]) -> None:
    wrong = {**environment, "CRASHGRAPH_JOB_CO_OCCURRENCE_MAX_Q": "2"}
    done = crashgraph(wrong, "worker")
    assert done.returncode == 2
    assert "CRASHGRAPH_JOB_CO_OCCURRENCE_MAX_Q" in done.stderr
    assert "at most 1" in done.stderr
