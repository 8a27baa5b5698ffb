"""Runs in a real graph: claimed once, always recorded, with complete evidence, and edges at every moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from polling import until
from prometheus_client import REGISTRY

from graph.model.actor import person
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs import publish
from jobs.claims import claim_slot, claim_waiting, history, read_run, request_run, worker_name
from jobs.params import param
from jobs.runner import execute, run_now
from jobs.spec import JobEdge, JobSpec, Work

DUE = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PairParams:
    support: int = param("Support of the edges.", default=7, minimum=1)


Run = Callable[[Work[PairParams]], AsyncIterator[Sequence[JobEdge]]]


def job(run: Run, *, name: str = "pairs", writes: tuple[str, ...] = ("CO_OCCURS_WITH",)) -> JobSpec[PairParams]:
    return JobSpec(name, "1", "Test job.", "every 1 hour", PairParams, ("Pattern",), writes, run)


def pair(first: str, second: str, **changed: object) -> JobEdge:
    evidence = {
        "score": 0.5, "support": 7, "p_value": 0.001, "q_value": 0.01, "sample_crash_ids": ("c1", "c2"),
        "lift": 3.0, "expected": 2.0, "window_seconds": 60.0, "sites": 2,
    }  # fmt: skip
    return JobEdge("CO_OCCURS_WITH", first, second, {**evidence, **changed})


def yielding(*edges: JobEdge) -> Run:
    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        work.counts["looked_at"] = len(edges)
        yield edges

    return run


@pytest.fixture
async def patterns(graph: Neo4jGraph) -> Neo4jGraph:
    text = "UNWIND ['a', 'b', 'c', 'd'] AS id CREATE (:Pattern {pattern_id: id, name: id, severity: 'low'})"
    await graph.write(Statement(text))
    return graph


async def edges_of(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, object]]:
    text = "MATCH (a:Pattern)-[r:CO_OCCURS_WITH]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r"
    return {(row["a"], row["b"]): row["r"] for row in await graph.read(Statement(text))}


async def test_a_run_leaves_edges_with_complete_evidence(patterns: Neo4jGraph) -> None:
    spec = job(yielding(pair("a", "b"), pair("b", "c")))
    run = await run_now(patterns, "pairs", {"support": "9"}, jobs=(spec,))
    assert (run.state, run.edges_written, run.edges_removed, run.error) == ("succeeded", 2, 0, None)
    assert json.loads(run.params or "") == {"support": 9}
    assert json.loads(run.counts or "") == {"looked_at": 2}
    assert run.started_at
    assert run.finished_at
    assert run.finished_at >= run.started_at
    assert run.duration_seconds
    edge = (await edges_of(patterns))["a", "b"]
    assert (edge["algorithm"], edge["algorithm_version"], edge["run_id"]) == ("pairs", "1", run.run_id)
    assert isinstance(edge["computed_at"], datetime)
    assert edge["sample_crash_ids"] == ["c1", "c2"]
    assert edge["lift"] == 3.0


async def test_the_next_run_removes_only_its_own_stale_edges(patterns: Neo4jGraph) -> None:
    await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"), pair("b", "c"))),))
    run = await run_now(patterns, "pairs", jobs=(job(yielding(pair("b", "c"), pair("c", "d"))),))
    assert (run.edges_written, run.edges_removed) == (2, 1)
    assert set(await edges_of(patterns)) == {("b", "c"), ("c", "d")}
    assert {edge["run_id"] for edge in (await edges_of(patterns)).values()} == {run.run_id}


async def test_the_oldest_runs_of_a_job_are_forgotten(patterns: Neo4jGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "KEPT_RUNS", 2)
    other = await run_now(patterns, "others", jobs=(job(yielding(), name="others"),))
    done = [await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"))),)) for _ in range(5)]
    rows = await patterns.read(Statement("MATCH (run:JobRun) RETURN run.run_id AS id"))
    # Each run ends after the two before it.
    assert {row["id"] for row in rows} == {other.run_id, *(one.run_id for one in done[-3:])}
    assert {edge["run_id"] for edge in (await edges_of(patterns)).values()} == {done[-1].run_id}


async def test_nothing_of_a_run_is_seen_before_all_of_it(patterns: Neo4jGraph) -> None:
    await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"))),))
    seen: list[set[tuple[str, str]]] = []

    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("c", "d")] * 1000
        seen.append(set(await edges_of(patterns)))
        yield [pair("b", "c")]

    await run_now(patterns, "pairs", jobs=(job(run),))
    assert seen == [{("a", "b")}]
    assert set(await edges_of(patterns)) == {("b", "c"), ("c", "d")}


async def test_a_run_beside_another_of_the_same_job_never_leaves_a_gap(patterns: Neo4jGraph) -> None:
    """The run that ends last began first and must not treat the other's new edges as stale."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("a", "b")] * 1000
        begun.set()
        await go_on.wait()
        yield [pair("b", "c")]

    first = asyncio.create_task(run_now(patterns, "pairs", jobs=(job(run),)))
    await begun.wait()
    second = await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"), pair("b", "c"), pair("c", "d"))),))
    assert len(await edges_of(patterns)) == 3
    go_on.set()
    assert (await first).edges_removed == 0
    left = await edges_of(patterns)
    assert set(left) == {("a", "b"), ("b", "c"), ("c", "d")}
    assert left["c", "d"]["run_id"] == second.run_id


