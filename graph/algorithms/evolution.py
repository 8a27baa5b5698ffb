"""Evolution of patterns: one fades as a similar one appears, at a version of the same product.

1. Crashes are counted as occasions, one per place and day (by the caller), so a burst counts once.
2. A version weighs by its exposure: the number of occasions the product was seen in it. In a version that hardly anyone
   ran, the absence of a pattern is no evidence.
3. Under the null hypothesis each occasion falls before a change with the probability of the exposure
   before it, as permuting version labels over all occasions gives. Two binomial tails measure how unlikely it is
   that so few occasions of the older pattern come after the change and so few of the newer one before it; they are combined by
   the product of two independent p-values (Fisher 1925, for two).
4. Benjamini-Hochberg over every compared pair that could have been reported.
5. A remaining pair is kept if one of the two has no more similar counterpart and the other none that is much more similar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from graph.algorithms.false_discovery import q_values
from graph.algorithms.streams import Floats, Indices

BLOCK = 65_536
"""Pairs looked at together; bounds the memory."""


@dataclass(frozen=True, slots=True)
class EvolutionBounds:
    """What makes two patterns one that changed."""

    min_support: int = 3
    """Least number of occasions of either."""
    max_q: float = 0.05
    """False discovery rate to keep, 0..1."""
    max_left: float = 0.2
    """Most that may be left of the older one's rate behind the change, and be there of the newer one's before it, 0..1."""
    max_side_p: float = 0.2
    """Largest probability of either side alone: where one of them is no evidence at all, the other cannot make up for it."""
    margin: float = 0.15
    """How much less alike a pair may be than the best of one of its two, where it is the best of the other."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Occasions of patterns (rows) in the versions of one product (columns, oldest first)."""

    counts: Indices
    exposure: Indices
    """Occasions of the product in each version, of whatever pattern; each at least 1."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows that read alike, of which the first may have come from the second."""

    newer: Indices
    older: Indices
    likeness: Floats
    """0..1."""

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.newer)


@dataclass(frozen=True, slots=True)
class Evolutions:
    """Kept pairs as columns, strongest evidence first."""

    newer: Indices
    older: Indices
    likeness: Floats
    change: Indices
    """The version at which the older one fades, as a column of the timeline."""
    appeared: Indices
    """The version from which on there is the newer one: that or, where there was neither for a while, a later one."""
    left: Floats
    """The older one's rate behind the change over that before it."""
    before: Floats
    """The newer one's rate before the change over that behind it."""
    support: Indices
    """Occasions of the older one before the change and of the newer one from it on: the smaller number."""
    p_value: Floats
    q_value: Floats
    tests: int

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.newer)


def find_evolutions(timeline: Timeline, candidates: Candidates, bounds: EvolutionBounds) -> Evolutions:
    """The pairs of which one fades where the other appears."""
    blocks = [slice(begin, begin + BLOCK) for begin in range(0, len(candidates), BLOCK)]
    possible = np.concatenate([_possible(timeline, candidates, bounds, block) for block in blocks] or [np.empty(0, np.bool_)])
    if not possible.any():
        return _none()
    newer, older, likeness = (column[possible] for column in (candidates.newer, candidates.older, candidates.likeness))
    judged = [_best_change(timeline, newer[block], older[block], bounds.max_side_p) for block in blocks]
    change, p_value = (np.concatenate(columns) for columns in zip(*judged, strict=True))
    q_value = q_values(p_value, len(p_value))
    left, before, support = _effect(timeline, newer, older, change)
    strong = (q_value <= bounds.max_q) & (np.maximum(left, before) <= bounds.max_left) & (support >= bounds.min_support)
    kept = np.flatnonzero(strong)
    kept = kept[_nearest(newer[kept], older[kept], likeness[kept], bounds.margin)]
    kept = kept[np.lexsort((older[kept], newer[kept], p_value[kept]))]
    return Evolutions(
        newer=newer[kept],
        older=older[kept],
        likeness=likeness[kept],
        change=change[kept],
        appeared=_appeared(timeline, newer[kept], change[kept]),
        left=left[kept],
        before=before[kept],
        support=support[kept],
        p_value=p_value[kept],
        q_value=q_value[kept],
        tests=len(p_value),
    )


def permuted(timeline: Timeline, rng: np.random.Generator) -> Timeline:
    """The same patterns with the versions of all occasions permuted among them: every change that it shows is chance."""
    rows = np.repeat(np.arange(len(timeline.counts)), timeline.counts.sum(axis=1))
    columns = np.repeat(np.arange(timeline.counts.shape[1]), timeline.counts.sum(axis=0))
    counts = np.zeros_like(timeline.counts)
    np.add.at(counts, (rows, rng.permutation(columns)), 1)
    return Timeline(counts, timeline.exposure)


def returns(timeline: Timeline, max_p: float) -> list[tuple[int, int]]:
    """Patterns that were away for versions and came back: row, and the version of the return.

    Away means that none of the ``n`` occasions falls into the versions between, of which chance would have put each there
    with the share that they have of the exposure: probability ``(1 - share) ** n``, times the number of gaps looked at.
    """
    found = []
    share = timeline.exposure / timeline.exposure.sum()
    for row, counts in enumerate(timeline.counts):
        seen = np.flatnonzero(counts)
        gaps = [(a, b) for a, b in zip(seen[:-1].tolist(), seen[1:].tolist(), strict=True) if b - a > 1]
        for a, b in gaps:
            away = (1.0 - share[a + 1 : b].sum()) ** int(counts.sum())
            if away * len(gaps) <= max_p:
                found.append((row, b))
    return found


