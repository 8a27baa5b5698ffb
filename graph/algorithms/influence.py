"""Influence in a directed network: PageRank and betweenness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.algorithms.communities import Floats, Ints

DAMPING = 0.85


@dataclass(frozen=True, slots=True)
class DirectedNetwork:
    """A directed network: link i leads from ``source[i]`` to ``target[i]`` of 0..nodes-1."""

    nodes: int
    source: Ints
    target: Ints
    weight: Floats


def page_rank(links: DirectedNetwork, damping: float = DAMPING) -> Floats:
    """Weighted PageRank (Brin and Page 1998); sums to 1, and dangling nodes link to all nodes uniformly."""
    if links.nodes == 0:
        return np.zeros(0)
    return np.array(_network(links).pagerank(directed=True, damping=damping, weights=links.weight.tolist()))


def betweenness(links: DirectedNetwork, sources: int, seed: int) -> Floats:
    """Normalised betweenness of each node, 0..1, ignoring weights (Brandes 2001).

    With more nodes than ``sources``, shortest paths from a random sample of sources are scaled up (Brandes and Pich 2007).
    """
    if links.nodes < 3:
        return np.zeros(links.nodes)
    begin = drawn(links.nodes, sources, seed)
    found = np.array(_network(links).betweenness(directed=True, sources=None if len(begin) == links.nodes else begin))
    return scaled(found, links.nodes, len(begin))


def drawn(nodes: int, sources: int, seed: int) -> list[int]:
    """All nodes, or a random sample of ``sources`` of them, sorted."""
    if nodes <= sources:
        return list(range(nodes))
    return sorted(np.random.default_rng(seed).choice(nodes, sources, replace=False).tolist())


def scaled(paths: Floats, nodes: int, sources: int) -> Floats:
    """Path counts from ``sources`` of the nodes, as a share of all paths."""
    if nodes < 3 or sources < 1:
        return np.zeros(len(paths))
    return np.clip(paths * (nodes / sources) / ((nodes - 1) * (nodes - 2)), 0.0, 1.0)


def _network(links: DirectedNetwork) -> Any:
    import igraph  # noqa: PLC0415  # slow to import, and needed by two jobs only

    return igraph.Graph(n=links.nodes, edges=np.column_stack((links.source, links.target)), directed=True)
