"""State of the evidence for a cause over time: supported by later data, a candidate, or refuted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.algorithms.streams import Floats

HELD = 1.35
"""Gain in the later half that counts as support: one-sided chi-square at .05 (2.71 / 2)."""
BAR = 3.0
"""Gain from which a pair is a candidate: odds of 20 to 1."""
REFUTING = 5.0
"""Fall of the gain from its peak that refutes. While a cause persists, a fall of g is rarer than exp(-g)."""
BLOCKS = 40
"""Blocks with equal numbers of occurrences of the cause, shuffled to estimate how far bursts alone make the gain fall."""
SHUFFLES = 200
RARE = 0.01
"""Largest share of shuffles that fall as far."""

State = Literal["candidate", "supported", "refuted"]


@dataclass(frozen=True, slots=True)
class Standing:
    """State of one pair and when it began. Derived from the data alone, not from earlier runs."""

    state: State
    """``supported``: the later half of the cause's occurrences shows it too; ``candidate``: not yet; ``refuted``: the
    later half does not show it, and the evidence has fallen from its peak by more than chance or bursts explain."""
    since: float
    """Seconds: when the gain last rose above the bar, or began to fall."""
    early: float
    """Gain in log-likelihood over the first half of the cause's occurrences."""
    late: float
    """The same over the second half; below 0 it contradicts the cause."""


def standing(happened: Floats, set_off: float, effect_at: Floats, part: Floats) -> Standing:
    """Accumulate the evidence over time: each occurrence of the cause costs its expected effects, each explained effect pays.

    ``happened`` are the times of the cause, ascending; ``set_off`` the effects expected of each; ``effect_at`` the times
    of the effect; ``part`` the cause's share (0..1) of the intensity at each.
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
    """Share of block shuffles in which the gain ends as far below its peak as observed."""
    ends = happened[np.unique(np.linspace(0, len(happened) - 1, BLOCKS + 1).round().astype(np.int64))[1:-1]]
    gain = np.bincount(np.searchsorted(ends, moment, side="right"), worth)
    order = np.argsort(np.random.default_rng(0).random((SHUFFLES, len(gain))), axis=1)
    paths = np.cumsum(np.vstack([gain, gain[order]]), axis=1)
    fall = np.maximum(paths.max(axis=1), 0.0) - paths[:, -1]
    return float((fall >= fall[0]).mean())
