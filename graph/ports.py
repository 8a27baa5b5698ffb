"""Protocols for the outside world. ``crashgraph.wiring`` chooses the implementations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.model.statement import Statement

T = TypeVar("T")

Row: TypeAlias = dict[str, Any]
"""One result row. Nodes and relationships come as plain dicts of their properties, times as aware datetimes."""


class Transaction(Protocol):
    """One open transaction."""

    async def run(self, statement: Statement) -> list[Row]:
        """Rows of a statement; later statements see its writes."""
        ...


class Reader(Protocol):
    """Read-only access to a graph."""

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement."""
        ...


class Graph(Protocol):
    """The graph. Raises :class:`graph.model.errors.GraphError` and its kinds, never a driver's error."""

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement; retried as the driver allows."""
        ...

    async def write(self, *statements: Statement) -> list[list[Row]]:
        """Run all in one transaction, in order; all are stored or none. Retried as the driver allows."""
        ...

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run work whose writes depend on what it reads in one transaction; an exception rolls everything back.

        It is run again from the start where the driver retries, so it must do nothing outside the graph.
        """
        ...


class Embedder(Protocol):
    """Turns texts into unit-length vectors."""

    @property
    def name(self) -> str:
        """Model name, stored beside each vector."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def load(self) -> None:
        """Load the model ahead of the first text. Slow: call it off the event loop."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimensions), each of length 1. Slow: call it off the event loop."""
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The current time (UTC)."""
        ...


class Backups(Protocol):
    """Where backups of the graph are kept."""

    async def write(self, now: datetime, keep: int) -> None:
        """Write a backup of this time, check its sums, and remove the oldest beyond ``keep``.

        Raises ``CrashgraphError`` or ``OSError``.
        """
        ...

    async def verify(self) -> object | None:
        """Restore the newest backup elsewhere and compare; ``None`` if there is none. Raises as :meth:`write`."""
        ...


Projection: TypeAlias = Callable[[str], Statement]
"""Builds the statement that projects a network of patterns into the graph catalog under the given name."""


@dataclass(frozen=True, slots=True)
class Centrality:
    """PageRank and betweenness, unscaled, by pattern id."""

    rank: Mapping[str, float]
    betweenness: Mapping[str, float]


class DataScience(Protocol):
    """Graph algorithms that run inside the database. Raises ``GraphError`` where the library is not installed."""

    async def communities(self, projection: Projection, *, resolution: float, seed: int) -> Mapping[str, int]:
        """Community of each pattern of an undirected network with relationship property ``weight``."""
        ...

    async def centrality(self, projection: Projection, *, damping: float, sources: int, seed: int) -> Centrality:
        """PageRank along ``TO_CAUSE`` by ``weight``; betweenness along ``TO_EFFECT`` from at most ``sources`` nodes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside world for jobs and consumers, provided by ``crashgraph.wiring``.

    A new port is one field; one that an installation may lack defaults to ``None``.
    """

    clock: Clock
    data_science: DataScience | None = None
    backups: Backups | None = None
