"""Crashes in a real graph in, ``CAUSES`` out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from graph.cypher import query
from graph.model.errors import InvalidInputError
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now
from resolvers.root_causes import root_patterns

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400.0
STORE = """
UNWIND $rows AS row
MERGE (pattern:Pattern {pattern_id: row.pattern}) ON CREATE SET pattern.name = row.pattern, pattern.severity = 'low'
MERGE (signature:Signature {exact: 's-' + row.pattern})
MERGE (signature)-[:OF_PATTERN]->(pattern)
CREATE (crash:Crash {crash_id: row.crash_id, status: 'matched', occurred_at: row.at, site: row.site})
CREATE (crash)-[:HAS_SIGNATURE]->(signature)
"""
FIND = "MATCH (a:Pattern)-[r:CAUSES]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r"
Happened = list[tuple[str, str, float]]


def fuse_then_lamp(seed: int = 1, sites: int = 5) -> Happened:
    """A fuse that half of the time fails the lamp of the next site within a minute, and an independent bell."""
    rng = np.random.default_rng(seed)
    happened: Happened = []
    for site in range(sites):
        for second in rng.uniform(0, 60 * DAY, 60):
            happened.append(("fuse", f"site {site}", float(second)))
            if rng.random() < 0.5:
                happened.append(("lamp", f"site {(site + 1) % sites}", float(second + rng.exponential(30.0))))
        happened += [("bell", f"site {site}", float(second)) for second in rng.uniform(0, 60 * DAY, 60)]
        happened += [("lamp", f"site {site}", float(second)) for second in rng.uniform(0, 60 * DAY, 20)]
    return happened


async def store(graph: Neo4jGraph, happened: Happened, sites: int = 5) -> None:
    rows = [
        {"crash_id": f"c{n:05}", "pattern": pattern, "site": site, "at": START + timedelta(seconds=second)}
        for n, (pattern, site, second) in enumerate(happened)
    ]
    await graph.write(Statement(STORE, {"rows": rows}))
    pairs = [[f"site {site}", f"site {(site + 1) % sites}"] for site in range(sites)]
    await graph.write(query("ingest/site_links", pairs=pairs))


async def edges(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["a"], row["b"]): row["r"] for row in await graph.read(Statement(FIND))}


async def test_the_cause_at_a_linked_site_is_found_with_its_lag_and_shown(graph: Neo4jGraph) -> None:
    happened = fuse_then_lamp()
    await store(graph, happened)
    run = await run_now(graph, "causation")
    assert run.state == "succeeded", run.error
    found = await edges(graph)
    assert set(found) == {("fuse", "lamp")}
    edge = found["fuse", "lamp"]
    assert 10 < edge["lag_seconds"] < 40
    assert 0.4 < edge["branching_ratio"] < 0.6
    assert edge["linked_share"] > 0.95
    assert edge["q_value"] < 1e-6
    assert edge["state"] == "supported"
    assert "at a linked site" in edge["why"]
    assert START < edge["since"] < START + timedelta(days=20)
    counts = json.loads(run.counts or "")
    assert (counts["events"], counts["patterns"], counts["places"], counts["links"]) == (len(happened), 3, 5, 5)
    assert counts["audit_false_pairs"] == 0
    text = (
        "UNWIND range(0, size($ids) - 1) AS at MATCH (c:Crash {crash_id: $ids[at]})-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->(p) "
        "RETURN p.pattern_id AS pattern, c.occurred_at AS moment ORDER BY at"
    )
    samples = await graph.read(Statement(text, {"ids": edge["sample_crash_ids"]}))
    assert [row["pattern"] for row in samples] == ["fuse", "lamp"] * 3
    lags = [
        (after["moment"] - before["moment"]).total_seconds() for before, after in zip(samples[::2], samples[1::2], strict=True)
    ]
    assert all(0 <= lag <= 480 for lag in lags)


async def test_a_verdict_against_a_cause_is_obeyed(graph: Neo4jGraph) -> None:
    await store(graph, fuse_then_lamp())
    deny = (
        "MATCH (lamp:Pattern {pattern_id: 'lamp'}), (fuse:Pattern {pattern_id: 'fuse'}) "
        "CREATE (lamp)-[:NOT_CAUSED_BY {by: 'ann', at: datetime(), verdict_id: 'v1'}]->(fuse)"
    )
    await graph.write(Statement(deny))
    await run_now(graph, "causation")
    assert await edges(graph) == {}


async def test_later_data_turn_a_cause_down(graph: Neo4jGraph) -> None:
    happened = fuse_then_lamp()
    await store(graph, happened)
    await run_now(graph, "causation")
    assert (await edges(graph))["fuse", "lamp"]["state"] == "supported"
    rng = np.random.default_rng(9)
    later = [("fuse", f"site {n % 5}", float(second)) for n, second in enumerate(rng.uniform(61 * DAY, 120 * DAY, 320))]
    rows = [
        {"crash_id": f"l{n:05}", "pattern": pattern, "site": site, "at": START + timedelta(seconds=second)}
        for n, (pattern, site, second) in enumerate(later)
    ]
    await graph.write(Statement(STORE, {"rows": rows}))
    await run_now(graph, "causation")
    edge = (await edges(graph))["fuse", "lamp"]
    assert edge["state"] == "refuted"
    assert edge["late_gain"] < 0 < edge["early_gain"]
    assert START + timedelta(days=55) < edge["since"] < START + timedelta(days=62)


async def test_two_runs_of_the_same_data_leave_the_same_edges(graph: Neo4jGraph) -> None:
    await store(graph, fuse_then_lamp(2))
    found = []
    for _ in range(2):
        await run_now(graph, "causation")
        found.append(
            {k: {n: v for n, v in e.items() if n not in ("run_id", "computed_at")} for k, e in (await edges(graph)).items()}
        )
    assert found[0] == found[1] != {}


async def test_an_empty_graph_is_no_failure(graph: Neo4jGraph) -> None:
    run = await run_now(graph, "causation")
    assert (run.state, run.edges_written) == ("succeeded", 0)


CAUSED = """
UNWIND $rows AS row
MERGE (a:Pattern {pattern_id: row.a}) MERGE (b:Pattern {pattern_id: row.b})
SET a.status = coalesce(a.status, 'open'), b.status = coalesce(b.status, 'open'), a.name = row.a, b.name = row.b,
    a.severity = 'low', b.severity = 'low', a.occurrence_count = 100, b.occurrence_count = 100
