"""Servers and workers that start at the same moment all bring the schema up to date, and none fails."""

from __future__ import annotations

import asyncio

from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph, apply_schema, definitions, find_drift

PROCESSES = 4


async def test_several_apply_the_schema_at_once(graph: Neo4jGraph, endpoint: Endpoint) -> None:
    for one in definitions():
        kind = "CONSTRAINT" if one.kind == "UNIQUENESS" else "INDEX"
        await graph.write(Statement(f"DROP {kind} {one.name}", name=f"drop {one.name}"))
    others = [await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) for _ in range(PROCESSES)]
    try:
        created = await asyncio.gather(*(apply_schema(other) for other in others))
    finally:
        await asyncio.gather(*(other.close() for other in others))
    # A process that loses its connection after a commit cannot count what it made, so the sum may be lower but never higher.
    made = [name for names in created for name in names]
    assert set(made) <= {one.name for one in definitions()}
    assert [drift for drift in await find_drift(graph) if drift.kind != "foreign"] == []
