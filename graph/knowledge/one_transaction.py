"""Several use cases in one transaction: all of them are stored, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_conflicts

T = TypeVar("T")


async def in_one_transaction(graph: Graph, work: Callable[[Graph], Awaitable[T]]) -> T:
    """What ``work`` answers, which runs in one transaction through the graph that it gets.

    It is run again from the start where the transaction is retried, so it must do nothing outside the graph.
    """

    async def attempt(tx: Transaction) -> T:
        return await work(OpenGraph(tx))

    return await retry_conflicts(lambda: graph.transact(attempt))


class OpenGraph:
    """An open transaction as a graph, so that a use case with several transactions runs in this one."""

    def __init__(self, tx: Transaction) -> None:
        """The transaction is begun and ended elsewhere."""
        self._tx = tx

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a statement."""
        return await self._tx.run(statement)

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """Rows of each statement."""
        return [await self._tx.run(statement) for statement in statements]

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """The result of the work."""
        return await work(self._tx)
