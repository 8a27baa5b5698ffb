"""Candidates for the cascade, from the graph's own indexes: hashes, vectors and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.cypher import query
from graph.ingest.match import KnownSignature, Question
from graph.ports import Graph, Row

FETCHED = 25
"""Vectors asked of the quantised index; the nearest :data:`NEAREST` of them by true cosine are kept (recall .997)."""
NEAREST = 5
WORDS = 40
"""Words of a text that are searched for."""
_AT_ONCE = 64
_LONGEST_WORD = 64


@dataclass(slots=True)
class Offers:
    """What the indexes hold for a batch of questions, by the question's exact or structural hash."""

    structural: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    semantic: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    fuzzy: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)


async def known_signatures(
    graph: Graph, exacts: Iterable[str], *, with_embedding: bool = False
) -> dict[str, KnownSignature]:
    """The stored ones of these signatures; their embeddings, 3 kB each, only when asked for."""
    wanted = sorted(set(exacts))
    if not wanted:
        return {}
    rows = await graph.read(query("match/known_signatures", exacts=wanted, with_embedding=with_embedding))
    return {row["exact"]: _known(row) for row in rows}


async def offers(graph: Graph, questions: Sequence[Question]) -> Offers:
    """What the three indexes offer for these questions."""
    found = Offers()
    for start in range(0, len(questions), _AT_ONCE):
        part = questions[start : start + _AT_ONCE]
        structurals = sorted({question.fingerprint.structural for question in part})
        rows = await graph.read(query("match/structural_neighbours", structurals=structurals, limit=NEAREST * 2))
        found.structural |= {row["structural"]: _all_known(row) for row in rows}
        vectors = [{"exact": q.fingerprint.exact, "embedding": list(q.embedding)} for q in part]
        rows = await graph.read(query("match/semantic_neighbours", questions=vectors, fetched=FETCHED, limit=NEAREST))
        found.semantic |= {row["exact"]: _all_known(row) for row in rows}
        texts = [{"exact": q.fingerprint.exact, "query": word_query(q.fingerprint.text)} for q in part]
        asked = [text for text in texts if text["query"]]
        rows = await graph.read(query("match/fuzzy_neighbours", questions=asked, limit=NEAREST * 2))
        found.fuzzy |= {row["exact"]: _all_known(row) for row in rows}
    return found


def word_query(text: str) -> str:
    """A full-text query for any of the first distinct words of a text. Words are letters and digits only, so none is syntax."""
    cleaned = "".join(char if char.isalnum() else " " for char in text.lower())
    distinct = dict.fromkeys(word for word in cleaned.split() if len(word) <= _LONGEST_WORD)
    return " ".join(list(distinct)[:WORDS])


def _all_known(row: Row) -> tuple[KnownSignature, ...]:
    return tuple(_known(neighbour) for neighbour in row["neighbours"])


def _known(row: Row) -> KnownSignature:
    return KnownSignature(
        exact=row["exact"],
        structural=row["structural"],
        error_type=row["error_type"] or "",
        cause=row["cause"],
        frames=tuple(row["frames"] or ())[row["blamed"] or 0 :],
        embedding=tuple(row.get("embedding") or ()),
        pattern_id=row["pattern_id"],
        pattern_name=row["pattern_name"],
    )
