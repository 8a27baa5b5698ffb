"""The graph as one request reads it: each read has a time limit, few run at once, and none outlives the request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction

T = TypeVar("T")

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

    def apart(self) -> RequestGraph:
        """The same graph for another operation, whose reads end apart from these."""
        return RequestGraph(self._graph, seconds=self._seconds)

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
