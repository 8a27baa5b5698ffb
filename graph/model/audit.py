"""The record of who did what. It is only added to; a retention time removes the oldest entries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.model.actor import Actor, ActorKind, Scope
from graph.model.choices import Choice
from graph.model.declare import node, prop
from graph.model.origin import current_origin

MOST_SUBJECTS = 20
"""Subjects that one entry names."""


class Outcome(Choice):
    """How an action ended."""

    DONE = "done", "It was done."
    DENIED = "denied", "The actor may not do that, or is not who it claims to be."
    FAILED = "failed", "It was allowed, and failed."


@node(
    "AuditEvent",
    key="audit_id",
    help="Who did what, and what was refused. Only added to; entries beyond the retention time are pruned.",
    written_by="every writer",
    colour="#999999",
    caption="action",
    scope=Scope.ADMIN,
)
class AuditEvent:
    """An entry of the record of who did what."""

    audit_id: str = prop("Stable id.", own=True)
    at: datetime = prop("When (UTC).", index=True)
    actor: str = prop("Who, as `kind:name`.", index=True, own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    action: str = prop("What, such as `log_in`, `create_user` or the kind of an event.", index=True, own=True)
    subjects: tuple[str, ...] = prop(
        f"What it is about, each as `Label:key`; the first {MOST_SUBJECTS} where there are many.", default=()
    )
    count: int = prop("How many things it is about; of refusals, how many it stands for.", default=1)
    outcome: str = prop("How it ended.", index=True, values=Outcome)
    request_id: str | None = prop("The HTTP request, as in the log.", default=None, own=True)
    address: str | None = prop("Address of the sender of the request.", default=None, own=True)
    detail: str = prop("Further facts, redacted.", default="")


def is_audited(actor: Actor) -> bool:
    """Whether what this actor does is recorded: that of people and of programs from outside, not that of jobs."""
    return actor.kind is not ActorKind.JOB


def audit_row(
    actor: Actor,
    action: str,
    subjects: Sequence[str] = (),
    *,
    count: int | None = None,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
) -> dict[str, Any]:
    """The properties of an entry but its time, which the query sets. ``detail`` must be redacted."""
    origin = current_origin()
    return {
        "audit_id": uuid.uuid4().hex,
        "actor": str(actor),
        "on_behalf_of": actor.on_behalf_of,
        "action": action,
        "subjects": list(subjects[:MOST_SUBJECTS]),
        "count": max(1, len(subjects)) if count is None else count,
        "outcome": outcome.value,
        "request_id": origin.request_id,
        "address": origin.address,
        "detail": detail,
    }
