"""Rulings: people's verdicts on signatures, the first stage of the cascade.

A verdict on a signature overrides all other stages. It also applies to signatures with the same structural hash (error type
and function names), unless signatures with that hash are in several patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.fingerprint.compute import Fingerprint
from graph.ports import Graph, Row

STRATEGY = "verdict"
SURE = 1.0
"""Confidence of a verdict on the signature itself."""
ALIKE = 0.95
"""Confidence of a verdict on a signature with the same structural hash."""
MOST_ALIKE = 200
"""A structural hash shared by more signatures than this is too unspecific for a verdict to apply."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdicts on one signature.

    ``pattern_id`` is the pattern it belongs to, ``None`` if no verdict decides that; ``forbidden`` are patterns it does not
    belong to. ``confidence`` is 0 without a pattern.
    """

    pattern_id: str | None
    pattern_name: str | None
    confidence: float
    forbidden: frozenset[str]
    why: str
    verdict_ids: tuple[str, ...]


async def rulings_by_hash(graph: Graph, fingerprints: Iterable[Fingerprint]) -> dict[str, Ruling]:
    """Rulings by exact hash, only for signatures that a verdict applies to. One indexed read; no embedding is needed."""
    rows = {
        fingerprint.exact: {"exact": fingerprint.exact, "structural": fingerprint.structural if fingerprint.frames else ""}
        for fingerprint in fingerprints
    }
    signatures = list(rows.values())
    rulings: dict[str, Ruling] = {}
    for start in range(0, len(signatures), BATCH):
        statement = query("matching/verdict_rulings", signatures=signatures[start : start + BATCH], limit=MOST_ALIKE)
        for row in await graph.read(statement):
            ruling = _ruling(row)
            if ruling is not None:
                rulings[row["exact"]] = ruling
    return rulings


def _ruling(row: Row) -> Ruling | None:
    placed = row["placed"]
    own_row = next((signature for signature in placed if signature["exact"] == row["exact"]), None)
    homes = {signature["pattern_id"] for signature in placed}
    relevant, own = (placed, homes) if own_row is None else ([own_row], {own_row["pattern_id"]})
    distinct = [pair for signature in relevant for pair in signature["apart"] if pair["pattern_id"] is not None]
    forbidden = {pair["pattern_id"]: pair["verdict_id"] for pair in distinct if pair["pattern_id"] not in own}
    decided, confidence = _decided(placed, own_row, homes)
    if decided is None and not forbidden:
        return None
    ids = dict.fromkeys([*(decided["verdict_ids"] if decided else ()), *forbidden.values()])
    return Ruling(
        pattern_id=decided["pattern_id"] if decided else None,
        pattern_name=decided["pattern_name"] if decided else None,
        confidence=confidence,
        forbidden=frozenset(forbidden),
        why=_why(decided, own_row, len(forbidden)),
        verdict_ids=tuple(ids),
    )


def _decided(placed: Sequence[Row], own_row: Row | None, homes: set[str]) -> tuple[Row | None, float]:
    """The signature with the verdict that decides the pattern of this one, and the confidence."""
    if own_row is not None:
        return (own_row, SURE) if own_row["decided"] else (None, 0.0)
    if len(homes) != 1:
        return None, 0.0
    return next(((signature, ALIKE) for signature in placed if signature["decided"]), (None, 0.0))


def _why(decided: Row | None, own_row: Row | None, forbidden: int) -> str:
    reasons = []
    if decided is not None:
        what = "it" if own_row is not None else "one with the same error and functions"
        reasons.append(f"a person put {what} into {decided['pattern_name']}")
    if forbidden:
        patterns = "pattern" if forbidden == 1 else "patterns"
        reasons.append(f"a person decided that it is not one of {forbidden} other {patterns}")
    return "; ".join(reasons)
