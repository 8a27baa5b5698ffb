"""Antecedents: for each event, the earlier events at its own and at linked sites, with their lags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.algorithms.streams import Events, Floats, Indices

OWN, LINKED = 0, 1
"""Where the earlier event was: at the same site, or at one that is linked to it."""
MOST = 256
"""Most earlier events of one site that an event is compared with, the nearest; bounds the cost of storms."""


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """Which sites can reach each other, as neighbour lists: those of site s are ``site[begin[s]:begin[s + 1]]``.

    ``weight`` is 1 / sqrt(links of the one x links of the other), which bounds the influence on a site with many
    neighbours (the normalised adjacency of Cai et al. 2022, "THPs: Topological Hawkes
    processes for learning causal structure on event sequences", section 3).
    """

    begin: Indices
    site: Indices
    weight: Floats

    @property
    def reach(self) -> Floats:
        """Per site: the summed weight of its links."""
        sites = len(self.begin) - 1
        return np.bincount(np.repeat(np.arange(sites), np.diff(self.begin)), self.weight, sites).astype(np.float64)


def links_of(first: Indices, second: Indices, sites: int) -> SiteLinks:
    """Neighbour lists of undirected links; a link that comes twice counts once, one to itself not at all."""
    ends = np.unique(np.concatenate([np.stack([first, second], 1), np.stack([second, first], 1)]).reshape(-1, 2), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    degree = np.bincount(ends[:, 0], minlength=sites).astype(np.float64)
    weight = 1.0 / np.sqrt(degree[ends[:, 0]] * degree[ends[:, 1]]) if len(ends) else np.empty(0)
    return SiteLinks(np.searchsorted(ends[:, 0], np.arange(sites + 1)), ends[:, 1].astype(np.int64), weight)


@dataclass(frozen=True, slots=True)
class Antecedents:
    """One row per event and earlier event in reach, ordered by ``effect``."""

    effect: Indices
    """Position of the later event among the effects."""
    cause: Indices
    """Position of the earlier event among the causes."""
    where: Indices
    """:data:`OWN` or :data:`LINKED`."""
    lag: Floats
    """Seconds between, >= 0."""
    weight: Floats
    """1, or the weight of the link; half of that where both have the same moment."""
    cut_short: int
    """Comparisons (of an event with one site) of which the furthest were left out."""


def antecedents(effects: Events, causes: Events, links: SiteLinks, reach: float) -> Antecedents:
    """Causes at most ``reach`` seconds before each effect; either may be in any order. Time grows with what is found.

    Clocks are coarse: of two events in one moment either may have been the first, so each counts as half before the
    other. Left out, they would look as if nothing had set them off, and an earlier link of the chain would get the credit.
    Two simultaneous events of one pattern at one site are no evidence about each other.
    """
    order = np.lexsort((causes.seconds, causes.site))
    lowest = min(effects.seconds.min(initial=np.inf), causes.seconds.min(initial=np.inf))
    highest = max(effects.seconds.max(initial=-np.inf), causes.seconds.max(initial=-np.inf))
    stretch = (highest - lowest if len(order) else 0.0) + 2 * reach + 1.0
    axis = (causes.seconds - lowest + causes.site * stretch)[order]
    own = np.arange(len(effects))
    other, at = ranges(links.begin[effects.site], links.begin[effects.site + 1])
    who = np.concatenate([own, other])
    site = np.concatenate([effects.site, links.site[at]])
    weight = np.concatenate([np.ones(len(own)), links.weight[at]])
    moment = effects.seconds[who] - lowest + site * stretch
    in_turn = np.argsort(moment, kind="stable")  # a sorted search reads memory in order, which is several times faster
    moment, who, weight, where = moment[in_turn], who[in_turn], weight[in_turn], np.where(in_turn < len(own), OWN, LINKED)
    # Times on the long axis are rounded; the exact lag decides the order.
    slack = 1e-12 * float(axis[-1]) if len(axis) else 0.0
    high = np.searchsorted(axis, moment + slack, side="right")
    low = np.searchsorted(axis, moment - reach - slack, side="left")
    cut = int((high - low > MOST).sum())
    asked, found = ranges(np.maximum(low, high - MOST), high)
    effect, cause = who[asked], order[found]
    weight, where = weight[asked], where[asked]
    lag = effects.seconds[effect] - causes.seconds[cause]
    same = (lag == 0) & (where == OWN) & (effects.pattern[effect] == causes.pattern[cause])
    weight = np.where(lag == 0, weight / 2, weight)
    kept = np.flatnonzero((lag >= 0) & (lag <= reach) & ~same)
    kept = kept[np.lexsort((cause[kept], effect[kept]))]
    return Antecedents(effect[kept], cause[kept], where[kept], lag[kept], weight[kept], cut)


def ranges(low: Indices, high: Indices) -> tuple[Indices, Indices]:
    """All integers of all ranges ``low[i]:high[i]``, with the ``i`` each comes from."""
    size = high - low
    owner = np.repeat(np.arange(len(low)), size)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return owner, low[owner] + offset
