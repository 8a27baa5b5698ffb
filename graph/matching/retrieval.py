"""Candidates for the cascade, from the graph's own indexes: hashes, vectors and words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.algorithms.evidence import Rarity
from graph.cypher import query
from graph.matching.candidates import IncomingSignature, KnownSignature
from graph.matching.comparable import describe
from graph.ports import Reader, Row

FETCHED = 25
"""Vectors asked of the quantised index; the nearest :data:`NEAREST` of them by true cosine are kept (recall .997)."""
NEAREST = 10
BY_WORDS = 20
WORDS = 40
"""Rarest words of a text that are searched for: more find no other candidates."""
SAMPLE = 5_000
"""Signatures from which is learnt how rare words and frames are, before this process saw any itself."""
_AT_ONCE = 64
_LONGEST_WORD = 64


@dataclass(slots=True)
class RetrievedNeighbours:
    """What the indexes hold for a batch of questions, by the question's exact hash."""

    structural: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    semantic: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    fuzzy: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)


async def known_signatures(graph: Reader, exacts: Iterable[str]) -> dict[str, KnownSignature]:
    """The stored ones of these signatures."""
    wanted = sorted(set(exacts))
    if not wanted:
        return {}
    rows = await graph.read(query("matching/known_signatures", exacts=wanted))
    return {row["exact"]: _known(row) for row in rows}


async def embeddings(graph: Reader, exacts: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """The stored embeddings of these signatures, 3 kB each."""
    rows = await graph.read(query("matching/embeddings", exacts=sorted(set(exacts))))
    return {row["exact"]: tuple(row["embedding"]) for row in rows}


async def rarity(graph: Reader) -> Rarity:
    """How rare words and frames are among the known signatures, by a sample of them."""
    (row,) = await graph.read(query("matching/sample_signatures", limit=SAMPLE))
    found = Rarity()
    for error_type, cause, frames in zip(row["error_types"], row["causes"], row["frames"], strict=True):
        found.add(describe(error_type or "", cause, tuple(frames or ())))
    return found.scaled(row["known"])


async def offers(graph: Reader, questions: Sequence[IncomingSignature], rarity: Rarity) -> RetrievedNeighbours:
    """What the three indexes offer for these questions."""
    found = RetrievedNeighbours()
    for start in range(0, len(questions), _AT_ONCE):
        asked = [_asked(question, rarity) for question in questions[start : start + _AT_ONCE]]
        structural = query("matching/structural_neighbours", questions=asked, limit=NEAREST)
        semantic = query("matching/semantic_neighbours", questions=asked, fetched=FETCHED, limit=NEAREST)
        fuzzy = query("matching/fuzzy_neighbours", questions=[one for one in asked if one["query"]], limit=BY_WORDS)
        rows = await asyncio.gather(graph.read(structural), graph.read(semantic), graph.read(fuzzy))
        for offered, answers in zip((found.structural, found.semantic, found.fuzzy), rows, strict=True):
            offered.update({row["exact"]: tuple(map(_known, row["neighbours"])) for row in answers})
    return found


def _asked(question: IncomingSignature, rarity: Rarity) -> Row:
    mine = question.fingerprint
    return {
        "exact": mine.exact,
        "structural": mine.structural,
        "embedding": list(question.embedding),
        "query": word_query(mine.text, rarity),
    }


def word_query(text: str, rarity: Rarity) -> str:
    """A full-text query for any of the rarest words of a text. Words are letters and digits only, so none is syntax."""
    cleaned = "".join(char if char.isalnum() else " " for char in text.lower())
    distinct = dict.fromkeys(word for word in cleaned.split() if len(word) <= _LONGEST_WORD)
    return " ".join(sorted(distinct, key=lambda word: -rarity.of_word(word))[:WORDS])


def _known(row: Row) -> KnownSignature:
    return KnownSignature(
        exact=row["exact"],
        structural=row["structural"],
        error_type=row["error_type"] or "",
        cause=row["cause"],
        frames=tuple(row["frames"] or ()),
        pattern_id=row["pattern_id"],
        pattern_name=row["pattern_name"],
        meaning=min(1.0, max(0.0, row.get("meaning") or 0.0)),
        size=row["size"],
        by_verdict=bool(row.get("by_verdict")),
    )
