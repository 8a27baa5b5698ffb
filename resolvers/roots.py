"""The patterns that stand behind most others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graph.algorithms.causation.roots import roots_of
from graph.cypher import query
from graph.model.nodes import Pattern
from graph.ports import Graph
from resolvers.cursors import check_first
from resolvers.patterns import patterns_by_id

MAX_ROOTS = 100
"""Maximum number of roots in one answer."""
OPEN = ("open", "regressed")
"""Statuses of patterns that somebody still has to do something about."""


@dataclass(frozen=True, slots=True)
class Root:
    """A pattern that sets off others."""

    pattern: Pattern
    explains: float
    """Crashes of other open patterns that go back to it."""
    reached: int
    """Patterns below it."""
    explained: float
    """Share of its own crashes that other patterns set off, 0..1."""


async def root_patterns(graph: Graph, first: int = 10) -> list[Root]:
    """Open patterns that explain most crashes of other open ones, along chains of causes; first what others explain least."""
    check_first(first, MAX_ROOTS)
    [row] = await graph.read(query("patterns/causes"))
    told = {one["id"]: one for one in row["patterns"]}
    names = sorted(told)
    place = {name: at for at, name in enumerate(names)}
    unsolved = np.array([told[name]["status"] in OPEN for name in names], dtype=bool)
    count = np.array([told[name]["count"] or 0 for name in names], dtype=np.float64) * unsolved
    cause, effect = _places(row["causes"], place), _places(row["effects"], place)
    roots = roots_of(cause, effect, np.array(row["shares"], dtype=np.float64), count)
    weight = np.where(unsolved, roots.weight, 0.0)
    best = [int(at) for at in np.lexsort((np.arange(len(names)), -weight)) if weight[at] > 0][:first]
    found = await patterns_by_id(graph, [names[at] for at in best])
    return [
        Root(found[names[at]].pattern, float(roots.explains[at]), int(roots.reached[at]), float(roots.explained[at]))
        for at in best
        if names[at] in found
    ]


def _places(ids: Iterable[str], place: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([place[id] for id in ids], dtype=np.int64)
