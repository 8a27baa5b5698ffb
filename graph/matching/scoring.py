"""Weigh the evidence for each pattern that may be the right one, with the model that was trained for it.

The model (:mod:`graph.matching.ranking_model`) says how likely it is that a pattern is the right one, and that probability
decides: a match is made where the cost of being wrong is less than that of not making it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import Asked, Described, Group, Rarity, groups, likeness
from graph.matching.candidates import Candidate, EvidencePart, IncomingSignature, KnownSignature, Neighbours
from graph.matching.comparable import describe, described
from graph.matching.ranking_model import MatchModel

PREFIXES = ("best_", "most_", "mean_", "lead_")
TOLD = {
    "words": "words in common, rare ones more",
    "words_back": "how much of the known one the report covers",
    "meaning": "likeness of the sentence embeddings",
    "frames": "stack alignment, inner and rare frames more",
    "message": "words of the message in common",
    "same_type": "same error type",
    "same_place": "same frame to blame",
    "same_module": "same module to blame",
    "same_start": "first frames in common",
    "same_message": "same message",
    "likeness": "likeness of the best signature",
    "lead": "lead over the next pattern",
    "signatures": "number of the pattern's signatures",
    "information": "how much the report tells",
    "frame_count": "number of frames",
    "message_words": "number of words in the message",
    "raised_by_helper": "raised by an assertion or a helper",
    "known_signatures": "number of signatures known",
}
"""What each part of the evidence means, for people."""


@dataclass(frozen=True, slots=True)
class ScoredPattern:
    """One pattern that may be the right one. ``nearest`` is its most alike signature."""

    pattern_id: str
    pattern_name: str
    probability: float
    nearest: KnownSignature
    evidence: tuple[EvidencePart, ...]

    def candidate(self) -> Candidate:
        """As it is told."""
        return Candidate(self.pattern_id, self.probability, self.evidence)


def weigh(
    question: IncomingSignature, near: Neighbours, rarity: Rarity, model: MatchModel, forbidden: Collection[str] = ()
) -> list[ScoredPattern]:
    """The patterns among the neighbours, most likely first; the ``forbidden`` ones are left out."""
    allowed = [known for known in near.distinct() if known.pattern_id not in forbidden]
    by_pattern, keys, rows = compared(question, allowed, rarity)
    if not keys:
        return []
    found = [
        _weighed(by_pattern[key], float(chance), model.trees.parts, row, moved)
        for key, chance, row, moved in zip(keys, model.probability(rows), rows, model.contributions(rows), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.probability, one.pattern_id))


Pairs: TypeAlias = list[tuple[KnownSignature, NDArray[np.float64]]]


def compared(
    question: IncomingSignature, known: Iterable[KnownSignature], rarity: Rarity
) -> tuple[dict[str, Pairs], list[str], NDArray[np.float64]]:
    """Signatures by pattern with the parts of each, then the likeliest patterns and a row of parts for each of them."""
    asked = Asked(described(question.fingerprint), rarity)
    by_pattern: dict[str, Pairs] = {}
    for one in known:
        by_pattern.setdefault(one.pattern_id, []).append((one, asked.against(told(one), one.meaning)))
    found = (
        Group(pattern, max(len(pairs), pairs[0][0].size), tuple(parts for _, parts in pairs))
        for pattern, pairs in by_pattern.items()
    )
    keys, rows = groups(asked, found, rarity.signatures)
    return by_pattern, keys, rows


def told(known: KnownSignature) -> Described:
    """A known signature as it is compared."""
    return describe(known.error_type, known.cause, known.frames)


def _weighed(
    pairs: Sequence[tuple[KnownSignature, NDArray[np.float64]]],
    chance: float,
    parts: Sequence[str],
    row: NDArray[np.float64],
    moved: NDArray[np.float64],
) -> ScoredPattern:
    nearest, _ = max(pairs, key=lambda one: (likeness(one[1]), one[0].exact))
    return ScoredPattern(nearest.pattern_id, nearest.pattern_name, chance, nearest, _evidence(parts, row, moved))


def _evidence(parts: Sequence[str], row: NDArray[np.float64], moved: NDArray[np.float64]) -> tuple[EvidencePart, ...]:
    """What each part counted, strongest first; the part over the best, the whole group and the rivals is one."""
    values: dict[str, float] = {}
    counted: dict[str, float] = {}
    for part, value, contribution in zip(parts, row.tolist(), moved.tolist(), strict=True):
        prefix = next((one for one in PREFIXES if part.startswith(one)), "")
        name = part.removeprefix(prefix)
        values.setdefault(name, value)
        counted[name] = counted.get(name, 0.0) + contribution
    ordered = sorted(counted, key=lambda name: -abs(counted[name]))
    return tuple(EvidencePart(name, round(values[name], 4), round(counted[name], 4), TOLD.get(name, name)) for name in ordered)


def counted(rarity: Rarity, known: Iterable[KnownSignature]) -> None:
    """Count signatures that became known."""
    for one in known:
        rarity.add(told(one))
