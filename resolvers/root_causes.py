"""The patterns that cause most of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from graph.algorithms.causation.roots import roots_of
from graph.cypher import query
from graph.model.actor import Scope
from graph.model.nodes import Pattern
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.cursors import Position, check_first, position_after
from resolvers.patterns import patterns_by_id
from resolvers.records import PageOf
from resolvers.rows import page_of

LISTING = "root patterns"
WEIGHT_START = Position(1e18, "")
OPEN = ("open", "regressed")
"""Statuses of patterns that still need a fix."""


@dataclass(frozen=True, slots=True)
class RootCause:
    """A pattern that causes others."""

    node: Pattern
    explains: float
    """Estimated number of crashes of other open patterns that go back to it."""
    reached: int
    """Number of patterns that chains of causes lead to from it."""
    explained: float
    """Share of its own crashes that other patterns caused, 0..1."""


@dataclass(frozen=True, slots=True)
class _Root:
    """What was computed for a pattern."""

    pattern_id: str
    weight: float
    explains: float
    reached: int
    explained: float


@needs(Scope.READ)
async def root_patterns(graph: Graph, first: int = 10, after: str | None = None) -> PageOf[RootCause]:
    """One page of the open patterns that explain the most crashes of other open patterns along chains of causes.

    Sorted by :attr:`graph.algorithms.causation.roots.Roots.weight`. All causes are read for every page.
    """
    start = position_after(after, LISTING, WEIGHT_START)
    limit = check_first(first) + 1
    [row] = await graph.read(query("patterns/causes"))
    roots = await asyncio.to_thread(_strongest, row, start, limit)
    weights = {root.pattern_id: root.weight for root in roots}
    records = await patterns_by_id(graph, list(weights))
    causes = [
        RootCause(records[root.pattern_id].pattern, root.explains, root.reached, root.explained)
        for root in roots
        if root.pattern_id in records
    ]

    def position(cause: RootCause) -> Position:
        return Position(weights[cause.node.pattern_id], cause.node.pattern_id)

    return page_of(causes, first, LISTING, position, after=after)


def _strongest(row: Row, start: Position, limit: int) -> list[_Root]:
    """The strongest roots behind a position. Takes a second for 100,000 causes."""
    patterns = {item["id"]: item for item in row["patterns"]}
    ids = sorted(patterns)
    index = {id: number for number, id in enumerate(ids)}
    unsolved = np.array([patterns[id]["status"] in OPEN for id in ids], dtype=bool)
    count = np.array([patterns[id]["count"] or 0 for id in ids], dtype=np.float64) * unsolved
    cause, effect = _indices(row["causes"], index), _indices(row["effects"], index)
    roots = roots_of(cause, effect, np.array(row["shares"], dtype=np.float64), count)
    weight = np.where(unsolved, roots.weight, 0.0)
    ranked = (int(at) for at in np.lexsort((np.arange(len(ids)), -weight)))
    behind = (at for at in ranked if weight[at] > 0 and (-float(weight[at]), ids[at]) > (-start.number, start.key))
    return [
        _Root(ids[at], float(weight[at]), float(roots.explains[at]), int(roots.reached[at]), float(roots.explained[at]))
        for at in islice(behind, limit)
    ]


def _indices(ids: Iterable[str], index: Mapping[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([index[id] for id in ids], dtype=np.int64)
