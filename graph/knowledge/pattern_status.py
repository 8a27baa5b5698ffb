"""The status of a pattern: resolved, open or ignored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.events import NewEvent
from graph.knowledge.pattern_change import PatternChange, PatternState, change_pattern
from graph.knowledge.trust import tier_of
from graph.model.actor import Actor
from graph.model.convert import properties
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.events import EventKind
from graph.model.nodes import Pattern, Version
from graph.model.quoting import quoted
from graph.model.statement import Statement
from graph.ports import Graph

NOT_RESOLVED = {
    "resolved_at": None,
    "resolved_product": None,
    "resolved_version": None,
    "resolved_order": None,
}
NOT_REGRESSED = {"regressed_at": None, "regressed_version": None}


@dataclass(frozen=True, slots=True)
class FixVersion:
    """The first version without the bug; ``order`` is a text that sorts it among the versions of its product."""

    version: Version
    order: str


async def resolve(
    graph: Graph,
    pattern_id: str,
    actor: Actor,
    *,
    fixed_in: FixVersion | None = None,
    solution_id: str | None = None,
    reason: str | None = None,
) -> Pattern:
    """Mark a pattern as resolved, from a version or else from now on. A crash after that reopens it as regressed.

    ``solution_id`` is what resolved it. ``NotFoundError`` for an unknown pattern or solution.
    """
    if solution_id is not None and not await graph.read(query("knowledge/solution_exists", solution_id=solution_id)):
        raise NotFoundError(f"no solution {quoted(solution_id)}; record it first")
    now = datetime.now(UTC)
    changes: dict[str, Any] = {"status": "resolved", **NOT_RESOLVED, **NOT_REGRESSED, "resolved_at": now}
    also: tuple[Statement, ...] = ()
    if fixed_in is not None:
        version = fixed_in.version
        changes |= {"resolved_product": version.product, "resolved_version": version.version, "resolved_order": fixed_in.order}
        if solution_id is not None:
            also = (
                query(
                    "knowledge/fixed_in",
                    solution_id=solution_id,
                    pattern_id=pattern_id,
                    version=properties(version),
                    at=now,
                    by=str(actor),
                    trust=tier_of(actor, verified=False),
                ),
            )
    return await _set(graph, pattern_id, PatternChange("status", actor, changes, also, reason))


async def reopen(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Mark a pattern as open, whatever its status; only its history keeps what it was resolved in."""
    return await _set(
        graph, pattern_id, PatternChange("status", actor, {"status": "open", **NOT_RESOLVED, **NOT_REGRESSED}, (), reason)
    )


async def ignore(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Mark a pattern as ignored; new crashes do not change that."""
    return await _set(
        graph, pattern_id, PatternChange("status", actor, {"status": "ignored", **NOT_RESOLVED, **NOT_REGRESSED}, (), reason)
    )


async def product_of(graph: Graph, pattern_id: str) -> str:
    """The one product with crashes of a pattern, empty if unknown; ``InvalidInputError`` if there are several."""
    [row] = await graph.read(query("knowledge/products", pattern_id=pattern_id))
    products: list[str] = sorted(row["products"])
    if len(products) > 1:
        names = ", ".join(repr(product) for product in products[:10])
        raise InvalidInputError(f"product: the pattern was seen in {names}; name the product of the version")
    return products[0] if products else ""


async def _set(graph: Graph, pattern_id: str, change: PatternChange) -> Pattern:
    async def decide(state: PatternState) -> PatternChange | None:
        same = all(getattr(state.pattern, name) == value for name, value in change.properties.items())
        if same:
            return None
        facts = {"before": state.pattern.status, "after": change.properties["status"]}
        facts |= {"version": change.properties.get("resolved_version")}
        changed = NewEvent(EventKind.STATUS_CHANGED, change.actor, [f"Pattern:{pattern_id}"], payload=facts)
        return replace(change, events=(changed,))

    return await change_pattern(graph, pattern_id, decide)
