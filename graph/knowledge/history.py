"""The state of a pattern at a time: its present state with the later revisions reverted one by one.

A ``Revision`` holds the values before and after. Whatever has no revision follows from time stamps: a signature placed later
was not part of the pattern, and a crash received later does not count. Severity rises with new crashes without a revision
unless a person set it, so it is the worst severity of the crashes received by then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_type_hints

from graph.cypher import query
from graph.model.convert import record
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern
from graph.model.quoting import quoted
from graph.model.severity import SEVERITIES
from graph.ports import Graph, Row

SIGNATURES = "signatures"
COUNTED = ("first_seen", "last_seen", "occurrence_count")
"""Properties derived from the crashes; revisions do not hold them."""


@dataclass(frozen=True, slots=True)
class PlacedSignature:
    """A signature of a pattern; ``placed_at`` is ``None`` if unknown."""

    exact: str
    title: str
    placed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PatternAsOf:
    """A pattern at a time. ``version`` is that of its last revision by then, 0 before the first."""

    at: datetime
    version: int
    pattern: Pattern
    signatures: tuple[PlacedSignature, ...]


async def pattern_as_of(graph: Graph, pattern_id: str, at: datetime) -> PatternAsOf:
    """The pattern at a time, which must have a zone; ``NotFoundError`` if it did not exist then."""
    if at.tzinfo is None:
        raise InvalidInputError(f"at: {at.isoformat()} has no time zone; add Z or an offset")
    [row] = await graph.read(query("history/revisions_after", pattern_id=pattern_id, at=at))
    if row["pattern"] is None and not row["steps"] and not row["version"]:
        raise NotFoundError(f"no pattern {quoted(pattern_id)}, now or ever; `patterns` lists the stored ones")
    values, placed = reverted(row["pattern"] or {}, row["placed"], row["steps"])
    created = values.get("created_at")
    if "name" not in values or (created is not None and created > at):
        gone = row["pattern"] is None and not row["steps"]
        when = "was gone" if gone else "was not there yet"
        raise NotFoundError(f"pattern {quoted(pattern_id)} {when} at {at.isoformat()}")
    here = {exact: since for exact, since in placed.items() if since is None or since <= at}
    [seen] = await graph.read(query("history/received_by", exacts=sorted(here), at=at))
    counted = {"first_seen": seen["first_seen"], "last_seen": seen["last_seen"], "occurrence_count": seen["crashes"]}
    pattern = record(Pattern, {**values, "pattern_id": pattern_id, **counted})
    titles = {one["exact"]: one["title"] for one in seen["titles"]}
    signatures = tuple(PlacedSignature(exact, titles.get(exact, ""), since) for exact, since in sorted(here.items()))
    return PatternAsOf(at, row["version"], _with_severity(pattern, seen["rank"]), signatures)


def reverted(
    pattern: Mapping[str, Any], placed: Iterable[Row], steps: Iterable[Row]
) -> tuple[dict[str, Any], dict[str, datetime | None]]:
    """Properties and signatures before these revisions, which are given latest first."""
    values = {name: value for name, value in pattern.items() if name not in COUNTED}
    here: dict[str, datetime | None] = {one["exact"]: one["placed_at"] for one in placed}
    for step in steps:
        before, after = json.loads(step["before"]), json.loads(step["after"])
        for exact in after.get(SIGNATURES, ()):
            here.pop(exact, None)
        here |= {exact: _time(at) for exact, at in before.get(SIGNATURES, {}).items()}
        for name in after.keys() - before.keys():
            values.pop(name, None)
        values |= {name: _time(value) if name in _times() else value for name, value in before.items() if name in _properties()}
    return {name: value for name, value in values.items() if value is not None}, here


def _with_severity(pattern: Pattern, rank: int | None) -> Pattern:
    if rank is None or pattern.severity_by is not None or pattern.severity not in SEVERITIES:
        return pattern
    return replace(pattern, severity=SEVERITIES[max(rank, SEVERITIES.index(pattern.severity))])


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


@cache
def _properties() -> frozenset[str]:
    return frozenset(get_type_hints(Pattern))


@cache
def _times() -> frozenset[str]:
    return frozenset(name for name, hint in get_type_hints(Pattern).items() if datetime in (hint, *get_args(hint)))
