"""Which patterns stand behind most of the others: how far each one's share reaches down the chains of causes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from graph.algorithms.streams import Floats, Indices

STEPS = 64
"""Longest chain that is followed."""


@dataclass(frozen=True, slots=True)
class Roots:
    """One value per pattern."""

    explains: Floats
    """Happenings of other patterns that go back to it, along all chains."""
    explained: Floats
    """Share of its own happenings that other patterns set off, 0..1."""
    reached: Indices
    """Other patterns of which some happening goes back to it."""

    @property
    def weight(self) -> Floats:
        """What it explains and nothing else explains for it: a link in the middle of a chain counts less than its head."""
        return self.explains * (1.0 - self.explained)


def roots_of(cause: Indices, effect: Indices, share: Floats, count: Floats) -> Roots:
    """Follow the chains of causes.

    ``share`` is the part of the effect's happenings that the cause set off, 0..1, and ``count`` how many happenings of
    each pattern matter. The share of a chain is the product of its links' shares, which is the product of branching ratios
    times happenings of the head over those of the end. Shares into one effect that sum to more than 1 are scaled down,
    and only the first :data:`STEPS` links of a chain count, so that a circle of causes comes to an end.
    """
    size = len(count)
    into = np.bincount(effect, share, minlength=size)
    scale = 1.0 / np.maximum(into, 1.0)
    links = csr_array((share * scale[effect], (cause, effect)), shape=(size, size))
    explains, step = np.zeros(size), count.astype(np.float64)
    for _ in range(STEPS):
        step = np.asarray(links @ step, dtype=np.float64)
        if step.max(initial=0.0) <= 1e-9:
            break
        explains = explains + step
    explained = np.minimum(into, 1.0)
    return Roots(explains, explained, _reached(cause, effect, size))


def _reached(cause: Indices, effect: Indices, size: int) -> Indices:
    """How many patterns each one has below it, itself left out."""
    below: list[list[int]] = [[] for _ in range(size)]
    for a, b in zip(cause.tolist(), effect.tolist(), strict=True):
        below[a].append(b)
    count = np.zeros(size, dtype=np.int64)
    for head in np.unique(cause).tolist():
        seen, waiting = {head}, [head]
        while waiting:
            fresh = [other for other in below[waiting.pop()] if other not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        count[head] = len(seen) - 1
    return count
