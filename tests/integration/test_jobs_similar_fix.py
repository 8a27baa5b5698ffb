"""Fixes in a real graph in, ``SIMILAR_FIX`` out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from small_graph import START, arrange, crash, pattern

from graph.knowledge.solutions import NewSolution, SolutionUse, record_solution, record_use
from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import person
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now

SAME = "Give the default tariff when the room is missing from the table"
LIKE = "When the room is missing from the tariff table, give a default"
OTHER = "Raise the memory limit of the nightly import to 8 GiB"


@pytest.fixture
async def shop(graph: Neo4jGraph) -> Neo4jGraph:
    """Six patterns of one cluster of errors and two of another, each with a crash."""
    names = ["ant", "bee", "cat", "dog", "eel", "fox"]
    rows = [pattern(name, 1, cluster_id="K:room") for name in names] + [
        pattern(name, 1, cluster_id="M") for name in ("gnu", "hen")
    ]
    await arrange(graph, rows, [crash(f"c-{row['pattern_id']}", row["pattern_id"]) for row in rows])
    return graph


async def fixed(
    graph: Neo4jGraph, pattern_id: str, text: str, *, worked: int = 1, failed: int = 0, steps: str | None = None
) -> str:
    made = await record_solution(graph, NewSolution(pattern_id=pattern_id, description=text, steps=steps), person("Ann"))
    for number in range(worked + failed):
        use = SolutionUse(solution_id=made.solution_id, pattern_id=pattern_id, worked=number < worked, at=START)
        await record_use(graph, use, person("Ann"))
    return made.solution_id


async def edges(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, Any]]:
    text = "MATCH (a:Pattern)-[r:SIMILAR_FIX]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r"
    return {(row["a"], row["b"]): row["r"] for row in await graph.read(Statement(text))}


async def test_patterns_of_the_same_fix_and_of_like_ones_are_linked(shop: Neo4jGraph) -> None:
    solution = await fixed(shop, "ant", SAME)
    assert await fixed(shop, "bee", SAME) == solution
    like = await fixed(shop, "gnu", LIKE)
    await fixed(shop, "hen", OTHER)
    run = await run_now(shop, "similar_fix")
    assert run.state == "succeeded", run.error
    found = await edges(shop)
    assert set(found) == {("ant", "bee"), ("ant", "gnu"), ("bee", "gnu")}
    shared = found["ant", "bee"]
    assert (shared["score"], shared["shared"], shared["support"], shared["solution_ids"]) == (1.0, 1, 1, [solution])
    assert shared["sample_crash_ids"] == ["c-ant", "c-bee"]
    edge = found["ant", "gnu"]
    assert edge["shared"] == 0
    assert 0.5 < edge["score"] < 1
    assert set(edge["solution_ids"]) == {solution, like}
    counts = json.loads(run.counts or "")
    assert (counts["solutions"], counts["patterns"], counts["audit_false_pairs"]) == (3, 4, 0)


async def test_unused_and_failed_solutions_are_no_fix(shop: Neo4jGraph) -> None:
    await fixed(shop, "ant", SAME)
    await fixed(shop, "bee", SAME, worked=0)
    await fixed(shop, "cat", SAME, worked=1, failed=1)
    await run_now(shop, "similar_fix")
    assert await edges(shop) == {}
    await run_now(shop, "similar_fix", {"suggested": True})
    assert set(await edges(shop)) == {("ant", "bee")}


async def test_a_fix_of_very_many_patterns_links_each_to_a_few(graph: Neo4jGraph) -> None:
    rows = [pattern(f"p{n:03}", 1, cluster_id="K") for n in range(120)]
    await arrange(graph, rows, [crash(f"c{n}", f"p{n:03}") for n in range(120)])
    text = (
        "MATCH (p:Pattern) WITH collect(p) AS all CREATE (s:Solution {solution_id: 's', description: 'x'}) "
        "WITH s, all UNWIND all AS p CREATE (s)-[:RESOLVES {worked: toInteger(right(p.pattern_id, 3)), failed: 0}]->(p)"
    )
    await graph.write(Statement(text))
    run = await run_now(graph, "similar_fix", {"top": 3})
    found = await edges(graph)
    assert 110 <= len(found) <= 3 * 120
    assert run.edges_written == len(found)
    assert {id for pair in found for id in pair} == {f"p{n:03}" for n in range(1, 120)}, "p000 was never fixed"


async def test_no_edge_between_a_pattern_and_its_successor(shop: Neo4jGraph) -> None:
    for name in ("ant", "bee", "cat"):
        await fixed(shop, name, SAME)
    await run_now(shop, "similar_fix")
    assert len(await edges(shop)) == 3
    await Verdicts(shop, str).merge(["ant", "bee"], actor=person("Ann"))
    await run_now(shop, "similar_fix")
    assert set(await edges(shop)) == {("ant", "cat")}


async def test_an_empty_graph_is_no_failure(graph: Neo4jGraph) -> None:
    run = await run_now(graph, "similar_fix")
    assert (run.state, run.edges_written) == ("succeeded", 0)
