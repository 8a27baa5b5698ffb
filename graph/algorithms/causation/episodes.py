"""Episodes of a pattern at a site, and the stretches of a site's record that count as independent."""

from __future__ import annotations

import numpy as np

from graph.algorithms.streams import Events, Floats, Indices

LONGEST = 86_400.0
"""Longest stretch, in seconds; a site that is never silent gives one observation a day."""


def places(events: Events, rest: float) -> Indices:
    """Place of each event within its episode, from 1. ``events`` must be ordered by pattern, site, time.

    An episode ends when its pattern is silent at its site for more than ``rest`` seconds. An alarm that repeats for hours is
    one observation of what started it, not hundreds.
    """
    fresh = np.ones(len(events), dtype=bool)
    fresh[1:] = (np.diff(events.pattern) != 0) | (np.diff(events.site) != 0) | (np.diff(events.seconds) > rest)
    start = np.flatnonzero(fresh)
    return np.asarray(np.arange(len(events)) - start[np.cumsum(fresh) - 1] + 1, dtype=np.int64)


def stretches(events: Events, rest: float) -> Indices:
    """Number of the stretch of each event: a site's events between silences of ``rest`` seconds, cut after :data:`LONGEST`.

    What happens within a stretch depends on each other (one incident, one bad day); different stretches are independent.
    """
    order = np.lexsort((events.seconds, events.site))
    site, seconds = events.site[order], events.seconds[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(site) != 0) | (np.diff(seconds) > rest)
    run = np.cumsum(fresh) - 1
    part = _whole_parts(seconds - seconds[fresh][run] if len(order) else seconds)
    fresh[1:] |= (np.diff(run) == 0) & (np.diff(part) != 0)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    return number


def _whole_parts(elapsed: Floats) -> Indices:
    return np.asarray(np.floor(elapsed / LONGEST), dtype=np.int64)
