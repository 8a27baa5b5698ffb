"""Recognise a batch of fingerprints: known ones by their hash, new ones by the cascade."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from graph.ingest.fingerprint import Fingerprint
from graph.ingest.lookup import embeddings, known_signatures, offers
from graph.ingest.match import EXACT_CONFIDENCE, Decision, KnownSignature, Question, Thresholds
from graph.ingest.place import place
from graph.ports import Embedder, Graph


class Recogniser:
    """The cascade over one graph."""

    def __init__(self, graph: Graph, embedder: Embedder, thresholds: Thresholds) -> None:
        """``thresholds`` say when a stage is believed."""
        self._graph = graph
        self._embedder = embedder
        self._thresholds = thresholds

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
        asked = [one for exact, one in prints.items() if full or exact not in known]
        placed = await self._placed(asked, known)
        return {exact: placed.get(exact) or _by_hash(known[exact]) for exact in prints}

    async def _placed(self, asked: Sequence[Fingerprint], known: Mapping[str, KnownSignature]) -> dict[str, Decision]:
        if not asked:
            return {}
        questions = await self._questions(asked, known)
        decisions = place(questions, await offers(self._graph, questions), self._thresholds, known)
        return {question.fingerprint.exact: decision for question, decision in zip(questions, decisions, strict=True)}

    async def _questions(self, asked: Sequence[Fingerprint], known: Mapping[str, KnownSignature]) -> list[Question]:
        """With embeddings: those of stored signatures are read, so each distinct signature is embedded once."""
        new = [one for one in asked if one.exact not in known]
        found: dict[str, tuple[float, ...]] = {}
        if new:
            vectors = await asyncio.to_thread(self._embedder.embed, [one.text for one in new])
            found = {one.exact: tuple(vector.tolist()) for one, vector in zip(new, vectors, strict=True)}
        if len(new) < len(asked):
            found |= await embeddings(self._graph, (one.exact for one in asked if one.exact in known))
        return [Question(one, found[one.exact]) for one in asked]


def _by_hash(known: KnownSignature) -> Decision:
    return Decision("exact", EXACT_CONFIDENCE, known.pattern_id, known.pattern_name, ())