CREATE (a)-[:CAUSES {score: row.share, state: row.state}]->(b)
"""


async def test_roots_are_open_patterns_that_explain_most_of_other_open_ones(graph: Neo4jGraph) -> None:
    rows = [
        {"a": "disk", "b": "index", "share": 0.8, "state": "supported"},
        {"a": "index", "b": "search", "share": 0.5, "state": "candidate"},
        {"a": "index", "b": "login", "share": 0.6, "state": "supported"},
        {"a": "moon", "b": "login", "share": 0.9, "state": "refuted"},
        {"a": "mended", "b": "search", "share": 0.4, "state": "supported"},
    ]
    await graph.write(
        Statement("CREATE (:Pattern {pattern_id: 'mended', status: 'resolved', name: 'mended', severity: 'low'})")
    )
    await graph.write(Statement(CAUSED, {"rows": rows}))
    roots = (await root_patterns(graph, first=5)).items
    assert [root.node.pattern_id for root in roots] == ["disk", "index"]
    assert roots[0].explains == pytest.approx(80 + 80 * 0.5 + 80 * 0.6)
    assert (roots[0].reached, roots[0].explained) == (3, 0.0)
    assert roots[1].explained == pytest.approx(0.8)
    top = await root_patterns(graph, first=1)
    assert ([root.node.pattern_id for root in top.items], top.has_next, top.has_previous) == (["disk"], True, False)
    rest = await root_patterns(graph, first=1, after=top.cursors[-1])
    assert ([root.node.pattern_id for root in rest.items], rest.has_next, rest.has_previous) == (["index"], False, True)
    with pytest.raises(InvalidInputError):
        await root_patterns(graph, first=0)


async def test_an_empty_graph_has_no_roots(graph: Neo4jGraph) -> None:
    assert (await root_patterns(graph)).items == ()
