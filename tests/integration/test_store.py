"""The store on a real server: schema from the model, plain rows, errors of the model's tree."""

from datetime import UTC, datetime

import pytest

from graph.model.convert import properties, record
from graph.model.errors import ConflictError, QueryError, UnavailableError
from graph.model.nodes import Pattern
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph, apply_schema, definitions, find_drift

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def test_applying_the_schema_again_changes_nothing(graph: Neo4jGraph) -> None:
    assert await apply_schema(graph) == []
    assert [drift for drift in await find_drift(graph) if drift.kind != "foreign"] == []


async def test_drift_is_found_and_repaired(graph: Neo4jGraph) -> None:
    victim = next(one for one in definitions() if one.kind == "RANGE" and one.entity == "Crash")
    await graph.write(Statement(f"DROP INDEX {victim.name}"))
    await graph.write(Statement(f"CREATE INDEX {victim.name} FOR (n:Crash) ON (n.title)"))
    await graph.write(Statement("CREATE INDEX somebodys_own FOR (n:Crash) ON (n.message)"))
    drift = {one.name: one.kind for one in await find_drift(graph)}
    assert drift[victim.name] == "different"
    assert drift["somebodys_own"] == "foreign"
    assert await apply_schema(graph) == [victim.name]
    await graph.write(Statement("DROP INDEX somebodys_own"))
    assert victim.name not in {one.name for one in await find_drift(graph)}


async def test_undeclared_schema_is_drift(graph: Neo4jGraph) -> None:
    await graph.write(Statement("CREATE (:Typo {crsh_id: 1})-[:TYPED]->(:Typo)"))
    foreign = {one.name for one in await find_drift(graph)}
    assert {"Typo", "crsh_id", "TYPED"} <= foreign


async def test_records_round_trip(graph: Neo4jGraph) -> None:
    pattern = Pattern(pattern_id="p", name="KeyError in a.b", severity="high", first_seen=NOW)
    await graph.write(Statement("CREATE (p:Pattern) SET p = $row", {"row": properties(pattern)}))
    rows = await graph.read(Statement("MATCH (p:Pattern) RETURN p"))
    assert [record(Pattern, row["p"]) for row in rows] == [pattern]


async def test_a_transaction_is_all_or_nothing(graph: Neo4jGraph) -> None:
    with pytest.raises(QueryError, match="second"):
        await graph.write(Statement("CREATE (:Site {name: 'a'})", name="first"), Statement("RETURN 1 / 0", name="second"))
    assert await graph.read(Statement("MATCH (s:Site) RETURN s.name AS name")) == []


async def test_a_conflict_message_has_no_values(graph: Neo4jGraph) -> None:
    with pytest.raises(ConflictError) as caught:
        await graph.write(Statement("CREATE (:Site {name: $name}) CREATE (:Site {name: $name})", {"name": "s3cret"}))
    assert "s3cret" not in str(caught.value)


async def test_a_read_cannot_write(graph: Neo4jGraph) -> None:
    with pytest.raises(QueryError):
        await graph.read(Statement("CREATE (:Site {name: 'a'})"))


async def test_a_wrong_password_is_reported(endpoint: Endpoint) -> None:
    with pytest.raises(UnavailableError, match="password"):
        await Neo4jGraph.connect(endpoint.bolt_uri, "neo4j", "wrong-password")


async def test_an_absent_server_is_reported() -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        await Neo4jGraph.connect("bolt://127.0.0.1:1", "neo4j", "x", retry_seconds=1)
