"""Match a batch of fingerprints: known ones by hash, new ones by the cascade."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from graph.algorithms.evidence import Rarity
from graph.fingerprint.compute import Fingerprint
from graph.matching.assign import assign_patterns
from graph.matching.candidates import IncomingSignature, KnownSignature
from graph.matching.cascade import Decision, Policy
from graph.matching.comparable import describe_fingerprint
from graph.matching.naming import name_founded
from graph.matching.ranking_versions import ActivePolicy
from graph.matching.retrieval import embeddings, known_signatures, retrieve_neighbours, sample_rarity
from graph.matching.rulings import STRATEGY, SURE, rulings_by_hash
from graph.ports import Embedder, Graph


class SignatureMatcher:
    """Matches fingerprints against the signatures of one graph."""

    def __init__(self, graph: Graph, embedder: Embedder, policy: Policy) -> None:
        """``policy`` has the shipped model; what this graph has learned adjusts it."""
        self._graph = graph
        self._embedder = embedder
        self.shipped_policy = policy
        self._active = ActivePolicy(graph, policy)
        self._rarity: Rarity | None = None

    async def match(
        self, fingerprints: Iterable[Fingerprint | None], *, with_candidates: bool = False, explained: bool = False
    ) -> dict[str, Decision]:
        """One decision per distinct exact hash, in order of first appearance.

        Known signatures cost one indexed read by hash, unless candidates or an explanation are requested.
        """
        distinct = {fingerprint.exact: fingerprint for fingerprint in fingerprints if fingerprint is not None}
        full = with_candidates or explained
        known = await known_signatures(self._graph, distinct)
        policy = await self._active.policy()
        unmatched = [fingerprint for exact, fingerprint in distinct.items() if full or exact not in known]
        decisions = await self._cascade(unmatched, known, policy)
        return {exact: decisions.get(exact) or _by_hash(known[exact], policy.exact) for exact in distinct}

    def use(self, policy: Policy) -> None:
        """Decide by another policy from now on."""
        self.shipped_policy, self._active = policy, ActivePolicy(self._graph, policy)

    async def _cascade(
        self, fingerprints: Sequence[Fingerprint], known: Mapping[str, KnownSignature], policy: Policy
    ) -> dict[str, Decision]:
        if not fingerprints:
            return {}
        incoming = await self._embedded(fingerprints, known)
        rarity = await self._current_rarity()
        retrieved, rulings = await asyncio.gather(
            retrieve_neighbours(self._graph, incoming, rarity), rulings_by_hash(self._graph, fingerprints)
        )
        decisions = await asyncio.to_thread(assign_patterns, incoming, retrieved, policy, known, rarity, rulings)
        decisions = await name_founded(self._graph, decisions)
        return {signature.fingerprint.exact: decision for signature, decision in zip(incoming, decisions, strict=True)}

    async def _embedded(
        self, fingerprints: Sequence[Fingerprint], known: Mapping[str, KnownSignature]
    ) -> list[IncomingSignature]:
        """The fingerprints with embeddings: read for stored signatures, so that each signature is embedded once."""
        new = [fingerprint for fingerprint in fingerprints if fingerprint.exact not in known]
        by_exact: dict[str, tuple[float, ...]] = {}
        if new:
            vectors = await asyncio.to_thread(self._embedder.embed, [fingerprint.text for fingerprint in new])
            by_exact = {fingerprint.exact: tuple(vector.tolist()) for fingerprint, vector in zip(new, vectors, strict=True)}
        if len(new) < len(fingerprints):
            by_exact |= await embeddings(
                self._graph, (fingerprint.exact for fingerprint in fingerprints if fingerprint.exact in known)
            )
        return [IncomingSignature(fingerprint, by_exact[fingerprint.exact]) for fingerprint in fingerprints]

    async def _current_rarity(self) -> Rarity:
        """How rare words and frames are: sampled once from the graph, then updated by :meth:`count_stored`."""
        if self._rarity is None:
            self._rarity = await sample_rarity(self._graph)
        return self._rarity

    def reset_rarity(self) -> None:
        """Sample the rarity again: the graph was emptied or restored."""
        self._rarity = None

    def count_stored(self, fingerprints: Iterable[Fingerprint]) -> None:
        """Count newly stored signatures in the rarity of words and frames."""
        if self._rarity is not None:
            for fingerprint in fingerprints:
                self._rarity.add(describe_fingerprint(fingerprint))


def _by_hash(known: KnownSignature, confidence: float) -> Decision:
    if known.by_verdict:
        return Decision(STRATEGY, SURE, known.pattern_id, known.pattern_name, (), by_hash=SURE)
    return Decision("exact", confidence, known.pattern_id, known.pattern_name, (), by_hash=confidence)
