"""Domain events: what happened, in order."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from graph.model.declare import TextForm, node, prop


class EventKind(StrEnum):
    """What happened."""

    CRASHES_STORED = "crashes_stored"
    CRASHES_DELETED = "crashes_deleted"
    CRASHES_REDACTED = "crashes_redacted"
    PATTERN_FOUNDED = "pattern_founded"
    PATTERN_REGRESSED = "pattern_regressed"
    SOLUTION_USED = "solution_used"
    SOLUTION_PROVEN = "solution_proven"
    PROOF_LOST = "proof_lost"
    CRASH_VALIDATED = "crash_validated"
    STATUS_CHANGED = "status_changed"
    VERDICT_GIVEN = "verdict_given"
    VERDICT_UNDONE = "verdict_undone"
    JOB_ENDED = "job_ended"


CONSEQUENCES = frozenset(
    {EventKind.PATTERN_FOUNDED, EventKind.PATTERN_REGRESSED, EventKind.SOLUTION_PROVEN, EventKind.PROOF_LOST}
)
"""Kinds of events that follow from another one of the same transaction: who did that is recorded there."""


@node(
    "Event",
    key="event_id",
    help="Something that happened, written in the transaction that did it. Old ones are pruned.",
    written_by="every writer",
    colour="#999999",
    caption="kind",
)
class Event:
    """Something that happened."""

    event_id: str = prop("Stable id.", own=True)
    position: int = prop(
        "Place among all events, from 1, without gaps; a reader that saw one has seen all before it.", unique=True
    )
    kind: str = prop(f"One of {', '.join(f'`{kind}`' for kind in EventKind)}.", index=True, own=True)
    at: datetime = prop("When it was written (UTC).", index=True)
    actor: str = prop("Who did it, as `kind:name`.", own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    subjects: tuple[str, ...] = prop("What it is about, each as `Label:key`; the first ones where there are many.", default=())
    count: int = prop("How many things of the first label it is about.", default=1)
    payload: str = prop("Further facts by kind, as JSON.", default="{}", form=TextForm.JSON)


@node(
    "EventLog",
    key="name",
    help="How far the events reach; its lock orders those who append.",
    written_by="every writer",
    colour="#999999",
    caption="name",
)
class EventLog:
    """How far the events reach. There is one, `events`."""

    name: str = prop("Its name.", own=True)
    last: int = prop("Position of the last event.")
    removed: int = prop("Position of the last event that was pruned.", default=0)
