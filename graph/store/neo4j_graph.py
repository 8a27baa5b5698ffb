"""The :class:`graph.ports.Graph` port on the neo4j driver: one pool, managed transactions, plain rows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, AsyncSession
from neo4j.exceptions import DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Duration

from graph.model.errors import ConflictError, GraphError, QueryError, UnavailableError
from graph.model.statement import Statement
from graph.ports import Row, Transaction
from graph.store.failures import translated

T = TypeVar("T")

_LANGUAGE = re.compile(r"(?:\s*//[^\n]*\n)*\s*CYPHER\s+\d+\s")
"""Comments and ``CYPHER 25`` at the start of a query."""
FETCH_SIZE = 100
"""Rows that the server sends at once where all are read; a row may hold a report of 256 KiB."""
_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})


class Neo4jGraph:
    """A connection to one database.

    Transactions are the driver's managed ones, so exactly what the driver calls retryable (leader changes,
    deadlocks, lost connections before commit) is retried, for at most ``retry_seconds``.
    """

    def __init__(self, driver: AsyncDriver, database: str = "neo4j") -> None:
        """Wrap an open driver; :meth:`connect` makes one."""
        self._driver = driver
        self._database = database
        self.held_back = ""
        """Why nothing may be asked of that address yet: another server may listen there."""
        self.write_failure: GraphError | None = None
        """Why the last write failed, if the server itself was the reason: it is away, panicked or its disk is full."""

    @classmethod
    def open(
        cls, uri: str, user: str, password: str, *, database: str = "neo4j", pool: int = 50, retry_seconds: float = 30.0
    ) -> Self:
        """Open the pool; it connects with the first use."""
        with translated(f"connect to {uri}"):
            driver = AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                max_connection_pool_size=pool,
                max_transaction_retry_time=retry_seconds,
                # Grow slowly, so that a request which waits for Neo4j's return notices it soon.
                initial_retry_delay=0.25,
                retry_delay_multiplier=1.4,
                connection_acquisition_timeout=retry_seconds,
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                user_agent="crashgraph",
            )
        return cls(driver, database)

    @classmethod
    async def connect(
        cls, uri: str, user: str, password: str, *, database: str = "neo4j", pool: int = 50, retry_seconds: float = 30.0
    ) -> Self:
        """As :meth:`open`, and make sure the server answers; ``UnavailableError`` names the address if not."""
        graph = cls.open(uri, user, password, database=database, pool=pool, retry_seconds=retry_seconds)
        try:
            await graph.ping(f"connect to {uri}")
        except BaseException:
            await graph.close()
            raise
        return graph

    async def ping(self, name: str = "connect") -> None:
        """Return if the server answers, without retries; else raise ``UnavailableError``, which ``name`` begins."""
        with translated(name):
            self._check_held_back()
            await self._driver.verify_connectivity()

    def release(self) -> None:
        """End holding back."""
        self.held_back = ""

    async def close(self) -> None:
        """Close the pool."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        """Nothing to do: the pool is open."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the pool."""
        await self.close()

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of one read-only statement.

        It runs by itself first, which takes one exchange with the server instead of three; in a managed transaction, which
        repeats it, only after an error that the driver calls retryable.
        """
        with translated(statement.name):
            try:
                async with self._session(neo4j.READ_ACCESS) as session:
                    limited = neo4j.Query(statement.text, timeout=statement.seconds)
                    result = await session.run(limited, dict(statement.params))
                    return [_plain_row(record) async for record in result]
            except (Neo4jError, DriverError) as error:
                if not error.is_retryable():
                    raise
            async with self._session(neo4j.READ_ACCESS) as session:
                managed = neo4j.unit_of_work(timeout=statement.seconds)(_run)
                return await session.execute_read(managed, statement)

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """Rows of each statement; all run in one transaction."""
        with self._writing(" + ".join(statement.name for statement in statements)):
            async with self._session() as session:
                return await session.execute_write(_run_all, statements)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run the work in one transaction; returns its result."""
        running = _Running()

        async def run(tx: AsyncManagedTransaction) -> T:
            return await work(_Open(tx, running))

        with self._writing(running):
            async with self._session() as session:
                return await session.execute_write(run)

    @asynccontextmanager
    async def open_transaction(self) -> AsyncIterator[neo4j.AsyncTransaction]:
        """A transaction of the driver, for values as the server holds them; committed at the end, never retried."""
        with translated("transaction"):
            async with (
                self._driver.session(database=self._database, fetch_size=FETCH_SIZE) as session,
                await session.begin_transaction() as tx,
            ):
                yield tx
                await tx.commit()

    async def explain(self, statement: Statement) -> list[str]:
        """The operators of the plan of a statement, root first, each with its details; the statement is not run."""
        with translated(statement.name):
            async with self._session() as session:
                result = await session.run(_explained(statement.text), dict(statement.params))
                plan = (await result.consume()).plan
        return list(_operators(plan)) if plan else []

    async def run_implicit(self, statement: Statement) -> list[Row]:
        """Rows of a statement in a transaction that it opens itself (``CALL … IN TRANSACTIONS``); never retried."""
        with translated(statement.name):
            async with self._session() as session:
                result = await session.run(statement.text, dict(statement.params))
                return [_plain_row(record) async for record in result]

    def _session(self, access: str = neo4j.WRITE_ACCESS) -> AsyncSession:
        self._check_held_back()
        return self._driver.session(database=self._database, default_access_mode=access)

    def _check_held_back(self) -> None:
        if self.held_back:
            raise UnavailableError(self.held_back)

    @contextmanager
    def _writing(self, name: object) -> Iterator[None]:
        """A write that shows how the server is."""
        try:
            with translated(name):
                yield
        except (QueryError, ConflictError):
            # The server works: it refused this write.
            raise
        except GraphError as error:
            self.write_failure = error
            raise
        self.write_failure = None


