"""The context of a request: what its fields load together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from graph.model.actor import Scope
from graph.model.permissions import needs
from graph.ports import Graph
from schema.context import Context


async def test_a_cancelled_field_does_not_end_others_that_wait_for_the_same_node() -> None:
    """The executor cancels the fields beside one that failed."""
    asked: list[list[str]] = []

    @needs(Scope.READ)
    async def slow(graph: Graph, ids: Sequence[str]) -> dict[str, str]:  # as every relation
        asked.append(list(ids))
        await asyncio.sleep(0.02)
        return {id: id.upper() for id in ids}

    context = Context(graph=None, matcher=None, receiver=None)  # type: ignore[arg-type]  # nothing reads the graph

    async def field() -> str | None:
        return await context.load(slow, "a")

    beside, other = asyncio.create_task(field()), asyncio.create_task(field())
    await asyncio.sleep(0.01)
    beside.cancel()
    assert await other == "A"
    with pytest.raises(asyncio.CancelledError):
        await beside
    assert asked == [["a"]]
