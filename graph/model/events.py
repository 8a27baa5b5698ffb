"""Domain events: what happened, in order."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import Choice
from graph.model.declare import TextForm, node, prop


class EventKind(Choice):
    """What happened."""

    CRASHES_STORED = "crashes_stored", "Crashes were stored."
    CRASHES_DELETED = "crashes_deleted", "Crashes were deleted, with what only they brought."
    CRASHES_REDACTED = "crashes_redacted", "Stored crashes were redacted once more."
    PATTERN_FOUNDED = "pattern_founded", "A crash founded a pattern."
    PATTERN_REGRESSED = "pattern_regressed", "A resolved pattern occurred again."
    SOLUTION_USED = "solution_used", "A solution was used."
    SOLUTION_PROVEN = "solution_proven", "Crashes stopped where a solution was applied."
    PROOF_LOST = "proof_lost", "A crash came back where a solution was proven."
    CRASH_VALIDATED = "crash_validated", "A crash was reviewed."
    STATUS_CHANGED = "status_changed", "The status of a pattern changed."
    VERDICT_GIVEN = "verdict_given", "A person decided what is one bug."
    VERDICT_UNDONE = "verdict_undone", "Such a decision was undone."
    JOB_ENDED = "job_ended", "A run of a job ended."


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
    kind: str = prop("What happened.", index=True, values=EventKind)
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
