"""Score candidate patterns: the probability of each that it is right, by the ranking model.

The decision follows from that probability (:mod:`graph.matching.cascade`): a match is made if it costs less on average
than founding a new pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import Group, Rarity, SignatureComparer, groups, likeness
from graph.matching.candidates import Candidate, EvidencePart, IncomingSignature, KnownSignature, Neighbours
from graph.matching.comparable import describe, describe_fingerprint
from graph.matching.ranking_model import MatchModel

PREFIXES = ("best_", "most_", "mean_", "lead_")
PART_MEANINGS = {
    "words": "words in common, rare ones more",
    "words_back": "share of the known signature's words found in the report",
    "meaning": "likeness of the sentence embeddings",
    "frames": "stack alignment, inner and rare frames more",
    "message": "words of the message in common",
    "same_type": "same error type",
    "same_place": "same culprit frame",
    "same_module": "same culprit module",
    "same_start": "first frames in common",
    "same_message": "same message",
    "likeness": "likeness of the best signature",
    "lead": "lead over the next pattern",
    "signatures": "number of the pattern's signatures",
    "information": "amount of information in the report",
    "frame_count": "number of frames",
    "message_words": "number of words in the message",
    "raised_by_helper": "raised by an assertion or a helper",
    "known_signatures": "number of signatures known",
}
"""Meaning of each part of the evidence, shown in explanations."""


@dataclass(frozen=True, slots=True)
class ScoredPattern:
    """A candidate pattern. ``nearest`` is its most similar signature."""

    pattern_id: str
    pattern_name: str
    probability: float
    nearest: KnownSignature
    evidence: tuple[EvidencePart, ...]

    def candidate(self) -> Candidate:
        """The candidate for receipts and answers."""
        return Candidate(self.pattern_id, self.probability, self.evidence)


def score_patterns(
    incoming: IncomingSignature, neighbours: Neighbours, rarity: Rarity, model: MatchModel
) -> list[ScoredPattern]:
    """The patterns of the neighbours, most likely first."""
    by_pattern, keys, rows = pattern_features(incoming, neighbours.distinct(), rarity)
    if not keys:
        return []
    scored = [
        _scored(by_pattern[key], float(probability), model.trees.parts, row, contributions)
        for key, probability, row, contributions in zip(
            keys, model.probability(rows), rows, model.contributions(rows), strict=True
        )
    ]
    return sorted(scored, key=lambda one: (-one.probability, one.pattern_id))


Pairs: TypeAlias = list[tuple[KnownSignature, NDArray[np.float64]]]


def pattern_features(
    incoming: IncomingSignature, known: Iterable[KnownSignature], rarity: Rarity
) -> tuple[dict[str, Pairs], list[str], NDArray[np.float64]]:
    """Return each pattern's signatures with their features, the ids of the likeliest patterns, and those patterns' features.

    The last have the shape ``(patterns, parts)``.
    """
    comparer = SignatureComparer(describe_fingerprint(incoming.fingerprint), rarity)
    by_pattern: dict[str, Pairs] = {}
    for one in known:
        described = describe(one.error_type, one.cause, one.frames)
        by_pattern.setdefault(one.pattern_id, []).append((one, comparer.against(described, one.meaning)))
    candidates = (
        Group(pattern, max(len(pairs), pairs[0][0].size), tuple(parts for _, parts in pairs))
        for pattern, pairs in by_pattern.items()
    )
    keys, rows = groups(comparer, candidates, rarity.signatures)
    return by_pattern, keys, rows


def _scored(
    pairs: Sequence[tuple[KnownSignature, NDArray[np.float64]]],
    probability: float,
    parts: Sequence[str],
    row: NDArray[np.float64],
    contributions: NDArray[np.float64],
) -> ScoredPattern:
    nearest, _ = max(pairs, key=lambda one: (likeness(one[1]), one[0].exact))
    return ScoredPattern(nearest.pattern_id, nearest.pattern_name, probability, nearest, _evidence(parts, row, contributions))


def _evidence(parts: Sequence[str], row: NDArray[np.float64], contributions: NDArray[np.float64]) -> tuple[EvidencePart, ...]:
    """The parts by contribution, strongest first; the variants of a part (:data:`PREFIXES`) are summed."""
    values: dict[str, float] = {}
    sums: dict[str, float] = {}
    for part, value, contribution in zip(parts, row.tolist(), contributions.tolist(), strict=True):
        prefix = next((one for one in PREFIXES if part.startswith(one)), "")
        name = part.removeprefix(prefix)
        values.setdefault(name, value)
        sums[name] = sums.get(name, 0.0) + contribution
    return tuple(
        EvidencePart(name, round(values[name], 4), round(sums[name], 4), PART_MEANINGS.get(name, name))
        for name in sorted(sums, key=lambda name: -abs(sums[name]))
    )
