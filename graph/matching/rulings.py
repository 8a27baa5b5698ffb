"""What people decided, as the first stage of the cascade reads it: a ruling for each signature that a verdict speaks of.

A verdict on a signature holds for it whatever the other stages say. It also counts for signatures of the same structure
(error type and function names), unless that structure stands in several patterns: then it tells them not apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from graph.cypher import query
from graph.fingerprint.compute import Fingerprint
from graph.ports import Graph, Row

STRATEGY = "verdict"
SURE = 1.0
"""Of a signature that a person spoke of."""
ALIKE = 0.95
"""Of one that has its structure."""
MOST_ALIKE = 200
"""A structure that more signatures have says too little to carry a verdict over."""
AT_ONCE = 500


class Ranked(Protocol):
    """A pattern that is considered."""

    @property
    def pattern_id(self) -> str:
        """Its id."""
        ...


R = TypeVar("R", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What verdicts say about one signature.

    ``pattern_id`` is the pattern it belongs to, ``None`` where no verdict says; ``forbidden`` are patterns it does not
    belong to. ``confidence`` is 0 without a pattern.
    """

    pattern_id: str | None
    pattern_name: str | None
    confidence: float
    forbidden: frozenset[str]
    why: str
    verdict_ids: tuple[str, ...]


async def verdicts(graph: Graph, fingerprints: Iterable[Fingerprint]) -> dict[str, Ruling]:
    """The rulings by exact hash; signatures of which no verdict speaks are left out. One indexed read, nothing is embedded."""
    asked = {one.exact: {"exact": one.exact, "structural": one.structural if one.frames else ""} for one in fingerprints}
    questions = list(asked.values())
    found: dict[str, Ruling] = {}
    for start in range(0, len(questions), AT_ONCE):
        statement = query("matching/verdict_rulings", questions=questions[start : start + AT_ONCE], limit=MOST_ALIKE)
        for row in await graph.read(statement):
            ruling = _ruling(row)
            if ruling is not None:
                found[row["exact"]] = ruling
    return found


def obeyed(ruling: Ruling | None, ranked: Sequence[R]) -> list[R]:
    """Ranked patterns as a ruling leaves them: none that is forbidden, and first the one that it says."""
    if ruling is None:
        return list(ranked)
    allowed = [one for one in ranked if one.pattern_id not in ruling.forbidden]
    return sorted(allowed, key=lambda one: one.pattern_id != ruling.pattern_id)


def _ruling(row: Row) -> Ruling | None:
    placed = row["placed"]
    mine = next((one for one in placed if one["exact"] == row["exact"]), None)
    homes = {one["pattern_id"] for one in placed}
    speaking, own = (placed, homes) if mine is None else ([mine], {mine["pattern_id"]})
    said = [one for alike in speaking for one in alike["apart"] if one["pattern_id"] is not None]
    apart = {one["pattern_id"]: one["verdict_id"] for one in said if one["pattern_id"] not in own}
    decided, confidence = _decided(placed, mine, homes)
    if decided is None and not apart:
        return None
    ids = dict.fromkeys([*(decided["verdict_ids"] if decided else ()), *apart.values()])
    return Ruling(
        pattern_id=decided["pattern_id"] if decided else None,
        pattern_name=decided["pattern_name"] if decided else None,
        confidence=confidence,
        forbidden=frozenset(apart),
        why=_why(decided, mine, len(apart)),
        verdict_ids=tuple(ids),
    )


def _decided(placed: Sequence[Row], mine: Row | None, homes: set[str]) -> tuple[Row | None, float]:
    """The signature whose verdict says where this one belongs, and how sure that is."""
    if mine is not None:
        return (mine, SURE) if mine["decided"] else (None, 0.0)
    if len(homes) != 1:
        return None, 0.0
    return next(((one, ALIKE) for one in placed if one["decided"]), (None, 0.0))


def _why(decided: Row | None, mine: Row | None, apart: int) -> str:
    told = []
    if decided is not None:
        whose = "a person put it" if mine is not None else "a person put one with the same error and functions"
        told.append(f"{whose} into {decided['pattern_name']}")
    if apart:
        told.append(f"a person said that it is not one of {apart} other {'pattern' if apart == 1 else 'patterns'}")
    return "; ".join(told)
