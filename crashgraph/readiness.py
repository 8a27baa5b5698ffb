"""Whether the graph can be used, and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from graph.model.errors import ConflictError, GraphError, QueryError, WrongPasswordError
from graph.model.statement import Statement
from graph.store import Neo4jGraph, apply_schema

ANSWER_SECONDS = 3.0
POLL_SECONDS = 0.25
READ = Statement("RETURN 1 AS one", name="readiness")
WRITE = Statement("MATCH (c:Crash) WITH c LIMIT 1 SET c:Crash", name="readiness")
"""A transaction that takes the lock of a node and changes nothing."""


@dataclass(frozen=True, slots=True)
class Unready:
    """Why the graph cannot be used.

    ``starting``: Neo4j starts, or answers and the service is not done with it yet; ``slow``: no answer in time; ``broken``: no
    connection, or an answer or a write that failed.
    """

    cause: Literal["starting", "slow", "broken"]
    reason: str


class Readiness:
    """The state of one graph."""

    def __init__(self, graph: Neo4jGraph, *, schema_applied: bool = True) -> None:
        """Without ``schema_applied`` the graph is not ready before :meth:`prepare`."""
        self._graph = graph
        self._starting = None if schema_applied else Unready("starting", "the service is starting")
        self.prepared = asyncio.Event()
        """The graph has its schema, so that reports can be stored."""
        if schema_applied:
            self.prepared.set()

    async def prepare(self, check: Callable[[], Awaitable[None]] | None = None) -> None:
        """Apply the schema once the graph answers, and ``check`` finds that it is the right one.

        Raises what ``check`` does, and if the graph can never be used as it is, as with a wrong password.
        """
        while self._starting is not None:
            try:
                await self._answers()
                if check is not None:
                    await check()
                self._starting = Unready("starting", "the service applies the schema")
                await apply_schema(self._graph)
                self._starting = None
                self.prepared.set()
            except (WrongPasswordError, QueryError, ConflictError):
                raise
            except GraphError as error:
                self._starting = Unready("starting" if self._graph.held_back else "broken", str(error))
                await asyncio.sleep(POLL_SECONDS)

    async def problem(self) -> Unready | None:
        """Why the graph cannot be used now. After a failed write it can be used again once a write succeeds."""
        if self._starting is not None:
            return self._starting
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._answers()
                if self._graph.write_failure is not None:
                    await self._graph.write(WRITE)
        except TimeoutError:
            return Unready("slow", f"Neo4j did not answer within {ANSWER_SECONDS:.0f} s")
        except GraphError as error:
            return Unready("broken", str(error))
        return None

    async def _answers(self) -> None:
        """Raise ``GraphError`` at once if the database cannot be read: other reads are repeated for a while."""
        await self._graph.ping()
        await self._graph.run_implicit(READ)
