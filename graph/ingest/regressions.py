"""Regressions: crashes of resolved patterns, and of patterns with a solution thought to work."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from graph.algorithms.version_order import order_text
from graph.cypher import query
from graph.ingest.prepare import PreparedCrash
from graph.model.statement import Statement
from graph.ports import Row

order_of = lru_cache(maxsize=4096)(order_text)


def recurrence_statements(items: Iterable[PreparedCrash]) -> list[Statement]:
    """Statements to run after the roll-up, which locks the patterns; none for crashes without a signature."""
    rows = recurrence_rows(items)
    return [query("ingest/regressions", rows=rows), query("ingest/lost_proofs", rows=rows)] if rows else []


def recurrence_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """The latest crash per signature and environment, with the sort key of its version."""
    latest: dict[tuple[str, str | None], PreparedCrash] = {}
    for item in items:
        if item.fingerprint is None:
            continue
        key = (item.fingerprint.exact, item.environment.environment_id if item.environment else None)
        if key not in latest or item.seen_at > latest[key].seen_at:
            latest[key] = item
    return [_row(exact, environment_id, item) for (exact, environment_id), item in latest.items()]


def _row(exact: str, environment_id: str | None, item: PreparedCrash) -> Row:
    crash = item.crash
    after = {"regressed_at": item.seen_at.isoformat(), "regressed_version": crash.version, "status": "regressed"}
    return {
        "exact": exact,
        "environment_id": environment_id,
        "crash_id": crash.crash_id,
        "at": item.seen_at,
        "product": crash.product or "",
        "site": crash.site,
        "version": crash.version,
        "order": order_of(crash.version) if crash.version else None,
        "after": json.dumps(after, sort_keys=True, ensure_ascii=False),
    }
