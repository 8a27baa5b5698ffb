"""What verdicts tell those who learn and those who look for relationships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from graph.cypher import query
from graph.model.statement import Statement
from graph.ports import Row

SPOKEN_FOR = 3
"""Signatures of a pattern that stand for it."""


class Reader(Protocol):
    """What is read from; a graph, or what a job is given of one."""

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement."""
        ...


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


@dataclass(frozen=True, slots=True)
class Vetoes:
    """Pairs of patterns that people spoke about: ``different`` in any order, ``not_caused`` as (effect, cause)."""

    different: frozenset[frozenset[str]]
    not_caused: frozenset[tuple[str, str]]

    def causes(self, cause: str, effect: str) -> bool:
        """Whether a job may say that one causes the other."""
        return (effect, cause) not in self.not_caused

    def alike(self, a: str, b: str) -> bool:
        """Whether a job may say that two are one bug."""
        return frozenset((a, b)) not in self.different


async def vetoes(graph: Reader) -> Vetoes:
    """What no job may say otherwise."""
    rows: Sequence[Row] = await graph.read(query("verdicts/vetoes", ordinal=0))
    pairs = [(row["type"], row["source"], row["target"]) for row in rows]
    return Vetoes(
        different=frozenset(frozenset((a, b)) for type_, a, b in pairs if type_ == "DISTINCT_FROM"),
        not_caused=frozenset((a, b) for type_, a, b in pairs if type_ == "NOT_CAUSED_BY"),
    )
