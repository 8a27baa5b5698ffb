"""Root causes: how much of the other patterns each one explains along chains of causes."""

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
    """Occurrences of other patterns traced back to it, along all chains."""
    explained: Floats
    """Share of its own occurrences triggered by other patterns, 0..1."""
    reached: Indices
    """Number of other patterns with an occurrence traced back to it."""

    @property
    def weight(self) -> Floats:
        """Explained occurrences, discounted by how much it is itself explained: the head of a chain outweighs its middle."""
        return self.explains * (1.0 - self.explained)


def roots_of(cause: Indices, effect: Indices, share: Floats, count: Floats) -> Roots:
    """Follow the chains of causes.

    ``share`` is the part of the effect's occurrences triggered by the cause, 0..1, and ``count`` the occurrences of
    each pattern. The share of a chain is the product of its links' shares, which equals the product of branching ratios
    times occurrences of the head over those of the end. Shares into one effect that sum to more than 1 are scaled down,
    and chains are followed for at most :data:`STEPS` links, so cycles terminate.
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
    """Number of patterns reachable from each one, itself excluded."""
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
