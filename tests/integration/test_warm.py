"""Warming up writes nothing."""

from __future__ import annotations

from crashgraph.wiring import Container
from graph.ingest.warm_up import warm
from graph.model.statement import Statement

NODES = Statement("MATCH (n) RETURN count(n) AS count")


async def test_nothing_is_written(container: Container) -> None:
    before = await container.graph.read(NODES)
    await warm(container.graph, container.matcher)
    assert await container.graph.read(NODES) == before
