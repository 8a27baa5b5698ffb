"""Retrieve candidates for the cascade from the graph's indexes: hash, vector and full text."""

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
"""Vectors fetched from the quantised index; the nearest :data:`NEAREST` by exact cosine are kept (recall .997)."""
NEAREST = 10
BY_WORDS = 20
WORDS = 40
"""Rarest words of a text used in the full-text query; more find no further candidates."""
SAMPLE = 5_000
"""Stored signatures sampled to estimate how rare words and frames are."""
_BATCH = 64
_LONGEST_WORD = 64


@dataclass(slots=True)
class RetrievedNeighbours:
    """Neighbours of a batch of incoming signatures, per index, by the exact hash of the incoming one."""

    structural: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    semantic: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)
    fuzzy: dict[str, tuple[KnownSignature, ...]] = field(default_factory=dict)


async def known_signatures(graph: Reader, exacts: Iterable[str]) -> dict[str, KnownSignature]:
    """The signatures that are stored, by exact hash."""
    wanted = sorted(set(exacts))
    if not wanted:
        return {}
    rows = await graph.read(query("matching/known_signatures", exacts=wanted))
    return {row["exact"]: _known(row) for row in rows}


async def embeddings(graph: Reader, exacts: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """Stored embeddings by exact hash, 3 kB each."""
    rows = await graph.read(query("matching/embeddings", exacts=sorted(set(exacts))))
    return {row["exact"]: tuple(row["embedding"]) for row in rows}


async def sample_rarity(graph: Reader) -> Rarity:
    """How rare words and frames are among the known signatures, estimated from a sample."""
    (row,) = await graph.read(query("matching/sample_signatures", limit=SAMPLE))
    sampled = Rarity()
    for error_type, cause, frames in zip(row["error_types"], row["causes"], row["frames"], strict=True):
        sampled.add(describe(error_type or "", cause, tuple(frames or ())))
    return sampled.scaled(row["known"], row["patterns"])


async def retrieve_neighbours(graph: Reader, incoming: Sequence[IncomingSignature], rarity: Rarity) -> RetrievedNeighbours:
    """Neighbours from the three indexes."""
    neighbours = RetrievedNeighbours()
    for start in range(0, len(incoming), _BATCH):
        batch = [_row(one, rarity) for one in incoming[start : start + _BATCH]]
        structural = query("matching/structural_neighbours", signatures=batch, limit=NEAREST)
        semantic = query("matching/semantic_neighbours", signatures=batch, fetched=FETCHED, limit=NEAREST)
        fuzzy = query("matching/fuzzy_neighbours", signatures=[row for row in batch if row["query"]], limit=BY_WORDS)
        results = await asyncio.gather(graph.read(structural), graph.read(semantic), graph.read(fuzzy))
        for index, rows in zip((neighbours.structural, neighbours.semantic, neighbours.fuzzy), results, strict=True):
            index.update({row["exact"]: tuple(map(_known, row["neighbours"])) for row in rows})
    return neighbours


def _row(incoming: IncomingSignature, rarity: Rarity) -> Row:
    fingerprint = incoming.fingerprint
    return {
        "exact": fingerprint.exact,
        "structural": fingerprint.structural,
        "embedding": list(incoming.embedding),
        "query": word_query(fingerprint.text, rarity),
    }


def word_query(text: str, rarity: Rarity) -> str:
    """A full-text query for any of the rarest words of a text.

    Words have letters and digits only, so nothing needs escaping.
    """
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
