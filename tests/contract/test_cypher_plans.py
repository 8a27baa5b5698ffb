"""Every query compiles on the real server, and none scans a whole label unless its header gives the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from model_graph import statements

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
    "BOOLEAN": True,
    "ANY": 1,
    "ZONED DATETIME": datetime(2026, 1, 1, tzinfo=UTC),
    "LIST<STRING>": ["x", "y"],
    "LIST<INTEGER>": [1, 2],
    "LIST<FLOAT>": VECTOR,
    "LIST<LIST<STRING>>": [["x", "y"]],
    "MAP": {"exact": "x", "solution_id": "x", "validation_id": "x", "version_id": "x", "trust": "validated"},
    "LIST<MAP>": [{"exact": "x", "query": "x", "embedding": VECTOR, "structural": "x"}],
}
"""A value of each type that a header may name."""


@pytest.fixture
async def filled(graph: Neo4jGraph) -> Neo4jGraph:
    """Data large enough that the planner prefers an index."""
    for statement in statements():
        await graph.write(statement)
    await graph.read(Statement("CALL db.prepareForReplanning(60)", name="sample the indexes"))
    return graph


@pytest.mark.timeout(600)
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


async def test_a_full_scan_is_detected(graph: Neo4jGraph) -> None:
    operators = await graph.explain(Statement("MATCH (c:Crash) WHERE c.title CONTAINS 'x' RETURN c"))
    assert [operator.split() for operator in operators if operator.startswith("NodeByLabelScan")] == [
        ["NodeByLabelScan", "c:Crash"]
    ]


async def test_explaining_changes_nothing(graph: Neo4jGraph) -> None:
    operators = await graph.explain(Statement("CYPHER 25 CREATE (:Site {name: 'x'})"))
    assert any(operator.startswith("Create") for operator in operators)
    assert await graph.read(Statement("MATCH (n) RETURN count(n) AS nodes")) == [{"nodes": 0}]
