"""What weighs most in a directed network: PageRank, and who stands between the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.algorithms.communities import Floats, Ints

DAMPING = 0.85


@dataclass(frozen=True, slots=True)
class Links:
    """A directed network: link i leads from ``source[i]`` to ``target[i]`` of 0..nodes-1."""

    nodes: int
    source: Ints
    target: Ints
    weight: Floats


def page_rank(links: Links, damping: float = DAMPING) -> Floats:
    """PageRank (Brin and Page 1998), weighted; sums to 1, and what leads nowhere leads everywhere alike."""
    if links.nodes == 0:
        return np.zeros(0)
    return np.array(_network(links).pagerank(directed=True, damping=damping, weights=links.weight.tolist()))


def betweenness(links: Links, sources: int, seed: int) -> Floats:
    """Share of all shortest paths between two others that pass through each node, 0..1, weights left aside (Brandes 2001).

    With more nodes than ``sources``, paths from so many drawn at random are counted and scaled up (Brandes and Pich 2007).
    """
    if links.nodes < 3:
        return np.zeros(links.nodes)
    begin = drawn(links.nodes, sources, seed)
    found = np.array(_network(links).betweenness(directed=True, sources=None if len(begin) == links.nodes else begin))
    return scaled(found, links.nodes, len(begin))


def drawn(nodes: int, sources: int, seed: int) -> list[int]:
    """All nodes, or so many of them at random."""
    if nodes <= sources:
        return list(range(nodes))
    return sorted(np.random.default_rng(seed).choice(nodes, sources, replace=False).tolist())


def scaled(paths: Floats, nodes: int, sources: int) -> Floats:
    """Paths counted from ``sources`` of all nodes, as a share of all."""
    if nodes < 3 or sources < 1:
        return np.zeros(len(paths))
    return np.clip(paths * (nodes / sources) / ((nodes - 1) * (nodes - 2)), 0.0, 1.0)


def _network(links: Links) -> Any:
    import igraph  # noqa: PLC0415  # slow to import, and needed by two jobs only

    return igraph.Graph(n=links.nodes, edges=np.column_stack((links.source, links.target)), directed=True)
