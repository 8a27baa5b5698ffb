"""Place the new signatures of a batch, one after the other, as if each had been stored before the next came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import Rarity
from graph.fingerprint.compute import Fingerprint
from graph.matching.candidates import IncomingSignature, KnownSignature, Neighbours
from graph.matching.cascade import Decision, Policy, decide
from graph.matching.comparable import described
from graph.matching.retrieval import NEAREST, RetrievedNeighbours
from graph.matching.rulings import Ruling
from graph.model.nodes import EMBEDDING_DIMENSIONS


def pattern_id(founder: Fingerprint) -> str:
    """The id of the pattern that this signature founds; the same in every process, so a race makes one pattern."""
    return founder.exact[:16]


class _Fresh:
    """Signatures placed earlier in this batch; few, so the nearest are found by one product of matrices."""

    def __init__(self, capacity: int) -> None:
        self._known: list[KnownSignature] = []
        self._vectors = np.zeros((capacity, EMBEDDING_DIMENSIONS), dtype=np.float32)

    def add(self, signature: KnownSignature, embedding: tuple[float, ...]) -> None:
        self._vectors[len(self._known)] = embedding
        self._known.append(signature)

    def near(self, question: IncomingSignature) -> tuple[list[KnownSignature], list[KnownSignature]]:
        """Those with the question's structure, and those that mean most nearly the same."""
        if not self._known:
            return [], []
        similar = self._vectors[: len(self._known)] @ np.asarray(question.embedding, dtype=np.float32)
        nearest = np.argsort(-similar, kind="stable")[:NEAREST]
        alike = [i for i, known in enumerate(self._known) if known.structural == question.fingerprint.structural]
        return self._compared(alike[-NEAREST:], similar), self._compared(nearest.tolist(), similar)

    def _compared(self, indexes: Sequence[int], similar: NDArray[np.float32]) -> list[KnownSignature]:
        return [replace(self._known[i], meaning=min(1.0, max(0.0, float(similar[i])))) for i in indexes]


def place(
    questions: Sequence[IncomingSignature],
    offered: RetrievedNeighbours,
    policy: Policy,
    stored: Mapping[str, KnownSignature],
    rarity: Rarity,
    rulings: Mapping[str, Ruling] | None = None,
) -> list[Decision]:
    """A decision for each question, in order. One that founds a pattern has its own id and name filled in.

    ``stored`` are the questions' own signatures that the graph has already, ``rulings`` what people said of them, both by
    exact hash. ``rarity`` is left as it is.
    """
    fresh, ruled = _Fresh(len(questions)), rulings or {}
    seen = rarity.copied() if len(questions) > 1 else rarity
    decisions = []
    for index, question in enumerate(questions):
        known = stored.get(question.fingerprint.exact)
        near = _neighbours(question, offered, fresh, known)
        decision = _named(question, decide(question, near, policy, seen, ruled.get(question.fingerprint.exact)), known)
        if known is None and index + 1 < len(questions):
            fresh.add(_known(question, decision), question.embedding)
            seen.add(described(question.fingerprint))
        decisions.append(decision)
    return decisions


def _neighbours(
    question: IncomingSignature, offered: RetrievedNeighbours, fresh: _Fresh, known: KnownSignature | None
) -> Neighbours:
    exact = question.fingerprint.exact
    structural, near = fresh.near(question)
    return Neighbours(
        exact=known,
        structural=(*offered.structural.get(exact, ()), *structural),
        semantic=(*offered.semantic.get(exact, ()), *near),
        fuzzy=(*offered.fuzzy.get(exact, ()), *near),
    )


def _named(question: IncomingSignature, decision: Decision, known: KnownSignature | None) -> Decision:
    """With the id and name of the pattern it founds, and with its question when it must be stored."""
    if known is not None:
        return decision
    if decision.pattern_id is not None:
        return replace(decision, question=question)
    founder = question.fingerprint
    return replace(decision, question=question, pattern_id=pattern_id(founder), pattern_name=founder.title)


def _known(question: IncomingSignature, decision: Decision) -> KnownSignature:
    mine = question.fingerprint
    return KnownSignature(
        exact=mine.exact,
        structural=mine.structural,
        error_type=mine.error_type,
        cause=mine.cause,
        frames=question.frames,
        pattern_id=decision.pattern_id or "",
        pattern_name=decision.pattern_name or "",
    )
