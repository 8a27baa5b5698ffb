"""What verdicts tell those who learn and those who look for relationships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.cypher import query
from graph.ports import Reader

SPOKEN_FOR = 3
"""Signatures of a pattern that stand for it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two signatures of which a person said whether they are one bug.

    ``a`` and ``b`` have ``exact structural error_type cause frames blamed text embedding`` as they are stored; signatures of
    one structure share it. ``ordinal`` orders verdicts, so that what was learned last can be held out.
    """

    ordinal: int
    verdict_id: str
    at: datetime
    same: bool
    a: Mapping[str, Any]
    b: Mapping[str, Any]


async def verdict_pairs(graph: Reader, *, after: int = 0, limit: int = SPOKEN_FOR) -> list[Pair]:
    """What standing verdicts after an ordinal say about pairs, in their order."""
    rows = await graph.read(query("models/verdict_pairs", after=after, limit=limit))
    return [Pair(row["ordinal"], row["verdict_id"], row["at"], row["label"] == 1, row["a"], row["b"]) for row in rows]
