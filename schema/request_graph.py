"""The graph as one request reads it: each read has a time limit, few run at once, and none outlives the request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias, TypeVar

from graph.cypher.selected import selecting
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction

T = TypeVar("T")

Selected: TypeAlias = Mapping[str, frozenset[str]]
"""Names of properties by the label of their node."""

READ_SECONDS = 30.0
"""After this time Neo4j ends a read."""
MOST_AT_ONCE = 8
"""Reads of one request that run at once; the pool of connections serves all requests."""


class RequestGraph:
    """A :class:`graph.ports.Graph` for one request or socket."""

    def __init__(self, graph: Graph, *, seconds: float = READ_SECONDS, at_once: int = MOST_AT_ONCE) -> None:
        """``graph`` does the work."""
        self._graph = graph
        self._seconds = seconds
        self._free = asyncio.Semaphore(at_once)
        self._reading: set[asyncio.Task[object]] = set()
        self.ran: list[Statement] | None = None
        """What was read so far, where someone asked for it."""

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement; ``LimitError`` when it took too long."""
        task = asyncio.current_task()
        assert task is not None
        if self.ran is not None:
            self.ran.append(statement)
        self._reading.add(task)
        try:
            async with self._free:
                return await self._graph.read(replace(statement, seconds=self._seconds))
        finally:
            self._reading.discard(task)

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """As the graph does."""
        return await self._graph.write(*statements)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """As the graph does."""
        return await self._graph.transact(work)

    def end_reads(self) -> None:
        """Cancel the reads that still run, for which no one waits any more; Neo4j ends them as their connections close."""
        for task in self._reading - {asyncio.current_task()}:
            task.cancel()


class SelectingGraph:
    """A :class:`graph.ports.Graph` that reads some properties of nodes of some labels."""

    def __init__(self, graph: Graph, selected: Selected) -> None:
        """``graph`` does the work."""
        self._graph = graph
        self._selected = selected

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement, their nodes with the selected properties alone."""
        text = statement.text
        for label, names in self._selected.items():
            text = selecting(text, label, names)
        return await self._graph.read(replace(statement, text=text))

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """As the graph does."""
        return await self._graph.write(*statements)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """As the graph does."""
        return await self._graph.transact(work)
