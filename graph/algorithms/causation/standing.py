"""How the evidence for a cause stands as time goes on: held by later data, not yet, or spoken against by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.algorithms.streams import Floats

HELD = 1.35
"""Gain in the later half that supports: chi-square's .05, one-sided (half of 3.84, and half of those are by luck)."""
BAR = 3.0
"""Gain from which a pair is worth a word: odds of 20 to 1."""
REFUTING = 5.0
"""Fall of the gain from its peak that speaks against. For a cause that goes on, a fall of g is rarer than exp(-g)."""
BLOCKS = 40
"""Stretches, each with as many happenings of the cause, that are shuffled to see how far the gain falls by bursts alone."""
SHUFFLES = 200
RARE = 0.01
"""Share of shuffles that may fall as far."""

State = Literal["candidate", "supported", "refuted"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record says of one pair, and since when. It follows from the data alone, not from earlier runs."""

    state: State
    """``supported``: the later half of the cause's happenings shows it too; ``candidate``: not yet; ``refuted``: the
    later half shows nothing of it, and the evidence has fallen from its peak by more than luck or bursts explain."""
    since: float
    """Seconds: when the gain rose above the bar for good, or from when on it fell."""
    early: float
    """Gain of log-likelihood in the first half of the cause's happenings."""
    late: float
    """The same in the second half; below 0 it speaks against the cause."""


def standing(happened: Floats, set_off: float, effect_at: Floats, part: Floats) -> Standing:
    """Follow the evidence: each happening of the cause costs what it was to set off, each effect it explains pays.

    ``happened`` are the cause's moments, ascending, ``set_off`` the effects expected of each, ``effect_at`` the moments
    of the effect, and ``part`` the share (0..1) of the intensity at each that is the cause's.
    """
    moment = np.concatenate([happened, effect_at])
    worth = np.concatenate([np.full(len(happened), -set_off), -np.log(np.maximum(1.0 - part, 1e-12))])
    # At one moment the effect counts first, so that a single step is never mistaken for a fall.
    order = np.lexsort((-worth, moment))
    moment, path = moment[order], np.cumsum(worth[order])
    half = happened[(len(happened) - 1) // 2]
    early = float(worth[order][moment <= half].sum())
    late = float(path[-1]) - early
    peak = int(np.argmax(path))
    fallen = late <= 0 and path[peak] - path[-1] >= REFUTING
    if fallen and _falls_by_chance(happened, moment, worth[order]) <= RARE:
        return Standing("refuted", float(moment[peak]), early, late)
    below = np.flatnonzero(path < BAR)
    since = float(moment[min(below[-1] + 1, len(moment) - 1)]) if len(below) else float(moment[0])
    return Standing("supported" if late >= HELD else "candidate", since, early, late)


def _falls_by_chance(happened: Floats, moment: Floats, worth: Floats) -> float:
    """Share of shuffles of the record's stretches in which the gain ends as far below its peak as it really does."""
    ends = happened[np.unique(np.linspace(0, len(happened) - 1, BLOCKS + 1).round().astype(np.int64))[1:-1]]
    gain = np.bincount(np.searchsorted(ends, moment, side="right"), worth)
    order = np.argsort(np.random.default_rng(0).random((SHUFFLES, len(gain))), axis=1)
    paths = np.cumsum(np.vstack([gain, gain[order]]), axis=1)
    fall = np.maximum(paths.max(axis=1), 0.0) - paths[:, -1]
    return float((fall >= fall[0]).mean())
