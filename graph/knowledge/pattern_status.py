"""What people say of a pattern's state: resolved, open again, or not worth anybody's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.knowledge.pattern_change import Change, State, change_pattern
from graph.knowledge.trust import tier_of
from graph.model.actor import Actor
from graph.model.convert import properties
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Version
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
class FixedIn:
    """The version from which on a pattern is resolved; ``order`` is the text that orders it among its product's."""

    version: Version
    order: str


async def resolve(
    graph: Graph,
    pattern_id: str,
    actor: Actor,
    *,
    fixed_in: FixedIn | None = None,
    solution_id: str | None = None,
    reason: str | None = None,
) -> Pattern:
    """Call a pattern resolved: from a version on, or, where none is told, from now on. It reopens when it is seen after that.

    ``solution_id`` says what resolved it. ``NotFoundError`` for a pattern or a solution that is not there.
    """
    if solution_id is not None and not await graph.read(query("knowledge/solution_exists", solution_id=solution_id)):
        raise NotFoundError(f"no solution {solution_id!r:.80}; record it first")
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
    return await _set(graph, pattern_id, Change("status", actor, changes, also, reason))


async def reopen(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Call a pattern open, whatever it was; what it was resolved in is forgotten but for its history."""
    return await _set(
        graph, pattern_id, Change("status", actor, {"status": "open", **NOT_RESOLVED, **NOT_REGRESSED}, (), reason)
    )


async def ignore(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Call a pattern not worth anybody's time; it stays so whatever is seen."""
    return await _set(
        graph, pattern_id, Change("status", actor, {"status": "ignored", **NOT_RESOLVED, **NOT_REGRESSED}, (), reason)
    )


async def product_of(graph: Graph, pattern_id: str) -> str:
    """The one product that a pattern was seen in, empty when unknown; ``InvalidInputError`` when there are several."""
    [row] = await graph.read(query("knowledge/products", pattern_id=pattern_id))
    products: list[str] = sorted(row["products"])
    if len(products) > 1:
        told = ", ".join(repr(one) for one in products[:10])
        raise InvalidInputError(f"product: the pattern was seen in {told}; say which one the version is of")
    return products[0] if products else ""


async def _set(graph: Graph, pattern_id: str, change: Change) -> Pattern:
    async def decide(state: State) -> Change | None:
        same = all(getattr(state.pattern, name) == value for name, value in change.properties.items())
        return None if same else change

    return await change_pattern(graph, pattern_id, decide)
