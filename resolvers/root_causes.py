"""The patterns that cause most of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from graph.algorithms.causation.roots import roots_of
from graph.cypher import query
from graph.model.actor import Scope
from graph.model.nodes import Pattern
from graph.model.permissions import needs
from graph.ports import Graph
from resolvers.cursors import check_first
from resolvers.patterns import patterns_by_id

MAX_ROOTS = 100
"""Maximum number of roots in one answer."""
OPEN = ("open", "regressed")
"""Statuses of patterns that still need a fix."""


@dataclass(frozen=True, slots=True)
class RootCause:
    """A pattern that causes others."""

    pattern: Pattern
    explains: float
    """Estimated number of crashes of other open patterns that go back to it."""
    reached: int
    """Number of patterns that chains of causes lead to from it."""
    explained: float
    """Share of its own crashes that other patterns caused, 0..1."""


@needs(Scope.READ)
async def root_patterns(graph: Graph, first: int = 10) -> list[RootCause]:
    """Open patterns that explain the most crashes of other open patterns along chains of causes.

    Sorted by :attr:`graph.algorithms.causation.roots.Roots.weight`.
    """
    check_first(first, MAX_ROOTS)
    [row] = await graph.read(query("patterns/causes"))
    patterns = {item["id"]: item for item in row["patterns"]}
    ids = sorted(patterns)
    index = {id: number for number, id in enumerate(ids)}
    unsolved = np.array([patterns[id]["status"] in OPEN for id in ids], dtype=bool)
    count = np.array([patterns[id]["count"] or 0 for id in ids], dtype=np.float64) * unsolved
    cause, effect = _indices(row["causes"], index), _indices(row["effects"], index)
    roots = roots_of(cause, effect, np.array(row["shares"], dtype=np.float64), count)
    weight = np.where(unsolved, roots.weight, 0.0)
    best = [int(at) for at in np.lexsort((np.arange(len(ids)), -weight)) if weight[at] > 0][:first]
    records = await patterns_by_id(graph, [ids[at] for at in best])
    return [
        RootCause(records[ids[at]].pattern, float(roots.explains[at]), int(roots.reached[at]), float(roots.explained[at]))
        for at in best
        if ids[at] in records
    ]


def _indices(ids: Iterable[str], index: Mapping[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([index[id] for id in ids], dtype=np.int64)
