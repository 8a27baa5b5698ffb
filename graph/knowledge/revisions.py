"""Revisions: the history of patterns. Every writer of a pattern records one in the same transaction.

``before`` and ``after`` hold only what changed: properties of the pattern, and under ``signatures`` the hashes that left (in
``before``) or joined (in ``after``) with the times of their placement. Reverting the later revisions one by one restores
the pattern at any time.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graph.cypher import query
from graph.model.choices import ChangeType
from graph.model.statement import Statement


def revision_statement(
    pattern_id: str,
    change_type: str,
    by: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    crash_id: str | None = None,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    verdict_id: str | None = None,
    on_behalf_of: str | None = None,
) -> Statement:
    """Records a revision of a pattern; returns ``revision_id`` and ``version``, no row for an unknown pattern.

    ``at`` defaults to now. ``ValueError`` for a change type outside :data:`CHANGE_TYPES`.
    """
    if change_type not in ChangeType.values():
        raise ValueError(f"{change_type!r} is not one of {', '.join(ChangeType.values())}")
    revision = {
        "revision_id": uuid.uuid4().hex,
        "change_type": change_type,
        "at": at or datetime.now(UTC),
        "by": by,
        "on_behalf_of": on_behalf_of,
        "reason": reason,
        "before": as_json(before),
        "after": as_json(after),
        "verdict_id": verdict_id,
    }
    given = {name: value for name, value in revision.items() if value is not None}
    return query("history/revise", pattern_id=pattern_id, revision=given, crash_id=crash_id)


def as_json(values: Mapping[str, Any]) -> str:
    """Property values as JSON, sorted by name; times in ISO 8601 with their zone."""
    return json.dumps(values, sort_keys=True, default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")
