"""The graph as one request reads it: each read has a time limit, few run at once, and none outlives the request."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, TypeAlias, TypeVar

from graph.cypher.selected import selecting
from graph.cypher.together import returns_one_list, together
from graph.model.errors import CrashgraphError
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
    """A :class:`graph.ports.Graph` for one request or socket.

    Short reads that begin at the same moment, such as those of the relations of a level, are sent as one statement from the
    second time on: the exchange with the server takes longer than they do.
    """

    def __init__(self, graph: Graph, *, seconds: float = READ_SECONDS, at_once: int = MOST_AT_ONCE) -> None:
        """``graph`` does the work."""
        self._graph = graph
        self._seconds = seconds
        self._free = asyncio.Semaphore(at_once)
        self._reading: set[asyncio.Task[Any] | None] = set()
        self._beginning: list[tuple[Statement, asyncio.Future[list[Row]]]] = []
        self.ran: list[Statement] | None = None
        """What was read so far, where someone asked for it."""

    def apart(self) -> RequestGraph:
        """The same graph for another operation, whose reads end apart from these."""
        return RequestGraph(self._graph, seconds=self._seconds)

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement; ``LimitError`` when it took too long."""
        if self.ran is not None:
            self.ran.append(statement)
        statement = replace(statement, seconds=self._seconds)
        if not returns_one_list(statement.text):
            return await self._read(statement)
        loop = asyncio.get_running_loop()
        rows: asyncio.Future[list[Row]] = loop.create_future()
        if not self._beginning:
            loop.call_soon(self._begin)  # after the others of this turn of the loop
        self._beginning.append((statement, rows))
        return await rows

    def _begin(self) -> None:
        """Send the reads that began since the last turn of the loop."""
        begun, self._beginning = self._beginning, []
        waiting = [(statement, rows) for statement, rows in begun if not rows.done()]
        if waiting:
            reading = self._read_all([one for one, _ in waiting], [rows for _, rows in waiting])
            self._reading.add(asyncio.ensure_future(reading))

    async def _read_all(self, statements: Sequence[Statement], results: Sequence[asyncio.Future[list[Row]]]) -> None:
        """Read all, as one statement if they are known to be short."""
        texts = tuple(one.text for one in statements)
        began = perf_counter()
        try:
            if texts in SHORT and await self._read_together(statements, results):
                return
            await asyncio.gather(*map(self._answer, statements, results))
            if len(texts) > 1 and perf_counter() - began < SHORT_SECONDS:
                SHORT.add(texts)
        finally:
            self._reading.discard(asyncio.current_task())
            for result in results:
                result.cancel()  # nothing where there is a result

    async def _read_together(self, statements: Sequence[Statement], results: Sequence[asyncio.Future[list[Row]]]) -> bool:
        """Read all as one statement; false if one of them failed, which may be no fault of the others."""
        texts = tuple(one.text for one in statements)
        began = perf_counter()
        try:
            [row] = await self._read(together(statements))
        except CrashgraphError:
            SHORT.discard(texts)
            return False
        if perf_counter() - began > SHORT_SECONDS:
            SHORT.discard(texts)
        for number, result in enumerate(results):
            found = row[f"rows{number}"]
            _settle(result, [] if found is None else [{"rows": found}])
        return True

    async def _answer(self, statement: Statement, result: asyncio.Future[list[Row]]) -> None:
        try:
            rows = await self._read(statement)
        except Exception as error:  # noqa: BLE001  # whoever waits for the rows gets it
            if not result.done():
                result.set_exception(error)
        else:
            _settle(result, rows)

    async def _read(self, statement: Statement) -> list[Row]:
        task = asyncio.current_task()
        assert task is not None
        self._reading.add(task)
        try:
            async with self._free:
                return await self._graph.read(statement)
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
            if task is not None:
                task.cancel()


class _Texts:
    """The texts of statements that were short when they were read at the same moment, those used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def __contains__(self, texts: tuple[str, ...]) -> bool:
        if texts not in self._kept:
            return False
        self._kept.move_to_end(texts)
        return True

    def add(self, texts: tuple[str, ...]) -> None:
        self._kept[texts] = None
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def discard(self, texts: tuple[str, ...]) -> None:
        self._kept.pop(texts, None)


SHORT = _Texts(500)
SHORT_SECONDS = 0.1
"""Statements that take less, all of them, are sent as one."""


def _settle(result: asyncio.Future[list[Row]], rows: list[Row]) -> None:
    if not result.done():
        result.set_result(rows)


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
