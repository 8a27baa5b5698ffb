"""Change a pattern: read it, work out what becomes of it, and write that with its revision, unless somebody else was first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.cypher import query
from graph.knowledge.revisions import revision_statement
from graph.model.actor import Actor
from graph.model.convert import record
from graph.model.errors import ConflictError, InvalidInputError, NotFoundError
from graph.model.nodes import Pattern
from graph.model.statement import Statement
from graph.ports import Graph

ATTEMPTS = 12
"""How often a pattern is looked at anew after another writer changed it first."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How the validations of a pattern went that count: ``minutes`` is the mean of ``timed`` times to resolution."""

    correct: int = 0
    wrong: int = 0
    minutes: float | None = None
    timed: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A pattern as it was read, and its validations."""

    pattern: Pattern
    revisions: int
    counted: Counted


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a pattern: properties to set (``None`` takes one away) and what to write in the same transaction."""

    change_type: str
    actor: Actor
    properties: Mapping[str, Any]
    also: tuple[Statement, ...] = ()
    reason: str | None = None
    crash_id: str | None = None


async def read_state(graph: Graph, pattern_id: str) -> State:
    """The pattern as it is.

    ``NotFoundError`` if there is none of that id, ``InvalidInputError`` if it is part of another since: that one is named.
    """
    rows = await graph.read(query("knowledge/pattern_state", pattern_id=pattern_id))
    if not rows:
        raise NotFoundError(f"no pattern {pattern_id!r:.80}; `patterns` lists those that are stored")
    row = rows[0]
    if row["part_of"] is not None:
        raise InvalidInputError(f"pattern {pattern_id!r:.80} is part of {row['part_of']!r} since a verdict; name that one")
    counted = Counted(row["correct"], row["wrong"], row["minutes"], row["timed"])
    return State(record(Pattern, row["pattern"]), row["revisions"], counted)


async def change_pattern(graph: Graph, pattern_id: str, decide: Callable[[State], Awaitable[Change | None]]) -> Pattern:
    """Change a pattern as ``decide`` says of its state; ``None`` leaves it. The pattern as it is then.

    All is written in one transaction with its revision. Where another writer changed the pattern in between, it is read and
    decided again; ``ConflictError`` when that happens too often.
    """
    for attempt in range(ATTEMPTS):
        state = await read_state(graph, pattern_id)
        change = await decide(state)
        if change is None:
            return state.pattern
        try:
            return await _write(graph, state, change)
        except ConflictError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("the loop returns or raises")


async def _write(graph: Graph, state: State, change: Change) -> Pattern:
    pattern_id = state.pattern.pattern_id
    before = {name: getattr(state.pattern, name) for name in change.properties}
    changed = {name: value for name, value in change.properties.items() if value != before[name]}
    told = revision_statement(
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
        told,
    )
    return record(Pattern, results[1][0]["pattern"])
