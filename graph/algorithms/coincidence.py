"""Which patterns really happened together, found in one sweep over time; never all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graph.algorithms.streams import Events, Indices

CHUNK = 250_000
"""Events swept at once; whole sites, so one crowded site may exceed it."""


@dataclass(frozen=True, slots=True)
class Coincidences:
    """One row per pair of patterns and site where the two came together, ordered by pair, then site.

    ``first < second`` are pattern indices, ``count`` how often they came together at ``site``, and
    ``first_at``, ``second_at`` the positions of one such coincidence in the swept events.
    """

    first: Indices
    second: Indices
    site: Indices
    count: Indices
    first_at: Indices
    second_at: Indices
    cut_short: int
    """Events that had more than the allowed neighbours in reach; their furthest ones were not counted."""


def coincidences(events: Events, window: float, neighbours: int) -> Coincidences:
    """Pairs of different patterns at one site at most ``window`` seconds apart.

    ``events`` must be ordered by site and time. Each is compared with its followers in reach, at most
    ``neighbours`` of them (the nearest), so the cost is the number of coincidences and a storm in which
    everything fails at once stays affordable. Leaving some out only makes a pair look weaker.
    """
    tables, cut_short = [], 0
    for begin, end in _chunks(events):
        earlier, later, cut = _sweep(events, begin, end, window, neighbours)
        tables.append(_tally(events, earlier, later))
        cut_short += cut
    columns = np.concatenate(tables, axis=1) if tables else np.empty((6, 0), dtype=np.int64)
    # Chunks are whole sites in order, so a stable sort by pair leaves each pair's sites in order.
    columns = columns[:, np.lexsort((columns[1], columns[0]))]
    first, second, site, count, first_at, second_at = columns
    return Coincidences(first, second, site, count, first_at, second_at, cut_short)


def _chunks(events: Events) -> Iterator[tuple[int, int]]:
    starts = np.flatnonzero(np.r_[True, np.diff(events.site) != 0]) if len(events) else np.empty(0, dtype=np.int64)
    begin = 0
    for start in [*starts[1:].tolist(), len(events)]:
        if start - begin >= CHUNK or start == len(events) > begin:
            yield begin, start
            begin = start


def _sweep(events: Events, begin: int, end: int, window: float, neighbours: int) -> tuple[Indices, Indices, int]:
    """Positions (earlier, later) of all coincidences between ``begin`` and ``end``, and how many events were cut short."""
    site, seconds, pattern = events.site, events.seconds, events.pattern
    earlier, later = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    active = np.arange(begin, end - 1)
    for step in range(1, neighbours + 1):
        active = active[active + step < end]
        follower = active + step
        active = active[(site[follower] == site[active]) & (seconds[follower] - seconds[active] <= window)]
        if not len(active):
            return np.concatenate(earlier), np.concatenate(later), 0
        different = active[pattern[active] != pattern[active + step]]
        earlier.append(different)
        later.append(different + step)
    return np.concatenate(earlier), np.concatenate(later), len(active)


def _tally(events: Events, earlier: Indices, later: Indices) -> Indices:
    """Six rows: first, second, site, count, first_at, second_at; ordered by pair, then site."""
    swap = events.pattern[earlier] > events.pattern[later]
    first_at, second_at = np.where(swap, later, earlier), np.where(swap, earlier, later)
    site = events.site[earlier]
    pair = events.pattern[first_at] * np.int64(events.patterns) + events.pattern[second_at]
    order = np.lexsort((site, pair))
    pair, site = pair[order], site[order]
    heads = np.flatnonzero(np.r_[True, (np.diff(pair) != 0) | (np.diff(site) != 0)]) if len(pair) else order
    count = np.diff(np.append(heads, len(pair)))
    first_at, second_at = first_at[order][heads], second_at[order][heads]
    return np.stack([events.pattern[first_at], events.pattern[second_at], site[heads], count, first_at, second_at])
