"""Crashes in a real graph in, ``CO_OCCURS_WITH`` out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now

START = datetime(2026, 1, 1, tzinfo=UTC)
STORE = """
UNWIND $rows AS row
MERGE (pattern:Pattern {pattern_id: row.pattern}) ON CREATE SET pattern.name = row.pattern, pattern.severity = 'low'
MERGE (signature:Signature {exact: 's-' + row.pattern})
MERGE (signature)-[:OF_PATTERN]->(pattern)
CREATE (crash:Crash {crash_id: row.crash_id, status: row.status, occurred_at: row.at, site: row.site, session: row.session})
CREATE (crash)-[:HAS_SIGNATURE]->(signature)
"""


def crash(number: int, pattern: str, seconds: float | None, **fields: str | None) -> dict[str, object]:
    at = None if seconds is None else START + timedelta(seconds=seconds)
    known = {
        "crash_id": f"c{number:05}",
        "pattern": pattern,
        "at": at,
        "status": "matched",
        "site": None,
        "session": None,
    }
    return {**known, **fields}


def background(patterns: list[str], sites: int, each: int, seed: int) -> list[tuple[str, str, float]]:
    rng = np.random.default_rng(seed)
    return [
        (pattern, f"site {site}", float(second))
        for pattern in patterns
        for site in range(sites)
        for second in rng.uniform(0, 30 * 86400, each)
    ]


async def store(graph: Neo4jGraph, happened: list[tuple[str, str, float]]) -> None:
    rows = [crash(n, pattern, second, site=site) for n, (pattern, site, second) in enumerate(happened)]
    await graph.write(Statement(STORE, {"rows": rows}))


async def edges(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, Any]]:
    text = "MATCH (a:Pattern)-[r:CO_OCCURS_WITH]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r"
    return {(row["a"], row["b"]): row["r"] for row in await graph.read(Statement(text))}


async def test_only_the_pair_that_goes_together_is_found(graph: Neo4jGraph) -> None:
    happened = background(["ant", "bee", "cat", "dog"], sites=4, each=40, seed=1)
    happened += [("cow", site, second + 30) for pattern, site, second in happened if pattern == "bee"][::2]
    await store(graph, happened)
    run = await run_now(graph, "co_occurrence")
    assert run.state == "succeeded", run.error
    found = await edges(graph)
    assert set(found) == {("bee", "cow")}
    edge = found["bee", "cow"]
    assert 70 <= edge["support"] <= 85
    assert edge["sites"] == 4
    assert edge["score"] > 0.9
    assert edge["lift"] > 10
    assert edge["q_value"] < 1e-9
    assert edge["run_id"] == run.run_id
    counts = json.loads(run.counts or "")
    assert (counts["events"], counts["patterns"], counts["places"]) == (len(happened), 5, 4)
    assert counts["audit_false_pairs"] == 0
    text = (
        "MATCH (c:Crash)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->(p) WHERE c.crash_id IN $ids "
        "RETURN p.pattern_id AS pattern, count(*) AS n ORDER BY pattern"
    )
    samples = await graph.read(Statement(text, {"ids": edge["sample_crash_ids"]}))
    assert [(row["pattern"], row["n"]) for row in samples] == [("bee", 3), ("cow", 3)]


async def test_when_they_no_longer_go_together_the_edge_goes(graph: Neo4jGraph) -> None:
    await store(graph, [(p, "one", 7200.0 * n + 10 * (p == "bee")) for n in range(40) for p in ("ant", "bee")])
    await run_now(graph, "co_occurrence")
    assert set(await edges(graph)) == {("ant", "bee")}
    await graph.write(Statement("MATCH (c:Crash)-[:HAS_SIGNATURE]->({exact: 's-bee'}) SET c.status = 'muted'"))
    run = await run_now(graph, "co_occurrence")
    assert (await edges(graph), run.edges_removed) == ({}, 1)


async def test_sessions_stand_in_for_sites_and_the_rest_is_counted(graph: Neo4jGraph) -> None:
    rows = [
        crash(2 * n + k, pattern, 7200.0 * n + 5 * k, session="desk")
        for n in range(40)
        for k, pattern in enumerate(("ant", "bee"))
    ]
    rows += [crash(900 + n, "ant", None, site="one") for n in range(3)]
    rows += [crash(950 + n, "bee", 10.0) for n in range(2)]
    await graph.write(Statement(STORE, {"rows": rows}))
    run = await run_now(graph, "co_occurrence")
    assert set(await edges(graph)) == {("ant", "bee")}
    counts = json.loads(run.counts or "")
    assert (counts["crashes_without_time"], counts["crashes_without_place"], counts["events"]) == (3, 2, 80)


async def test_the_signatures_of_one_pattern_count_together(graph: Neo4jGraph) -> None:
    await store(graph, [(p, "one", 7200.0 * n + 10 * (p != "ant")) for n in range(40) for p in ("ant", ("bee", "wasp")[n % 2])])
    merge = (
        "MATCH (s:Signature {exact: 's-wasp'})-[old:OF_PATTERN]->(), (bee:Pattern {pattern_id: 'bee'}) "
        "DELETE old CREATE (s)-[:OF_PATTERN]->(bee)"
    )
    await graph.write(Statement(merge))
    await run_now(graph, "co_occurrence")
    assert {pair: edge["support"] for pair, edge in (await edges(graph)).items()} == {("ant", "bee"): 40}


async def test_the_look_back_counts_from_the_latest_crash(graph: Neo4jGraph) -> None:
    await store(graph, [(p, "one", 86400.0 * n) for n in range(40) for p in ("ant", "bee")])
    run = await run_now(graph, "co_occurrence", {"look_back_days": 9.5})
    assert json.loads(run.counts or "")["events"] == 20


async def test_an_empty_graph_is_no_failure(graph: Neo4jGraph) -> None:
    run = await run_now(graph, "co_occurrence")
    assert (run.state, run.edges_written) == ("succeeded", 0)


async def test_two_runs_of_the_same_data_leave_the_same_edges(graph: Neo4jGraph) -> None:
    await store(graph, [(p, "one", 7200.0 * n + 10 * (p == "bee")) for n in range(40) for p in ("ant", "bee")])
    found = []
    for _ in range(2):
        await run_now(graph, "co_occurrence")
        found.append(
            {k: {n: v for n, v in e.items() if n not in ("run_id", "computed_at")} for k, e in (await edges(graph)).items()}
        )
    assert found[0] == found[1] != {}
