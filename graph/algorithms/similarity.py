"""How alike two crash signatures are. Pure functions on texts; every result is in 0..1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COMPARED_FRAMES = 16
"""Frames of each stack that are compared; outer ones are alike in most stacks of one program."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The evidence for two signatures being one bug, each part in 0..1."""

    error_type: float
    message: float
    frames: float
    meaning: float

    def combined(self) -> float:
        """Weighted mean of the parts, weighted by how informative each is alone.

        A different error type halves the result: one fault that raises two types is rarer than
        two faults in one place.
        """
        base = 0.35 * self.message + 0.35 * self.frames + 0.30 * self.meaning
        return base * (0.5 + 0.5 * self.error_type)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice coefficient of two token sets (Dice 1945); two empty sets are alike."""
    if not a and not b:
        return 1.0
    return 2 * len(a & b) / (len(a) + len(b))


def stack_similarity(a: Sequence[str], b: Sequence[str]) -> float:
    """Weighted order-preserving agreement of two stacks, innermost frame first.

    The heaviest common subsequence over the weight of both stacks, where a frame ``i`` deep weighs ``1 / (1 + i)``:
    frames near the top weigh most (TraceSim, Vasiliev et al. 2020, section 3.2). At most
    :data:`COMPARED_FRAMES` ** 2 steps.
    """
    a, b = a[:COMPARED_FRAMES], b[:COMPARED_FRAMES]
    if not a and not b:
        return 1.0
    heaviest = [0.0] * (len(b) + 1)
    for i, mine in enumerate(a):
        above = heaviest
        heaviest = [0.0]
        for j, theirs in enumerate(b):
            skipped = max(above[j + 1], heaviest[j])
            both = above[j] + 1 / (1 + i) + 1 / (1 + j) if mine == theirs else 0.0
            heaviest.append(max(skipped, both))
    return min(1.0, heaviest[-1] / (_harmonic(len(a)) + _harmonic(len(b))))


def vote(scores: Sequence[float], groups: Sequence[str]) -> tuple[str, float]:
    """The group that an ensemble of scored neighbours elects, and how sure the election is, 0..1.

    The winner is the group of the best neighbour weighted by its share of all votes; a runner-up of nearly the
    same strength takes confidence away, at most a fifth. ``ValueError`` without neighbours.
    """
    if not scores:
        raise ValueError("no neighbours to vote")
    best: dict[str, float] = {}
    total: dict[str, float] = {}
    for score, group in zip(scores, groups, strict=True):
        best[group] = max(best.get(group, 0.0), score)
        total[group] = total.get(group, 0.0) + score
    winner = max(best, key=lambda group: (best[group], total[group], group))
    rivals = [score for group, score in best.items() if group != winner]
    if not rivals or best[winner] <= 0:
        return winner, best[winner]
    closeness = max(rivals) / best[winner]
    return winner, best[winner] * (1 - 0.2 * closeness**4)


def _harmonic(length: int) -> float:
    return sum(1 / (1 + i) for i in range(length))