async def test_runs_are_counted_for_prometheus(graph: Neo4jGraph) -> None:
    spec = job(yielding(), name="metered")
    await run_now(graph, "metered", jobs=(spec,))
    assert REGISTRY.get_sample_value("crashgraph_job_runs_total", {"job": "metered", "state": "succeeded"}) == 1
    assert REGISTRY.get_sample_value("crashgraph_job_duration_seconds_count", {"job": "metered"}) == 1
    assert REGISTRY.get_sample_value("crashgraph_job_running", {"job": "metered"}) == 0
    assert REGISTRY.get_sample_value("crashgraph_job_lag_seconds", {"job": "metered"}) is not None
    assert REGISTRY.get_sample_value("crashgraph_job_edges_written_total", {"job": "metered"}) == 0
    assert REGISTRY.get_sample_value("crashgraph_job_edges_removed_total", {"job": "metered"}) == 0
    last = REGISTRY.get_sample_value("crashgraph_job_last_success_timestamp_seconds", {"job": "metered"})
    assert last is not None
    assert abs(datetime.now(UTC).timestamp() - last) < 60


async def test_a_failed_run_is_recorded_without_secrets_and_removes_nothing(patterns: Neo4jGraph) -> None:
    await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"))),))

    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        yield [pair("c", "d")]
        raise RuntimeError("bolt://neo4j:s3cret@db")

    failed = await run_now(patterns, "pairs", jobs=(job(run),))
    assert failed.state == "failed"
    assert "RuntimeError" in (failed.error or "")
    assert "s3cret" not in (failed.error or "")
    assert ("a", "b") in await edges_of(patterns)
    assert [run.state for run in await history(patterns, "pairs", 5, jobs=(job(run),))] == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("edge", "why"),
    [
        (JobEdge("CAUSES", "a", "b", pair("a", "b").properties), "CAUSES"),
        (pair("a", "b", score=None), "score is missing"),
        (pair("a", "b", score=1.5), "score must be in 0..1"),
        (pair("a", "b", sample_crash_ids=()), "sample_crash_ids"),
        (pair("a", "b", p_value=float("nan")), "p_value"),
        (pair("a", "b", colour="red"), "colour"),
        (pair("a", "b", run_id="mine"), "run_id"),
        (pair("b", "a"), "smaller id"),
    ],
)
async def test_an_edge_the_job_may_not_write_fails_the_run(patterns: Neo4jGraph, edge: JobEdge, why: str) -> None:
    run = await run_now(patterns, "pairs", jobs=(job(yielding(edge)),))
    assert run.state == "failed"
    assert why in (run.error or "")
    assert await edges_of(patterns) == {}


async def test_a_job_that_owns_what_the_model_does_not_derive_fails(patterns: Neo4jGraph) -> None:
    run = await run_now(patterns, "pairs", jobs=(job(yielding(), writes=("OF_PATTERN",)),))
    assert "OF_PATTERN" in (run.error or "")


async def test_an_edge_to_a_removed_node_is_counted(patterns: Neo4jGraph) -> None:
    run = await run_now(patterns, "pairs", jobs=(job(yielding(pair("a", "b"), pair("a", "gone"))),))
    assert run.edges_written == 1
    assert json.loads(run.counts or "")["edges_without_ends"] == 1


async def test_unknown_jobs_and_parameters_are_named_and_leave_no_run(graph: Neo4jGraph) -> None:
    spec = job(yielding())
    with pytest.raises(NotFoundError, match="'pears'; there are: pairs"):
        await run_now(graph, "pears", jobs=(spec,))
    with pytest.raises(InvalidInputError, match="no parameter depth; it takes: support"):
        await run_now(graph, "pairs", {"depth": 1}, jobs=(spec,))
    with pytest.raises(InvalidInputError, match="at least 1"):
        await request_run(graph, "pairs", {"support": 0}, jobs=(spec,), actor=person("ann"))
    assert await history(graph, jobs=(spec,)) == []


async def test_one_of_many_workers_gets_a_slot(graph: Neo4jGraph) -> None:
    spec = job(yielding())
    claims = await asyncio.gather(*(claim_slot(graph, spec, DUE, f"worker {n}") for n in range(8)))
    [winner] = [claim for claim in claims if claim]
    assert winner.run.slot == "pairs@2026-03-01T02:30:00Z"
    assert winner.run.requested_at == DUE
    assert len(await history(graph, jobs=(spec,))) == 1


