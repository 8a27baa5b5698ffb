"""Every query compiles on the real server, and none looks at everything unless its header says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.cypher import load, names
from graph.model.statement import Statement
from graph.store import Neo4jGraph

SCANS = (
    "AllNodesScan",
    "NodeByLabelScan",
    "UnionNodeByLabelsScan",
    "IntersectionNodeByLabelsScan",
    "SubtractionNodeByLabelsScan",
    "DirectedRelationshipTypeScan",
    "UndirectedRelationshipTypeScan",
    "DirectedAllRelationshipsScan",
    "UndirectedAllRelationshipsScan",
    "DirectedUnionRelationshipTypesScan",
    "UndirectedUnionRelationshipTypesScan",
    "NodeIndexScan",
    "DirectedRelationshipIndexScan",
    "UndirectedRelationshipIndexScan",
)
VECTOR = [1.0, *[0.0] * 383]
VALUES: dict[str, Any] = {
    "STRING": "x",
    "INTEGER": 3,
    "FLOAT": 0.5,
    "ANY": 1,
    "ZONED DATETIME": datetime(2026, 1, 1, tzinfo=UTC),
    "LIST<STRING>": ["x", "y"],
    "LIST<LIST<STRING>>": [["x", "y"]],
    "LIST<MAP>": [{"exact": "x", "query": "x", "embedding": VECTOR, "structural": "x"}],
}
"""A value of each type that a header may name."""


@pytest.fixture
async def filled(graph: Neo4jGraph) -> Neo4jGraph:
    """Enough of everything that a planner who could use an index would: a year of crashes and runs."""
    await graph.write(
        Statement(
            "UNWIND range(1, 100) AS i "
            "CREATE (p:Pattern {pattern_id: 'p' + i, name: 'a name', severity: 'low', status: 'open', occurrence_count: i, "
            "  first_seen: datetime() - duration({days: i}), last_seen: datetime() - duration({hours: i})}) "
            "CREATE (s:Signature {exact: 's' + i, structural: 'h' + i, text: 'a text', frames: []})-[:OF_PATTERN]->(p) "
            "CREATE (s)-[:HAS_FRAME {position: 0}]->(:Frame {key: 'f' + i})-[:IN_MODULE]->(:Module {key: 'm' + i}) "
            "CREATE (e:Environment {environment_id: 'e' + i})-[:AT_SITE]->(:Site {name: 'n' + i}) "
            "CREATE (e)-[:RUNS_VERSION]->(:Version {version_id: 'v' + i, product: 'x' + i % 10}) "
            "CREATE (:Solution {solution_id: 'o' + i})-[:RESOLVES]->(p) "
            "WITH s, e, i UNWIND range(1, 40) AS j "
            "CREATE (c:Crash {crash_id: 'c' + i + '-' + j, status: 'matched', severity: 'low', site: 'n' + i, product: 'x', "
            "  occurred_at: datetime() - duration({hours: i * j}), received_at: datetime() - duration({hours: i * j})}) "
            "CREATE (c)-[:HAS_SIGNATURE]->(s) CREATE (c)-[:OCCURRED_IN]->(e)",
            name="fill",
        ),
        Statement(
            "MATCH (a:Pattern), (b:Pattern) WHERE a.pattern_id < b.pattern_id AND b.occurrence_count % 10 = 0 "
            "CREATE (a)-[:CO_OCCURS_WITH {score: 0.5, run_id: 'r1'}]->(b)",
            name="relate",
        ),
        Statement(
            "UNWIND range(1, 2000) AS i CREATE (:JobRun {run_id: 'r' + i, job: 'j' + i % 5, state: 'succeeded', "
            "  requested_at: datetime() - duration({hours: i})})",
            name="runs",
        ),
    )
    await graph.read(Statement("CALL db.prepareForReplanning(60)", name="sample the indexes"))
    return graph


async def test_queries_compile_and_use_indexes(filled: Neo4jGraph) -> None:
    wrong = []
    for name in names():
        query = load(name)
        params = {param: VALUES[type_] for param, type_ in query.params.items()}
        operators = await filled.explain(Statement(query.text, params, name))
        assert operators, name
        scans = [operator for operator in operators if operator.partition(" ")[0] in SCANS]
        if bool(scans) != ("Full scan" in query.header):
            wrong.append(f"{name}: {scans or 'says that it looks at everything, but does not'}")
    assert wrong == []


async def test_a_full_scan_is_seen(filled: Neo4jGraph) -> None:
    operators = await filled.explain(Statement("MATCH (c:Crash) WHERE c.title CONTAINS 'x' RETURN c"))
    assert [operator.split() for operator in operators if operator.startswith("NodeByLabelScan")] == [
        ["NodeByLabelScan", "c:Crash"]
    ]


async def test_explaining_changes_nothing(graph: Neo4jGraph) -> None:
    operators = await graph.explain(Statement("CYPHER 25 CREATE (:Site {name: 'x'})"))
    assert any(operator.startswith("Create") for operator in operators)
    assert await graph.read(Statement("MATCH (n) RETURN count(n) AS nodes")) == [{"nodes": 0}]
