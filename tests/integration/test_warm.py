"""Warming up writes nothing."""

from __future__ import annotations

from crashgraph.wiring import Parts
from graph.ingest.warm_up import warm
from graph.model.statement import Statement

NODES = Statement("MATCH (n) RETURN count(n) AS count")


async def test_nothing_is_written(parts: Parts) -> None:
    before = await parts.graph.read(NODES)
    await warm(parts.graph, parts.matcher)
    assert await parts.graph.read(NODES) == before