async def test_one_of_many_workers_gets_a_requested_run(graph: Neo4jGraph) -> None:
    spec = job(yielding())
    for _ in range(10):
        wanted = await request_run(graph, "pairs", {"support": 3}, jobs=(spec,), actor=person("ann"))
        claims = await asyncio.gather(*(claim_waiting(graph, f"worker {n}", jobs=(spec,)) for n in range(8)))
        [winner] = [claim for claim in claims if claim]
        assert winner.run.run_id == wanted.run_id
        assert (winner.run.state, winner.run.worker, winner.run.attempt) == ("running", winner.worker, 1)
        done = await execute(graph, winner)
        assert (done.state, json.loads(done.params or "")) == ("succeeded", {"support": 3})


async def silence(graph: Neo4jGraph, run_id: str) -> None:
    at = datetime.now(UTC) - timedelta(minutes=10)
    text = "MATCH (run:JobRun {run_id: $run_id}) SET run.heartbeat_at = $at"
    await graph.write(Statement(text, {"run_id": run_id, "at": at}))


async def test_the_run_of_a_dead_worker_is_taken_over_once(patterns: Neo4jGraph) -> None:
    spec = job(yielding(pair("a", "b")))
    dead = await claim_slot(patterns, spec, DUE, "dead")
    assert dead
    assert await claim_waiting(patterns, "early", jobs=(spec,)) is None
    await silence(patterns, dead.run.run_id)
    claims = await asyncio.gather(*(claim_waiting(patterns, f"worker {n}", jobs=(spec,)) for n in range(6)))
    [winner] = [claim for claim in claims if claim]
    assert (winner.run.run_id, winner.run.attempt) == (dead.run.run_id, 2)
    done = await execute(patterns, winner)
    assert (done.state, done.attempt) == ("succeeded", 2)
    # The stalled worker resumes and may change neither the record nor the edges.
    assert (await execute(patterns, dead)) == done
    assert len(await edges_of(patterns)) == 1


async def test_a_run_that_kills_its_workers_is_given_up(graph: Neo4jGraph) -> None:
    spec = job(yielding())
    claimed = await claim_slot(graph, spec, DUE, "first")
    assert claimed
    for n in range(3):
        await silence(graph, claimed.run.run_id)
        claimed = await claim_waiting(graph, f"worker {n}", jobs=(spec,))
        assert claimed
    done = await execute(graph, claimed)
    assert done.state == "failed"
    assert "3 attempts" in (done.error or "")
    assert await claim_waiting(graph, "another", jobs=(spec,)) is None


def endless(begun: asyncio.Event) -> Run:
    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        begun.set()
        yield [pair("a", "b")]
        await asyncio.Event().wait()

    return run


async def test_a_cancelled_run_is_given_back(patterns: Neo4jGraph) -> None:
    begun = asyncio.Event()
    claimed = await claim_slot(patterns, job(endless(begun)), DUE, worker_name())
    assert claimed
    task = asyncio.create_task(execute(patterns, claimed))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await read_run(patterns, claimed.run.run_id)).state == "requested"
    again = await claim_waiting(patterns, "another", jobs=(job(yielding(pair("a", "b"))),))
    assert again
    assert again.run.attempt == 1
    assert (await execute(patterns, again)).state == "succeeded"


async def test_a_run_at_the_command_line_that_is_cancelled_is_recorded_so(patterns: Neo4jGraph) -> None:
    begun = asyncio.Event()
    spec = job(endless(begun))
    task = asyncio.create_task(run_now(patterns, "pairs", jobs=(spec,)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    [run] = await history(patterns, "pairs", jobs=(spec,))
    assert (run.state, run.error) == ("cancelled", "cancelled before it ended")


async def test_a_live_run_keeps_its_heartbeat(patterns: Neo4jGraph) -> None:
    beaten = asyncio.Event()

    async def run(work: Work[PairParams]) -> AsyncIterator[Sequence[JobEdge]]:
        await beaten.wait()
        yield [pair("a", "b")]

    claimed = await claim_slot(patterns, job(run), DUE, "slow")
    assert claimed
    await silence(patterns, claimed.run.run_id)
    task = asyncio.create_task(execute(patterns, claimed, heartbeat_seconds=0.05))
    started_at = claimed.run.started_at
    assert started_at is not None

    async def alive() -> bool:
        at = (await read_run(patterns, claimed.run.run_id)).heartbeat_at
        return at is not None and at >= started_at

    await until(alive, "the run has a new heartbeat")
    assert await claim_waiting(patterns, "eager", jobs=(job(run),)) is None
    beaten.set()
    assert (await task).state == "succeeded"


async def test_a_worker_that_lost_its_run_stops(patterns: Neo4jGraph) -> None:
    begun = asyncio.Event()
    claimed = await claim_slot(patterns, job(endless(begun)), DUE, "slow")
    assert claimed
    task = asyncio.create_task(execute(patterns, claimed, heartbeat_seconds=0.1))
    await begun.wait()
    await patterns.write(Statement("MATCH (run:JobRun) SET run.worker = 'another'"))
    run = await asyncio.wait_for(task, 60)
    assert (run.state, run.worker) == ("running", "another")
