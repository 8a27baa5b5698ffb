"""What is known of patterns, what holds where, and what is to be looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.cypher import query
from graph.knowledge.deployments import find_place
from graph.knowledge.summary import (
    HeldPlace,
    Known,
    KnownSolution,
    TrackRecord,
    current_confidence,
    held_place,
    known_patterns,
    solution_of,
    track_record,
)
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Validation
from graph.ports import Graph
from resolvers.cursors import check_first
from resolvers.rows import found, record_of

REVALIDATE_DAYS = 30.0
"""A pattern that nobody has confirmed for so long is due again."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A validation and the crash that was looked at."""

    validation: Validation
    crash_id: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A solution that was applied at a place against a pattern, and how it held there."""

    solution: KnownSolution
    pattern: Pattern | None
    place: HeldPlace
    environment_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """A pattern to look at again. ``current`` is its confidence, faded with time; ``worked`` how often its solutions worked."""

    pattern: Pattern
    current: float
    worked: int


async def known_of(graph: Graph, ids: Sequence[str]) -> dict[str, Known]:
    """What is known of the patterns of these ids."""
    return await known_patterns(graph, ids, datetime.now(UTC))


async def track_records(graph: Graph, ids: Sequence[str]) -> dict[str, TrackRecord]:
    """How answers turned out; an id is the stage that answered, a colon, and how sure it was."""
    told: dict[str, TrackRecord] = {}
    for id in ids:
        strategy, _, confidence = id.partition(":")
        told[id] = await track_record(graph, strategy, float(confidence))
    return told


async def validations_of(graph: Graph, ids: Sequence[str], first: int) -> dict[str, list[Looked]]:
    """The latest validations of crashes of many patterns."""
    rows = await found(graph, "knowledge/validations", ids=list(ids), limit=check_first(first))
    return {
        row["id"]: [Looked(record_of(Validation, one["validation"]), one["crash_id"]) for one in row["items"]] for row in rows
    }


async def held_at(
    graph: Graph, *, environment_id: str | None, site: str | None, product: str | None, first: int = 50
) -> list[Held]:
    """What was applied at a place, that which holds first. ``NotFoundError`` where nothing was ever seen."""
    if (environment_id is None) == (site is None):
        raise InvalidInputError("held: name an environment or a site, one of the two")
    place = await find_place(graph, environment_id=environment_id, site=site, product=product)
    if place is None:
        raise NotFoundError(f"nothing was ever seen at {environment_id or site!r:.80}")
    now = datetime.now(UTC)
    rows = await graph.read(query("knowledge/held", environment_id=place.environment_id, limit=check_first(first)))
    told = []
    for row in rows:
        where = {"held": row["proven"], "site": place.site, "product": place.product}
        solution = solution_of({"solution": row["solution"], "resolves": row["resolves"] or {}, "proven": [where]}, now)
        pattern = record_of(Pattern, row["pattern"]) if row["pattern"] else None
        told.append(Held(solution, pattern, held_place(where, now), row["environment_id"]))
    return told


async def revalidation_due(
    graph: Graph, *, days: float = REVALIDATE_DAYS, half_life_days: float = HALF_LIFE_DAYS, first: int = 50
) -> list[Due]:
    """Patterns that people taught something and that nobody confirmed for so many days, those with the most crashes first."""
    if days < 0 or half_life_days <= 0:
        raise InvalidInputError("days must be 0 or more, and halfLifeDays above 0")
    now = datetime.now(UTC)
    rows = await found(graph, "knowledge/due", before=now - timedelta(days=days), limit=check_first(first))
    return [
        Due(record_of(Pattern, row["pattern"]), current_confidence(row["pattern"], now, half_life_days), sum(row["worked"]))
        for row in rows
    ]
