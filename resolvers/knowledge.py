"""Knowledge about patterns, solutions applied somewhere, and patterns to validate again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.cypher import query
from graph.knowledge.deployments import find_product_site
from graph.knowledge.summary import (
    AppliedPlace,
    KnownSolution,
    PatternKnowledge,
    TrackRecord,
    applied_place,
    current_confidence,
    known_patterns,
    solution_of,
    track_record,
)
from graph.model.actor import Scope
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Validation
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.ports import Graph
from resolvers.cursors import BEGINNING_OF_TIME, COUNT_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import page_of, read_list, record_of

REVALIDATE_DAYS = 30.0
"""Days without confirmation after which a pattern is a candidate for revalidation."""
MOST_DAYS = 36_500
APPLIED, REVALIDATION = "applied solutions", "revalidation candidates"
HOLDS, LOST = "holds ", "lost  "
"""Start of the key of a position among applied solutions: those that hold come first. Equally long."""
TIME_BEGINNING = Position(BEGINNING_OF_TIME, HOLDS)


@dataclass(frozen=True, slots=True)
class CrashValidation:
    """A validation, and the crash that it is about."""

    validation: Validation
    crash_id: str | None


@dataclass(frozen=True, slots=True)
class AppliedSolution:
    """A solution that was applied at a place against a pattern."""

    solution: KnownSolution
    pattern: Pattern | None
    place: AppliedPlace
    environment_id: str
    position: Position


@dataclass(frozen=True, slots=True)
class RevalidationCandidate:
    """A pattern to validate again: its decayed confidence, and how often its solutions worked."""

    pattern: Pattern
    current_confidence: float
    worked: int


@needs(Scope.READ)
async def knowledge_of(graph: Graph, ids: Sequence[str]) -> dict[str, PatternKnowledge]:
    """The knowledge about each of many patterns."""
    return await known_patterns(graph, ids, datetime.now(UTC))


@needs(Scope.READ)
async def track_records(graph: Graph, ids: Sequence[str]) -> dict[str, TrackRecord]:
    """How often earlier matches were right; an id is ``strategy:confidence``."""
    records: dict[str, TrackRecord] = {}
    for id in ids:
        strategy, _, confidence = id.partition(":")
        records[id] = await track_record(graph, strategy, float(confidence))
    return records


@needs(Scope.READ)
async def validations_of(graph: Graph, ids: Sequence[str], first: int) -> dict[str, list[CrashValidation]]:
    """The latest validations of the crashes of each of many patterns."""
    rows = await read_list(graph, "knowledge/validations", ids=list(ids), limit=check_first(first))
    return {
        row["id"]: [CrashValidation(record_of(Validation, item["validation"]), item["crash_id"]) for item in row["items"]]
        for row in rows
    }


@needs(Scope.READ)
async def applied_solutions(
    graph: Graph,
    *,
    environment_id: str | None,
    site: str | None,
    product: str | None,
    first: int = 50,
    after: str | None = None,
) -> PageOf[AppliedSolution]:
    """One page of the solutions applied at a place, those that hold first.

    ``NotFoundError`` if no crashes have been recorded there.
    """
    if (environment_id is None) == (site is None):
        raise InvalidInputError("name either an environment or a site")
    start = position_after(after, APPLIED, TIME_BEGINNING)
    lost = start.key.startswith(LOST)
    limit = check_first(first) + 1
    place = await find_product_site(graph, environment_id=environment_id, site=site, product=product)
    if place is None:
        raise NotFoundError(f"no crashes have been recorded at {quoted(environment_id or site)}")
    now = datetime.now(UTC)
    statement = query(
        "knowledge/applied",
        environment_id=place.environment_id,
        lost=lost,
        at=start.value,
        key=start.key[len(LOST) :],
        limit=limit,
    )
    applied = []
    for row in await graph.read(statement):
        where = {"held": row["proven"], "site": place.site, "product": place.product}
        solution = solution_of({"solution": row["solution"], "resolves": row["resolves"] or {}, "proven": [where]}, now)
        pattern = record_of(Pattern, row["pattern"]) if row["pattern"] else None
        position = Position(row["proven"]["applied_at"], (HOLDS if row["proven"].get("lost_at") is None else LOST) + row["key"])
        applied.append(AppliedSolution(solution, pattern, applied_place(where, now), row["environment_id"], position))
    return page_of(applied, first, APPLIED, lambda item: item.position, after=after)


@needs(Scope.READ)
async def revalidation_candidates(
    graph: Graph,
    *,
    days: float = REVALIDATE_DAYS,
    half_life_days: float = HALF_LIFE_DAYS,
    first: int = 50,
    after: str | None = None,
) -> PageOf[RevalidationCandidate]:
    """One page of the patterns with human knowledge that has not been confirmed for that many days, most crashes first."""
    if not 0 <= days <= MOST_DAYS or half_life_days <= 0:
        raise InvalidInputError(f"days must be 0 to {MOST_DAYS:,}, and halfLifeDays above 0")
    start = position_after(after, REVALIDATION, COUNT_START)
    now = datetime.now(UTC)
    params = {"before": now - timedelta(days=days), "at": start.value, "key": start.key, "limit": check_first(first) + 1}
    rows = await read_list(graph, "knowledge/revalidation_due", **params)
    candidates = [
        RevalidationCandidate(
            record_of(Pattern, row["pattern"]), current_confidence(row["pattern"], now, half_life_days), sum(row["worked"])
        )
        for row in rows
    ]

    def position(item: RevalidationCandidate) -> Position:
        return Position(item.pattern.occurrence_count, item.pattern.pattern_id)

    return page_of(candidates, first, REVALIDATION, position, after=after)
