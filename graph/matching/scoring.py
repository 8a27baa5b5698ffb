"""Score candidate patterns: the probability of each that it is right, by the ranking model.

The decision follows from that probability (:mod:`graph.matching.cascade`): a match is made if it costs less on average
than founding a new pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.choice import Choice
from graph.algorithms.evidence import Rarity, SignatureComparer
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
    "same_crash": "same error type, message and culprit",
    "elsewhere": "same error type and message of an unrelated culprit",
    "information": "amount of information in the report",
    "frame_count": "number of frames",
    "message_words": "number of words in the message",
    "known_signatures": "number of signatures known",
    "candidate_patterns": "patterns per candidate signature",
    "rivals": "other patterns that could be right",
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
    nearest, rows = pattern_features(incoming, neighbours.distinct(), rarity, model.choice)
    if not nearest:
        return []
    scored = [
        ScoredPattern(known.pattern_id, known.pattern_name, float(probability), known, _evidence(model, row, contributions))
        for known, probability, row, contributions in zip(
            nearest, model.probability(rows), rows, model.contributions(rows), strict=True
        )
    ]
    return sorted(scored, key=lambda one: (-one.probability, one.pattern_id))


def pattern_features(
    incoming: IncomingSignature, known: Iterable[KnownSignature], rarity: Rarity, choice: Choice
) -> tuple[list[KnownSignature], NDArray[np.float64]]:
    """The nearest signature of each of the likeliest patterns, best first, and the pattern's row for the model.

    The rows have the shape ``(patterns, len(choice.parts))``.
    """
    comparer = SignatureComparer(describe_fingerprint(incoming.fingerprint), rarity)
    signatures = list(known)
    if not signatures:
        return [], np.zeros((0, len(choice.parts)))
    pairs = np.array([comparer.against(describe(one.error_type, one.cause, one.frames), one.meaning) for one in signatures])
    values = choice.value(pairs).tolist()
    best: dict[str, int] = {}
    for place in sorted(range(len(signatures)), key=lambda place: (-values[place], signatures[place].exact)):
        best.setdefault(signatures[place].pattern_id, place)
    considered = list(best.values())[:CONSIDERED_PATTERNS]
    return [signatures[place] for place in considered], choice.rows(
        pairs[considered], comparer.alone(len(signatures), len(best))
    )


def _evidence(model: MatchModel, row: NDArray[np.float64], contributions: NDArray[np.float64]) -> tuple[EvidencePart, ...]:
    """The parts by contribution, strongest first."""
    parts = [
        EvidencePart(name, round(value, 4), round(contribution, 4), PART_MEANINGS[name])
        for name, value, contribution in zip(model.choice.parts, row.tolist(), contributions.tolist(), strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.contribution)))
