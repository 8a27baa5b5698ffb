"""Pairs from one-sided lists of neighbours, and how near is nearer than by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

NORMAL_SPREAD = 1.4826
"""Standard deviation of a normal distribution over the median distance from its median."""
CLOSEST = 0.9999


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of the nearest of another; ``score`` is 0..1."""

    of: str
    id: str
    score: float


def both_ways(neighbours: Iterable[Neighbour]) -> dict[tuple[str, str], tuple[float, bool]]:
    """Each pair once, smaller id first: its best score, and whether each is among the nearest of the other."""
    sides: dict[tuple[str, str], dict[str, float]] = {}
    for one in neighbours:
        sides.setdefault((min(one.of, one.id), max(one.of, one.id)), {})[one.of] = one.score
    return {pair: (max(found.values()), len(found) == 2) for pair, found in sides.items()}


def floor_among(floor: float, random: Sequence[float], spreads: float) -> float:
    """The least score: ``floor``, or so many spreads above the median of random pairs, if that is more.

    The spread is the median distance from the median, scaled so that it is the standard deviation of a normal distribution: a
    few pairs that really are near do not move it. Both are of ``artanh`` of the scores, which unlike a cosine has no upper end
    (Fisher 1915), so that however unlike the random pairs are, a nearer one can still be found.
    """
    if not random:
        return floor
    open_ended = np.arctanh(np.clip(random, -CLOSEST, CLOSEST))
    middle = float(np.median(open_ended))
    spread = NORMAL_SPREAD * float(np.median(np.abs(open_ended - middle)))
    return max(floor, float(np.tanh(middle + spreads * spread)))


def chance_of(score: float, random: Sequence[float]) -> float | None:
    """Share of random pairs that are as near, counting the pair itself as one (North et al. 2002); ``None`` without any."""
    return (1 + sum(one >= score for one in random)) / (1 + len(random)) if random else None


def random_pairs(ids: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """So many pairs of different ids, drawn with replacement; none of fewer than two."""
    if len(ids) < 2:
        return []
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(ids), count)
    second = (first + rng.integers(1, len(ids), count)) % len(ids)
    return [(ids[a], ids[b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
