"""Recognise a batch of fingerprints: known ones by their hash, new ones by the cascade."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from graph.algorithms.evidence import Rarity
from graph.fingerprint.compute import Fingerprint
from graph.matching.assign import place
from graph.matching.candidates import IncomingSignature, KnownSignature
from graph.matching.cascade import Decision, Policy
from graph.matching.comparable import described
from graph.matching.ranking_versions import ActivePolicy
from graph.matching.retrieval import embeddings, known_signatures, offers, rarity
from graph.matching.rulings import STRATEGY, SURE, verdicts
from graph.ports import Embedder, Graph


class SignatureMatcher:
    """The cascade over one graph."""

    def __init__(self, graph: Graph, embedder: Embedder, policy: Policy) -> None:
        """``policy`` says how decisions are made, until this graph has learned something better."""
        self._graph = graph
        self._embedder = embedder
        self.given = policy
        self._current = ActivePolicy(graph, policy)
        self._rarity: Rarity | None = None

    async def recognise(
        self, fingerprints: Iterable[Fingerprint | None], *, with_candidates: bool = False, explained: bool = False
    ) -> dict[str, Decision]:
        """A decision for each distinct exact hash, in the order of first appearance.

        Known signatures are looked up by their hash alone, at the cost of one indexed read, unless candidates
        or an explanation are asked for.
        """
        prints = {one.exact: one for one in fingerprints if one is not None}
        full = with_candidates or explained
        known = await known_signatures(self._graph, prints)
        policy = await self._current.policy()
        asked = [one for exact, one in prints.items() if full or exact not in known]
        placed = await self._placed(asked, known, policy)
        return {exact: placed.get(exact) or _by_hash(known[exact], policy.exact) for exact in prints}

    def use(self, policy: Policy) -> None:
        """Decide by another policy from now on."""
        self.given, self._current = policy, ActivePolicy(self._graph, policy)

    async def _placed(
        self, asked: Sequence[Fingerprint], known: Mapping[str, KnownSignature], policy: Policy
    ) -> dict[str, Decision]:
        if not asked:
            return {}
        questions = await self._questions(asked, known)
        seen = await self._seen()
        offered, rulings = await asyncio.gather(
            offers(self._graph, questions, seen), verdicts(self._graph, (question.fingerprint for question in questions))
        )
        decisions = await asyncio.to_thread(place, questions, offered, policy, known, seen, rulings)
        return {question.fingerprint.exact: decision for question, decision in zip(questions, decisions, strict=True)}

    async def _questions(self, asked: Sequence[Fingerprint], known: Mapping[str, KnownSignature]) -> list[IncomingSignature]:
        """With embeddings: those of stored signatures are read, so each distinct signature is embedded once."""
        new = [one for one in asked if one.exact not in known]
        found: dict[str, tuple[float, ...]] = {}
        if new:
            vectors = await asyncio.to_thread(self._embedder.embed, [one.text for one in new])
            found = {one.exact: tuple(vector.tolist()) for one, vector in zip(new, vectors, strict=True)}
        if len(new) < len(asked):
            found |= await embeddings(self._graph, (one.exact for one in asked if one.exact in known))
        return [IncomingSignature(one, found[one.exact]) for one in asked]

    async def _seen(self) -> Rarity:
        """How rare words and frames are: learnt once from the graph, then from what comes."""
        if self._rarity is None:
            self._rarity = await rarity(self._graph)
        return self._rarity

    def forget(self) -> None:
        """What was learnt of the graph is no longer so: it was emptied or restored."""
        self._rarity = None

    def learned(self, stored: Iterable[Fingerprint]) -> None:
        """These signatures are known from now on."""
        if self._rarity is not None:
            for one in stored:
                self._rarity.add(described(one))


def _by_hash(known: KnownSignature, sure: float) -> Decision:
    if known.by_verdict:
        return Decision(STRATEGY, SURE, known.pattern_id, known.pattern_name, (), by_hash=SURE)
    return Decision("exact", sure, known.pattern_id, known.pattern_name, (), by_hash=sure)
