"""Entries of the record of who did what, for what leaves no domain event."""

from __future__ import annotations

from collections.abc import Sequence

from graph.cypher import query
from graph.model.actor import Actor
from graph.model.audit import Outcome, audit_row, is_audited
from graph.model.statement import Statement


def audit_statement(
    actor: Actor,
    action: str,
    subjects: Sequence[str] = (),
    *,
    outcome: Outcome = Outcome.DONE,
    detail: str = "",
    count: int | None = None,
) -> Statement:
    """Adds an entry, in the transaction of what it describes; none for a job. ``detail`` must be redacted."""
    row = audit_row(actor, action, subjects, outcome=outcome, detail=detail, count=count)
    return query("access/append_audit", rows=[row] if is_audited(actor) else [])
