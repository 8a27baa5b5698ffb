"""Domain events: appended in the transaction of what they describe, and read in order from a watermark.

An appender locks the event log as the last step of its transaction, so positions have no gaps and commit in order: a
reader that has seen a position has seen every earlier one, whatever transactions were open meanwhile.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.cypher import query
from graph.model.actor import Actor
from graph.model.audit import audit_row, is_audited
from graph.model.convert import record
from graph.model.events import CONSEQUENCES, Event, EventKind
from graph.model.statement import Statement
from graph.ports import Reader

MOST_SUBJECTS = 100
"""Subjects that one event names; its ``count`` has no limit."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append. ``subjects`` are ``Label:key``; ``count`` is their number unless given."""

    kind: EventKind
    actor: Actor
    subjects: Sequence[str]
    count: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    recorded: int | None = None
    """Number of things in the record of who did what, where one change leaves several events: all of them at the first event,
    0 at the others, which leave no entry."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in order, and where to go on.

    ``watermark`` belongs into the next call, also when there are no events. ``missed`` is how many earlier events of any
    kind were pruned before this reader came to them.
    """

    events: tuple[Event, ...]
    watermark: int
    missed: int = 0


def append_events(events: Iterable[NewEvent]) -> Statement:
    """Appends events. It must be the last statement of its transaction, which it makes wait for other appenders.

    Each that a person or a program from outside caused leaves an entry in the record of who did what; what follows from
    another event of the same transaction does not.

    Without events it only waits: for what must not be visible in part to a backup, which holds the lock while it reads.
    """
    events = list(events)
    audits = [
        audit_row(event.actor, event.kind.value, event.subjects, count=event.recorded or event.count)
        for event in events
        if is_audited(event.actor) and event.kind not in CONSEQUENCES and event.recorded != 0
    ]
    return query("events/append", events=[_row(event) for event in events], audits=audits)


def _row(event: NewEvent) -> dict[str, Any]:
    return {
        "event_id": uuid.uuid4().hex,
        "kind": event.kind.value,
        "actor": str(event.actor),
        "on_behalf_of": event.actor.on_behalf_of,
        "subjects": list(event.subjects[:MOST_SUBJECTS]),
        "count": len(event.subjects) if event.count is None else event.count,
        "payload": json.dumps(event.payload, default=datetime.isoformat, sort_keys=True, ensure_ascii=False),
    }


async def events_since(graph: Reader, watermark: int, kinds: Collection[EventKind] = (), *, limit: int = PAGE) -> EventPage:
    """The first events after a watermark, at most ``limit``, of some kinds or of all.

    Start at 0 for everything that is kept, or at :func:`latest_watermark` for what is still to come. Store the returned
    watermark once its events are handled: a reader that resumes from it misses none and repeats none.
    """
    [row] = await graph.read(query("events/since", after=watermark, kinds=sorted(kind.value for kind in kinds), limit=limit))
    events = tuple(record(Event, one) for one in row["events"])
    reached = events[-1].position if events else watermark
    if len(events) < limit:
        reached = max(reached, row["reached"])  # nothing of these kinds lies between
    return EventPage(events, reached, max(0, row["removed"] - watermark))


async def latest_watermark(graph: Reader) -> int:
    """The position of the last event; 0 before the first."""
    [row] = await graph.read(query("events/latest"))
    return int(row["last"])
