"""A job that writes nodes: stamped, merged before their edges, stale ones removed, and only what it declares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs import publish
from jobs.params import NoParams
from jobs.runner import run_now
from jobs.spec import JobEdge, JobNode, JobOutput, JobSpec, NodeUpdate, Work

FOUNDED = datetime(2026, 3, 1, tzinfo=UTC)


def job(*outputs: JobOutput, updates: tuple[str, ...] = ("Pattern.influence",)) -> JobSpec[NoParams]:
    async def run(work: Work[NoParams]) -> AsyncIterator[Sequence[JobOutput]]:
        yield outputs

    writes = ("Community", "MEMBER_OF")
    return JobSpec("families", "7", "Test job.", "off", NoParams, ("Pattern",), writes, run, updates=updates)


def family(name: str, size: int = 2, founded_at: datetime = FOUNDED, **changed: object) -> JobNode:
    properties = {"community_id": name, "name": name, "method": "ties", "size": size, "cohesion": 0.5}
    return JobNode("Community", {**properties, **changed}, on_create={"founded_at": founded_at})


def member(pattern: str, community: str) -> JobEdge:
    return JobEdge("MEMBER_OF", pattern, community, {"strength": 1.0})


@pytest.fixture
async def patterns(graph: Neo4jGraph) -> Neo4jGraph:
    text = "UNWIND ['a', 'b', 'c'] AS id CREATE (:Pattern {pattern_id: id, name: id, severity: 'low'})"
    await graph.write(Statement(text))
    return graph


async def families(graph: Neo4jGraph) -> dict[str, dict[str, object]]:
    rows = await graph.read(Statement("MATCH (c:Community) RETURN c"))
    return {row["c"]["community_id"]: row["c"] for row in rows}


async def members(graph: Neo4jGraph) -> set[tuple[str, str]]:
    text = "MATCH (p:Pattern)-[:MEMBER_OF]->(c:Community) RETURN p.pattern_id AS pattern, c.community_id AS community"
    return {(row["pattern"], row["community"]) for row in await graph.read(Statement(text))}


@pytest.mark.parametrize("at_once", [50_000, 1], ids=["one transaction", "batches"])
async def test_nodes_are_stamped_merged_and_removed_when_stale(
    patterns: Neo4jGraph, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(publish, "AT_ONCE", at_once)
    first = job(member("a", "one"), member("b", "two"), family("one", modules=("m",)), family("two"))
    run = await run_now(patterns, "families", jobs=(first,))
    assert run.state == "succeeded", run.error
    assert (run.nodes_written, run.nodes_removed, run.edges_written, run.edges_removed) == (2, 0, 2, 0)
    one = (await families(patterns))["one"]
    assert (one["algorithm"], one["algorithm_version"], one["run_id"]) == ("families", "7", run.run_id)
    assert isinstance(one["computed_at"], datetime)
    again = job(family("one", size=3, founded_at=datetime(2027, 1, 1, tzinfo=UTC)), member("a", "one"), member("c", "one"))
    run = await run_now(patterns, "families", jobs=(again,))
    assert (run.nodes_written, run.nodes_removed, run.edges_written, run.edges_removed) == (1, 1, 2, 1)
    [(name, stored)] = (await families(patterns)).items()
    assert (name, stored["size"], stored["founded_at"], stored["run_id"]) == ("one", 3, FOUNDED, run.run_id)
    assert "modules" not in stored, "the second run did not give it"
    assert await members(patterns) == {("a", "one"), ("c", "one")}


async def test_a_failed_run_leaves_the_nodes_of_the_last_one(patterns: Neo4jGraph) -> None:
    await run_now(patterns, "families", jobs=(job(family("one"), member("a", "one")),))
    failed = await run_now(patterns, "families", jobs=(job(family("two"), member("a", "")),))
    assert failed.state == "succeeded", "an edge without an end is left out"
    assert set(await families(patterns)) == {"two"}
    wrong = await run_now(patterns, "families", jobs=(job(family("three"), JobNode("Site", {"name": "x"})),))
    assert wrong.state == "failed"
    assert set(await families(patterns)) == {"two"}


async def test_properties_of_others_are_set_and_removed(patterns: Neo4jGraph) -> None:
    async def influence() -> dict[str, float | None]:
        rows = await patterns.read(Statement("MATCH (p:Pattern) RETURN p.pattern_id AS id, p.influence AS influence"))
        return {row["id"]: row["influence"] for row in rows}

    updates = [NodeUpdate("Pattern", id, {"influence": value}) for id, value in (("a", 0.25), ("b", 0.75), ("gone", 1.0))]
    assert (await run_now(patterns, "families", jobs=(job(*updates),))).state == "succeeded"
    assert await influence() == {"a": 0.25, "b": 0.75, "c": None}
    assert (
        await run_now(patterns, "families", jobs=(job(NodeUpdate("Pattern", "a", {"influence": None})),))
    ).state == "succeeded"
    assert await influence() == {"a": None, "b": 0.75, "c": None}


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (JobNode("Site", {"name": "x"}), "Site is not among what the job declares to write"),
        (JobNode("Nothing", {"name": "x"}), "Nothing is not among"),
        (family("one", colour="red"), "colour is undeclared"),
        (family("one", run_id="mine"), "run_id is undeclared or the runner's to write"),
        (family("one", cohesion=None), "cohesion is missing"),
        (family("one", cohesion=float("nan")), "cohesion is nan"),
        (family(""), "community_id is missing"),
        (NodeUpdate("Pattern", "a", {"brokerage": 0.5}), "Pattern.brokerage is not among"),
        (NodeUpdate("Pattern", "a", {"influence": float("inf")}), "influence is inf"),
    ],
)
async def test_a_node_the_job_may_not_write_fails_the_run(patterns: Neo4jGraph, output: JobOutput, why: str) -> None:
    run = await run_now(patterns, "families", jobs=(job(output),))
    assert run.state == "failed"
    assert why in (run.error or "")
    assert await families(patterns) == {}


async def test_a_statement_needs_declared_updates(patterns: Neo4jGraph) -> None:
    statement = Statement("MATCH (p:Pattern {pattern_id: 'a'}) SET p.influence = 1.0 RETURN p", name="influence of a")
    run = await run_now(patterns, "families", jobs=(job(statement),))
    assert run.state == "succeeded", run.error
    run = await run_now(patterns, "families", jobs=(job(statement, updates=()),))
    assert "influence of a is yielded, but the job declares no updates" in (run.error or "")


async def test_a_job_cannot_update_what_the_model_lacks(patterns: Neo4jGraph) -> None:
    run = await run_now(patterns, "families", jobs=(job(updates=("Pattern.colour",)),))
    assert "Pattern.colour, which the model does not declare" in (run.error or "")
