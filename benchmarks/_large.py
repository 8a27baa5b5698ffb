"""Large graphs in the layout that ingest writes, in a fraction of its time.

Reports of the sample set are parsed, redacted and fingerprinted once; the crashes of a graph are these with another time and
number. Numbers of crashes per signature have a heavy tail. Embeddings are random: none is computed.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest import corpus

from graph.cypher import query
from graph.fingerprint.compute import FrameKey
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.rows import crash_row, environment_rows, frame_rows, seen_in_rows, signature_of
from graph.knowledge.events import NewEvent, append_events
from graph.model.actor import INGEST
from graph.model.convert import properties
from graph.model.events import EventKind
from graph.model.integrity import sha256
from graph.model.nodes import EMBEDDING_DIMENSIONS, FOUNDING_CONFIDENCE, Pattern
from graph.model.relationships import OfPattern
from graph.model.severity import SEVERITIES
from graph.model.statement import Statement
from graph.ports import Graph
from graph.redaction.redactor import Redactor

AT_ONCE = 2_000
START = datetime(2026, 1, 1, tzinfo=UTC)
TAIL = 1.2
"""Exponent of the numbers of crashes: the signature of rank r has r^-1.2 of those of the first."""
PER_SIGNATURE = 10
"""Mean number of crashes per signature."""
MODEL = "random"
ERROR = "of a large graph"


def samples(redactor: Redactor) -> list[PreparedCrash]:
    """Crashes with a signature, one per report of the sample set."""
    builder = CrashBuilder(redactor)
    with tempfile.TemporaryDirectory() as folder:
        prepared = [item for one in corpus(Path(folder)) for item in builder.prepare(one, START)]
    return [replace(item, parsed=None) for item in prepared if item.fingerprint and item.environment]


async def grow(graph: Graph, source: Sequence[PreparedCrash], first: int, size: int, secret_share: float = 0.0) -> None:
    """Add crashes numbered from ``first`` to ``size``; a share of them with a secret that no rule found."""
    rng = random.Random(first)
    known = set(range(first // PER_SIGNATURE))
    ranks = list(range(size // PER_SIGNATURE))
    weights = [(rank + 1) ** -TAIL for rank in ranks]
    for start in range(first, size, AT_ONCE):
        numbers = range(start, min(size, start + AT_ONCE))
        drawn = rng.choices(ranks, weights, k=len(numbers))
        # Every signature has a crash, so that their number does not depend on chance.
        drawn = [n // PER_SIGNATURE if n % PER_SIGNATURE == 0 else rank for n, rank in zip(numbers, drawn, strict=True)]
        items = [_crash(source, n, rank, leaks=rng.random() < secret_share) for n, rank in zip(numbers, drawn, strict=True)]
        new = {rank: item for rank, item in zip(drawn, items, strict=True) if rank not in known}
        known.update(new)
        rows = [_signature(item, rng) for item in new.values()]
        await graph.write(
            query("ingest/signatures", rows=rows),
            query("ingest/frames", rows=frame_rows(item.fingerprint for item in new.values() if item.fingerprint)),
            query("ingest/environments", rows=environment_rows(items)),
            query("ingest/crashes", rows=[crash_row(item) for item in items]),
            query("ingest/seen_in", rows=seen_in_rows(items)),
            append_events(_events(items, rows)),
        )
    await _roll_up(graph)


def _crash(source: Sequence[PreparedCrash], number: int, rank: int, *, leaks: bool) -> PreparedCrash:
    origin = source[rank % len(source)]
    fingerprint = origin.fingerprint
    assert fingerprint is not None
    module, function = fingerprint.frames[0].module, f"step{rank}"
    frames = (FrameKey(f"{module}.{function}", module, function), *fingerprint.frames[1:])
    at = START + timedelta(seconds=number * 13)
    report = f"{origin.crash.report.rstrip()} (attempt {number:08})\n"
    if leaks:
        report += f"password={sha256(str(number))[:12]}Zq\n"
    changed = {
        "crash_id": sha256(f"crash {number}")[:32],
        "report": report,
        "report_hash": sha256(report),
        "stored_hash": sha256(report),
        "occurred_at": at,
        "received_at": at,
    }
    return replace(
        origin,
        crash=replace(origin.crash, **changed),
        fingerprint=replace(
            fingerprint,
            exact=sha256(f"signature {rank}"),
            structural=sha256(f"structure {rank}"),
            title=f"{fingerprint.title} {rank}",
            cause=f"{fingerprint.cause} {ERROR}",
            frames=frames,
        ),
    )


def _signature(item: PreparedCrash, rng: random.Random) -> dict[str, Any]:
    fingerprint = item.fingerprint
    assert fingerprint is not None
    vector = [rng.gauss(0, 1) for _ in range(EMBEDDING_DIMENSIONS)]
    length = sum(one * one for one in vector) ** 0.5
    pattern = Pattern(
        pattern_id=fingerprint.exact[:16],
        name=fingerprint.title,
        error_type=fingerprint.error_type,
        severity=item.crash.severity,
        confidence=FOUNDING_CONFIDENCE,
        taxonomy_code=item.crash.error_code,
        created_at=item.crash.received_at,
    )
    placed = OfPattern(strategy="new", confidence=FOUNDING_CONFIDENCE, placed_at=item.crash.received_at)
    signature = signature_of(fingerprint, [one / length for one in vector], MODEL)
    return {"signature": properties(signature), "pattern": properties(pattern), "placed": properties(placed)}


def _events(items: Sequence[PreparedCrash], rows: Sequence[dict[str, Any]]) -> Iterator[NewEvent]:
    for start in range(0, len(items), 20):
        subjects = [f"Crash:{item.crash.crash_id}" for item in items[start : start + 20]]
        yield NewEvent(EventKind.CRASHES_STORED, INGEST, subjects)
    for row in rows:
        yield NewEvent(EventKind.PATTERN_FOUNDED, INGEST, [f"Pattern:{row['pattern']['pattern_id']}"])


async def _roll_up(graph: Graph) -> None:
    seen = Statement(
        "MATCH (s:Signature) CALL (s) { MATCH (s)<-[:HAS_SIGNATURE]-(c) "
        "RETURN min(c.occurred_at) AS first, max(c.occurred_at) AS last } "
        "RETURN s.exact AS exact, first, last ORDER BY exact"
    )
    rows = [
        {"exact": row["exact"], "first_seen": row["first"], "last_seen": row["last"], "severity_rank": len(SEVERITIES) - 1}
        for row in await graph.read(seen)
    ]
    for start in range(0, len(rows), AT_ONCE):
        await graph.write(query("ingest/roll_up", rows=rows[start : start + AT_ONCE], severities=list(SEVERITIES)))
