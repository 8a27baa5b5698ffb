"""Event streams: what happened, where and when, as three columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of equal length n. ``pattern`` and ``site`` count from 0; ``seconds`` is any common clock."""

    pattern: Indices
    site: Indices
    seconds: Floats

    def __post_init__(self) -> None:
        """``ValueError`` unless the columns match, indices are not negative and times are finite."""
        if not len(self.pattern) == len(self.site) == len(self.seconds):
            raise ValueError("pattern, site and seconds must have the same length")
        if len(self.pattern) and min(self.pattern.min(), self.site.min()) < 0:
            raise ValueError("pattern and site are indices and cannot be negative")
        if not np.isfinite(self.seconds).all():
            raise ValueError("seconds must be finite")

    def __len__(self) -> int:
        """Number of events."""
        return len(self.pattern)

    @property
    def patterns(self) -> int:
        """One more than the largest pattern index."""
        return int(self.pattern.max()) + 1 if len(self) else 0

    @property
    def sites(self) -> int:
        """One more than the largest site index."""
        return int(self.site.max()) + 1 if len(self) else 0

    def take(self, which: Indices) -> Events:
        """The events at these positions, in that order."""
        return Events(self.pattern[which], self.site[which], self.seconds[which])


@dataclass(frozen=True, slots=True)
class Watch:
    """How long each site was watched: ``start`` and ``length`` in seconds, one value per site."""

    start: Floats
    length: Floats


def watch_of(events: Events, least: float) -> Watch:
    """From a site's first event to its last, but at least ``least`` seconds where the whole record allows.

    A site known from one short incident was hardly watched for just these minutes; to say so would make
    every coincidence in it look like chance.
    """
    start = np.full(events.sites, np.inf)
    end = np.full(events.sites, -np.inf)
    np.minimum.at(start, events.site, events.seconds)
    np.maximum.at(end, events.site, events.seconds)
    seen = np.isfinite(start)
    record = float(events.seconds.max() - events.seconds.min()) if len(events) else 0.0
    length = np.where(seen, end - start, 0.0)
    return Watch(np.where(seen, start, 0.0), np.maximum(length, min(least, record)))


def by_site_and_time(events: Events) -> Events:
    """The events ordered by site, then time, then pattern."""
    return events.take(np.lexsort((events.pattern, events.seconds, events.site)))


def onsets(events: Events, rest: float) -> Events:
    """One event per episode, ordered by site and time.

    Repeats of one pattern at one site within ``rest`` seconds after an onset belong to that onset's
    episode, so two onsets of one stream are more than ``rest`` apart (the dead time of a non-paralysable
    counter). A burst of hundreds of repeats counts once, while a failure that goes on for days still counts.
    """
    ordered = events.take(np.lexsort((events.seconds, events.pattern, events.site)))
    new_stream = np.ones(len(ordered), dtype=bool)
    new_stream[1:] = (np.diff(ordered.pattern) != 0) | (np.diff(ordered.site) != 0)
    return by_site_and_time(ordered.take(_dead_time(ordered.seconds, new_stream, rest)))


def _dead_time(seconds: Floats, new_stream: NDArray[np.bool_], rest: float) -> Indices:
    """Positions that survive a dead time; all streams advance one onset per round."""
    if not len(seconds):
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(new_stream)
    ends = np.append(starts[1:], len(seconds))
    stream = np.cumsum(new_stream) - 1
    # One sorted axis for all streams: every stream gets a stretch of its own, longer than any rest.
    stretch = float(seconds.max() - seconds.min()) + 2 * rest + 1.0
    axis = (seconds - seconds.min()) + stream * stretch
    kept = [starts]
    current = starts
    while len(current):
        following = np.searchsorted(axis, axis[current] + rest, side="right")
        alive = following < ends[stream[current]]
        current = following[alive]
        kept.append(current)
    return np.concatenate(kept)


def shifted(events: Events, watch: Watch, seed: int) -> Events:
    """Each site-and-pattern stream turned around its site's watch by a random amount of its own.

    Keeps every stream's own rhythm, bursts included, and breaks all ties between streams, so that
    whatever is still found to go together is a false discovery.
    """
    _, stream = np.unique(events.site * max(events.patterns, 1) + events.pattern, return_inverse=True)
    turn = np.random.default_rng(seed).random(int(stream.max()) + 1 if len(events) else 0)
    length = np.maximum(watch.length[events.site], 1e-9)
    offset = events.seconds - watch.start[events.site] + turn[stream] * length
    return Events(events.pattern, events.site, watch.start[events.site] + np.mod(offset, length))
