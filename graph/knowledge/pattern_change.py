"""Optimistic changes of a pattern: read it, compute the change, write it with its revision, retry on conflict."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.cypher import query
from graph.knowledge.events import NewEvent, append_events
from graph.knowledge.revisions import revision_statement
from graph.model.actor import Actor
from graph.model.convert import record
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern
from graph.model.quoting import quoted
from graph.model.statement import Statement
from graph.ports import Graph
from graph.retry import retry_conflicts


@dataclass(frozen=True, slots=True)
class ValidationCounts:
    """Counts of a pattern's validations. ``minutes`` is the mean time to resolution of ``timed`` validations."""

    correct: int = 0
    wrong: int = 0
    minutes: float | None = None
    timed: int = 0


@dataclass(frozen=True, slots=True)
class PatternState:
    """A pattern as it was read, with its validation counts."""

    pattern: Pattern
    revisions: int
    counted: ValidationCounts


@dataclass(frozen=True, slots=True)
class PatternChange:
    """Properties to set on a pattern (``None`` removes one), and statements to run in the same transaction.

    ``events`` are appended last.
    """

    change_type: str
    actor: Actor
    properties: Mapping[str, Any]
    also: tuple[Statement, ...] = ()
    reason: str | None = None
    crash_id: str | None = None
    events: tuple[NewEvent, ...] = ()


async def read_pattern_state(graph: Graph, pattern_id: str) -> PatternState:
    """The pattern as stored.

    ``NotFoundError`` for an unknown id, ``InvalidInputError`` if it was merged into another pattern, which the message names.
    """
    rows = await graph.read(query("knowledge/pattern_state", pattern_id=pattern_id))
    if not rows:
        raise NotFoundError(f"no pattern {quoted(pattern_id)}; `patterns` lists the stored ones")
    row = rows[0]
    if row["part_of"] is not None:
        raise InvalidInputError(f"pattern {quoted(pattern_id)} is part of {row['part_of']!r} since a verdict; use that one")
    counted = ValidationCounts(row["correct"], row["wrong"], row["minutes"], row["timed"])
    return PatternState(record(Pattern, row["pattern"]), row["revisions"], counted)


async def change_pattern(
    graph: Graph, pattern_id: str, decide: Callable[[PatternState], Awaitable[PatternChange | None]]
) -> Pattern:
    """Apply the change that ``decide`` computes from the state of a pattern, and return the pattern; ``None`` changes nothing.

    The change and its revision are one transaction. If another writer changed the pattern meanwhile, it is decided
    again; ``ConflictError`` after too many attempts.
    """

    async def attempt() -> Pattern:
        state = await read_pattern_state(graph, pattern_id)
        change = await decide(state)
        return state.pattern if change is None else await _write(graph, state, change)

    return await retry_conflicts(attempt)


async def _write(graph: Graph, state: PatternState, change: PatternChange) -> Pattern:
    pattern_id = state.pattern.pattern_id
    before = {name: getattr(state.pattern, name) for name in change.properties}
    changed = {name: value for name, value in change.properties.items() if value != before[name]}
    revision = revision_statement(
        pattern_id,
        change.change_type,
        str(change.actor),
        {name: before[name] for name in changed},
        changed,
        change.crash_id,
        reason=change.reason,
        on_behalf_of=change.actor.on_behalf_of,
    )
    results = await graph.write(
        query("knowledge/expect_pattern", pattern_id=pattern_id, revisions=state.revisions),
        query("knowledge/change_pattern", pattern_id=pattern_id, changes=dict(change.properties)),
        *change.also,
        revision,
        *([append_events(change.events)] if change.events else []),
    )
    return record(Pattern, results[1][0]["pattern"])
