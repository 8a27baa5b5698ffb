"""Match a batch of incoming signatures in order, as if each had been stored before the next arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import Rarity
from graph.fingerprint.compute import Fingerprint
from graph.matching.candidates import IncomingSignature, KnownSignature, Neighbours
from graph.matching.cascade import PATTERN_ID_LENGTH, Decision, Policy, decide
from graph.matching.comparable import describe_fingerprint
from graph.matching.retrieval import NEAREST, RetrievedNeighbours
from graph.matching.rulings import Ruling
from graph.model.nodes import EMBEDDING_DIMENSIONS


def pattern_id(founder: Fingerprint) -> str:
    """The id of the pattern that a signature founds; deterministic, so that concurrent writers create one pattern."""
    return founder.exact[:PATTERN_ID_LENGTH]


class _BatchSignatures:
    """Signatures placed earlier in this batch; few, so neighbours come from one matrix product."""

    def __init__(self, capacity: int) -> None:
        self._known: list[KnownSignature] = []
        self._vectors = np.zeros((capacity, EMBEDDING_DIMENSIONS), dtype=np.float32)

    def add(self, signature: KnownSignature, embedding: tuple[float, ...]) -> None:
        self._vectors[len(self._known)] = embedding
        self._known.append(signature)

    def neighbours(self, incoming: IncomingSignature) -> tuple[list[KnownSignature], list[KnownSignature]]:
        """Signatures with the same structural hash, and the nearest by embedding."""
        if not self._known:
            return [], []
        similar = self._vectors[: len(self._known)] @ np.asarray(incoming.embedding, dtype=np.float32)
        nearest = np.argsort(-similar, kind="stable")[:NEAREST]
        alike = [i for i, known in enumerate(self._known) if known.structural == incoming.fingerprint.structural]
        return self._compared(alike[-NEAREST:], similar), self._compared(nearest.tolist(), similar)

    def _compared(self, indexes: Sequence[int], similar: NDArray[np.float32]) -> list[KnownSignature]:
        return [replace(self._known[i], meaning=min(1.0, max(0.0, float(similar[i])))) for i in indexes]


def assign_patterns(
    incoming: Sequence[IncomingSignature],
    retrieved: RetrievedNeighbours,
    policy: Policy,
    stored: Mapping[str, KnownSignature],
    rarity: Rarity,
    rulings: Mapping[str, Ruling] | None = None,
) -> list[Decision]:
    """One decision per signature, in order; one that founds a pattern has the id and name of it.

    ``stored`` are those of the signatures that the graph has, ``rulings`` the verdicts on them, both by exact hash.
    ``rarity`` is not changed.
    """
    earlier, rulings = _BatchSignatures(len(incoming)), rulings or {}
    batch_rarity = rarity.copied() if len(incoming) > 1 else rarity
    decisions = []
    for index, signature in enumerate(incoming):
        known = stored.get(signature.fingerprint.exact)
        neighbours = _neighbours(signature, retrieved, earlier, known)
        decision = decide(signature, neighbours, policy, batch_rarity, rulings.get(signature.fingerprint.exact))
        decision = _completed(signature, decision, known)
        if known is None and index + 1 < len(incoming):
            earlier.add(_known(signature, decision), signature.embedding)
            batch_rarity.add(describe_fingerprint(signature.fingerprint))
        decisions.append(decision)
    return decisions


def _neighbours(
    incoming: IncomingSignature, retrieved: RetrievedNeighbours, earlier: _BatchSignatures, known: KnownSignature | None
) -> Neighbours:
    exact = incoming.fingerprint.exact
    structural, nearest = earlier.neighbours(incoming)
    return Neighbours(
        exact=known,
        structural=(*retrieved.structural.get(exact, ()), *structural),
        semantic=(*retrieved.semantic.get(exact, ()), *nearest),
        fuzzy=(*retrieved.fuzzy.get(exact, ()), *nearest),
    )


def _completed(incoming: IncomingSignature, decision: Decision, known: KnownSignature | None) -> Decision:
    """The decision with the id and name of a founded pattern, and with the signature if that must be stored."""
    if known is not None:
        return decision
    if decision.pattern_id is not None:
        return replace(decision, incoming=incoming)
    founder = incoming.fingerprint
    return replace(decision, incoming=incoming, pattern_id=pattern_id(founder), pattern_name=founder.title)


def _known(incoming: IncomingSignature, decision: Decision) -> KnownSignature:
    fingerprint = incoming.fingerprint
    return KnownSignature(
        exact=fingerprint.exact,
        structural=fingerprint.structural,
        error_type=fingerprint.error_type,
        cause=fingerprint.cause,
        frames=incoming.frames,
        pattern_id=decision.pattern_id or "",
        pattern_name=decision.pattern_name or "",
    )
