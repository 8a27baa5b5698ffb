"""Labelled pairs of signatures from verdicts, to train matching on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.cypher import query
from graph.ports import Reader

SPOKEN_FOR = 3
"""Signatures that represent a pattern."""


@dataclass(frozen=True, slots=True)
class VerdictPair:
    """Two signatures and whether a person holds them to be one bug.

    ``a`` and ``b`` have ``exact structural error_type cause frames blamed text embedding`` as stored. ``ordinal`` orders
    verdicts, so that the latest can be held out.
    """

    ordinal: int
    verdict_id: str
    at: datetime
    same: bool
    a: Mapping[str, Any]
    b: Mapping[str, Any]


async def verdict_pairs(graph: Reader, *, after: int = 0, limit: int = SPOKEN_FOR) -> list[VerdictPair]:
    """Pairs from the verdicts in force after an ordinal, in order; at most ``limit`` signatures represent a pattern."""
    rows = await graph.read(query("models/verdict_pairs", after=after, limit=limit))
    return [VerdictPair(row["ordinal"], row["verdict_id"], row["at"], row["label"] == 1, row["a"], row["b"]) for row in rows]