@dataclass(slots=True)
class _Running:
    """The name of the running statement, for error messages."""

    name: str = "transaction"

    def __str__(self) -> str:
        return self.name


class _Open:
    """An open transaction, as the port defines it."""

    def __init__(self, tx: AsyncManagedTransaction, running: _Running) -> None:
        self._tx = tx
        self._running = running

    async def run(self, statement: Statement) -> list[Row]:
        """Rows of a statement."""
        self._running.name = statement.name
        return await _run(self._tx, statement)


async def _run(tx: AsyncManagedTransaction, statement: Statement) -> list[Row]:
    result = await tx.run(statement.text, dict(statement.params))
    return [_plain_row(record) async for record in result]


async def _run_all(tx: AsyncManagedTransaction, statements: tuple[Statement, ...]) -> list[list[Row]]:
    return [await _run(tx, statement) for statement in statements]


def _explained(text: str) -> str:
    """The text with ``EXPLAIN`` inserted, after ``CYPHER 25`` if the query starts with it."""
    chosen = _LANGUAGE.match(text)
    return f"{chosen.group()}EXPLAIN {text[chosen.end() :]}" if chosen else f"EXPLAIN {text}"


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield f"{plan['operatorType'].partition('@')[0]} {plan['args'].get('Details', '')}".rstrip()
    for child in plan.get("children", ()):
        yield from _operators(child)


def _plain_row(record: neo4j.Record) -> Row:
    return {key: plain(value) for key, value in record.items()}  # type: ignore[no-untyped-call]  # the driver leaves items() untyped


def plain(value: Any) -> Any:
    """A driver's value as plain Python: nodes and relationships as property maps, times as aware datetimes.

    Lists and maps are changed in place: the driver made them for this row alone.
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is list:
        # A list of numbers may have a million items, so only the first is checked.
        if not value or type(value[0]) not in (int, float):
            value[:] = [item if type(item) in _SCALARS else plain(item) for item in value]
        return value
    if kind is dict:
        for key, item in value.items():
            if type(item) not in _SCALARS:
                value[key] = plain(item)
        return value
    if isinstance(value, Node | Relationship):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, DateTime | Date):
        return value.to_native()
    if isinstance(value, Path):
        return [plain(item) for item in value.nodes]
    if isinstance(value, Duration):
        return value.iso_format()
    return value
