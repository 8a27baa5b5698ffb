"""Score candidate patterns: the probability of each that it is right, by the ranking model.

The decision follows from that probability (:mod:`graph.matching.cascade`): a match is made if it costs less on average
than founding a new pattern.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.choice import Choice
from graph.algorithms.evidence import ComparableSignature, Rarity, SignatureComparer
from graph.matching.candidates import Candidate, EvidencePart, IncomingSignature, KnownSignature, Neighbours
from graph.matching.comparable import describe, describe_fingerprint
from graph.matching.ranking_model import MatchModel

CONSIDERED_PATTERNS = 8
"""Patterns with the highest value that compete; further ones hardly matter."""
PART_MEANINGS = {
    "words": "words in common, rare ones more",
    "inner_words": "words of type, message and inner frames in common",
    "meaning": "likeness of the sentence embeddings",
    "message": "words of the message in common",
    "culprit": "words of the culprit in common",
    "modules": "modules of the stack in common",
    "shared": "amount of information in common",
    "unshared": "information of the report missing in the known signature",
    "unshared_known": "information of the known signature missing in the report",
    "same_cause": "same error type and message",
    "same_place": "same error type and culprit",
    "same_crash": "same error type and culprit, with a like message",
    "elsewhere": "same error type and message of an unrelated culprit",
    "information": "amount of information in the report",
    "message_words": "number of words in the message",
    "candidate_patterns": "patterns per candidate signature",
    "rivals": "other patterns that could be right",
}
"""Meaning of each part of the evidence, shown in explanations."""


@dataclass(frozen=True, slots=True)
class ScoredPattern:
    """A candidate pattern. ``nearest`` is its most similar signature; ``competes`` as in :func:`competitors`."""

    pattern_id: str
    pattern_name: str
    probability: float
    nearest: KnownSignature
    competes: bool
    evidence: tuple[EvidencePart, ...]

    def candidate(self) -> Candidate:
        """The candidate for receipts and answers."""
        return Candidate(self.pattern_id, self.probability, self.evidence)


@dataclass(frozen=True, slots=True)
class ConsideredPatterns:
    """The likeliest patterns for a report: the nearest signature of each, whether it competes, and its row for the model.

    The rows have the shape ``(patterns, len(choice.parts))``.
    """

    nearest: Sequence[KnownSignature]
    competing: NDArray[np.bool_]
    rows: NDArray[np.float64]


def score_patterns(
    incoming: IncomingSignature, neighbours: Neighbours, rarity: Rarity, model: MatchModel
) -> list[ScoredPattern]:
    """The patterns of the neighbours, most likely first."""
    considered = pattern_features(incoming, neighbours.distinct(), rarity, model.choice)
    if not considered.nearest:
        return []
    rows = considered.rows
    columns = (considered.nearest, considered.competing.tolist(), model.probability(rows).tolist())
    scored = [
        ScoredPattern(known.pattern_id, known.pattern_name, probability, known, competes, _evidence(model, row, contributions))
        for known, competes, probability, row, contributions in zip(*columns, rows, model.contributions(rows), strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.probability, one.pattern_id))


def pattern_features(
    incoming: IncomingSignature, known: Iterable[KnownSignature], rarity: Rarity, choice: Choice
) -> ConsideredPatterns:
    """The likeliest patterns, best first."""
    comparer = SignatureComparer(describe_fingerprint(incoming.fingerprint), rarity)
    signatures = list(known)
    if not signatures:
        return ConsideredPatterns([], np.zeros(0, dtype=np.bool_), np.zeros((0, len(choice.parts))))
    pairs = np.array([comparer.against(_described(one), one.meaning) for one in signatures])
    values = choice.value(pairs).tolist()
    best: dict[str, int] = {}
    for place in sorted(range(len(signatures)), key=lambda place: (-values[place], signatures[place].exact)):
        best.setdefault(signatures[place].pattern_id, place)
    considered = list(best.values())[:CONSIDERED_PATTERNS]
    nearest = [signatures[place] for place in considered]
    competing = competitors(comparer, [(_described(one), one.meaning) for one in nearest], values[considered[0]], choice)
    rows = choice.rows(pairs[considered], comparer.alone(len(signatures), len(best)), competing)
    return ConsideredPatterns(nearest, competing, rows)


def competitors(
    comparer: SignatureComparer, nearest: Sequence[tuple[ComparableSignature, float]], best: float, choice: Choice
) -> NDArray[np.bool_]:
    """Which patterns compete with the first one, given the nearest signature of each with its likeness in meaning.

    A pattern that is as like the first one as the report is (``best``) is no other explanation: one bug has two patterns. If
    they competed, a bug that was once split would be split again by each of its further signatures.
    """
    (first, to_first), *others = nearest
    known = comparer.of_known(first)
    pairs = [known.against(other, _least_cosine(to_first, to_other)) for other, to_other in others]
    between = choice.value(np.array(pairs).reshape(-1, len(choice.alternative)))
    return np.array([True, *(between < best)])


def _least_cosine(a: float, b: float) -> float:
    """The least cosine of two unit vectors that have the cosines ``a`` and ``b`` with a third."""
    return max(0.0, a * b - math.sqrt((1 - a * a) * (1 - b * b)))


def _described(known: KnownSignature) -> ComparableSignature:
    return describe(known.error_type, known.cause, known.frames)


def _evidence(model: MatchModel, row: NDArray[np.float64], contributions: NDArray[np.float64]) -> tuple[EvidencePart, ...]:
    """The parts by contribution, strongest first."""
    parts = [
        EvidencePart(name, round(value, 4), round(contribution, 4), PART_MEANINGS[name])
        for name, value, contribution in zip(model.choice.parts, row.tolist(), contributions.tolist(), strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.contribution)))