def gaps(timeline: Timeline, found: Evolutions, max_p: float) -> NDArray[np.bool_]:
    """Of which pairs there was neither for versions in which chance would have shown one of them, as in :func:`returns`."""
    columns = np.arange(timeline.counts.shape[1])
    early = (timeline.counts[found.older] > 0) & (columns < found.change[:, None])
    last = np.where(early, columns, -1).max(axis=1, initial=-1)
    between = (columns > last[:, None]) & (columns < found.appeared[:, None])
    share = (timeline.exposure * between).sum(axis=1) / timeline.exposure.sum()
    total = timeline.counts[found.older].sum(axis=1) + timeline.counts[found.newer].sum(axis=1)
    away: NDArray[np.bool_] = (1.0 - share) ** total <= max_p
    return away


def _best_change(timeline: Timeline, newer: Indices, older: Indices, max_side_p: float) -> tuple[Indices, Floats]:
    """For each pair the version at which it is least likely to be chance, and that probability.

    Two ways, each paid for both. The first version of the newer pattern is itself what is tested: that none of ``n`` occasions
    is earlier has probability ``(1 - share) ** n`` whichever version it is, so nothing is paid for the choice of it. Where a
    few occasions came early, as in a test installation, every version is tried, and all of them are paid for.
    """
    upto = np.cumsum(timeline.counts, axis=1)
    share = (np.cumsum(timeline.exposure) / timeline.exposure.sum())[:-1]
    total_new, total_old = upto[newer, -1][:, None], upto[older, -1][:, None]
    early = upto[newer, :-1]
    p_values = _combined(
        binom.cdf(total_old - upto[older, :-1], total_old, 1.0 - share), binom.cdf(early, total_new, share), max_side_p
    )
    first = (timeline.counts[newer] > 0).argmax(axis=1)[:, None] == np.arange(1, timeline.counts.shape[1])
    paid = np.minimum(1.0, 2.0 * np.where(first, 1.0, p_values.shape[1]) * p_values)
    best = paid.argmin(axis=1)
    return best + 1, paid[np.arange(len(best)), best]


def _combined(fades: Floats, appears: Floats, max_side_p: float) -> Floats:
    both = np.maximum(fades * appears, 1e-300)
    return np.where(np.maximum(fades, appears) <= max_side_p, both * (1.0 - np.log(both)), 1.0)


def _possible(timeline: Timeline, candidates: Candidates, bounds: EvolutionBounds, block: slice) -> NDArray[np.bool_]:
    """Which pairs have occasions enough to be reported, were all of them on the right sides of a change.

    The others are no tests (Tarone 1990), which is known from how many occasions there are, not from where they are.
    """
    newer, older = candidates.newer[block], candidates.older[block]
    new, old = timeline.counts[newer].sum(axis=1), timeline.counts[older].sum(axis=1)
    share = (np.cumsum(timeline.exposure) / timeline.exposure.sum())[:-1]
    least = _combined(share ** old[:, None], (1.0 - share) ** new[:, None], bounds.max_side_p).min(axis=1, initial=1.0)
    enough = np.minimum(new, old) >= bounds.min_support
    possible: NDArray[np.bool_] = enough & (newer != older) & (2.0 * least <= bounds.max_q)
    return possible


def _appeared(timeline: Timeline, newer: Indices, change: Indices) -> Indices:
    behind = np.arange(timeline.counts.shape[1]) >= change[:, None]
    first: Indices = ((timeline.counts[newer] > 0) & behind).argmax(axis=1)
    return first


def _effect(timeline: Timeline, newer: Indices, older: Indices, change: Indices) -> tuple[Floats, Floats, Indices]:
    behind = np.arange(timeline.counts.shape[1]) >= change[:, None]
    late_old, late_new = ((timeline.counts[rows] * behind).sum(axis=1) for rows in (older, newer))
    early_old, early_new = timeline.counts[older].sum(axis=1) - late_old, timeline.counts[newer].sum(axis=1) - late_new
    late = (timeline.exposure * behind).sum(axis=1)
    odds = (timeline.exposure.sum() - late) / late
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(early_old, late_old / early_old * odds, np.inf)
        before = np.where(late_new, early_new / late_new / odds, np.inf)
    return left, before, np.minimum(early_old, late_new)


def _nearest(newer: Indices, older: Indices, likeness: Floats, margin: float) -> NDArray[np.bool_]:
    """Which pairs have the greatest likeness of one of their two, and nearly that of the other."""
    if not len(newer):
        return np.zeros(0, dtype=np.bool_)
    best_new, best_old = np.zeros(int(newer.max()) + 1), np.zeros(int(older.max()) + 1)
    np.maximum.at(best_new, newer, likeness)
    np.maximum.at(best_old, older, likeness)
    short_new, short_old = best_new[newer] - likeness, best_old[older] - likeness
    best: NDArray[np.bool_] = (np.minimum(short_new, short_old) <= 0) & (np.maximum(short_new, short_old) <= margin)
    return best


def _none() -> Evolutions:
    index, number = np.empty(0, dtype=np.int64), np.empty(0)
    return Evolutions(index, index, number, index, index, number, number, index, number, number, 0)
