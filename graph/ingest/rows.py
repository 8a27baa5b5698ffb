"""Rows for the ingest queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from graph.fingerprint.compute import Fingerprint
from graph.ingest.prepare import PreparedCrash
from graph.matching.candidates import IncomingSignature
from graph.matching.cascade import Decision
from graph.model.convert import properties
from graph.model.environment import attributes_of, version_id
from graph.model.nodes import FOUNDING_CONFIDENCE, Pattern, Signature, Version
from graph.model.relationships import OfPattern
from graph.model.severity import SEVERITIES
from graph.ports import Row


def crash_row(item: PreparedCrash) -> Row:
    """A crash with the keys of its signature and environment."""
    return {
        "crash": properties(item.crash),
        "exact": item.fingerprint.exact if item.fingerprint else None,
        "environment_id": item.environment.environment_id if item.environment else None,
    }


def environment_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """One row per distinct environment; ``site`` and ``version`` are lists with at most one element."""
    distinct = {item.environment.environment_id: item.environment for item in items if item.environment}
    return [
        {
            "environment": properties(one),
            "site": [one.site] if one.site else [],
            "version": [properties(_version(one.product or "", one.version))] if one.version else [],
            "attributes": [properties(attribute) for attribute in attributes_of(one)],
        }
        for _, one in sorted(distinct.items())
    ]


def _version(product: str, version: str) -> Version:
    title = f"{product} {version}".strip()
    return Version(version_id=version_id(product, version), title=title, product=product, version=version)


def signature_rows(new: Sequence[tuple[IncomingSignature, Decision]], items: Iterable[PreparedCrash], model: str) -> list[Row]:
    """New signatures, the pattern each founds or joins, and how it was placed; sorted, so that writers do not deadlock."""
    founders = _first_items(items)
    rows = [_signature_row(incoming, decision, founders[incoming.fingerprint.exact], model) for incoming, decision in new]
    return sorted(rows, key=lambda row: str(row["signature"]["exact"]))


def _first_items(items: Iterable[PreparedCrash]) -> dict[str, PreparedCrash]:
    first: dict[str, PreparedCrash] = {}
    for item in items:
        if item.fingerprint is not None:
            first.setdefault(item.fingerprint.exact, item)
    return first


def _signature_row(incoming: IncomingSignature, decision: Decision, founder: PreparedCrash, model: str) -> Row:
    fingerprint = incoming.fingerprint
    now = founder.crash.received_at
    return {
        "signature": properties(signature_of(fingerprint, incoming.embedding, model)),
        "pattern": properties(_pattern(decision, founder, fingerprint.error_type, now)),
        "placed": properties(_placed(decision, now)),
    }


def signature_of(fingerprint: Fingerprint, embedding: Sequence[float], model: str) -> Signature:
    """The node of a fingerprint; ``model`` is the name of the embedding model."""
    return Signature(
        exact=fingerprint.exact,
        structural=fingerprint.structural,
        fingerprint_version=fingerprint.version,
        title=fingerprint.title,
        error_type=fingerprint.error_type,
        cause=fingerprint.cause,
        frames=tuple(frame.key for frame in fingerprint.frames),
        blamed=fingerprint.blamed,
        text=fingerprint.text,
        embedding=tuple(embedding),
        embedding_model=model,
    )


def _pattern(decision: Decision, founder: PreparedCrash, error_type: str, now: datetime) -> Pattern:
    return Pattern(
        pattern_id=decision.pattern_id or "",
        name=decision.pattern_name or "",
        error_type=error_type,
        severity=founder.crash.severity,
        confidence=FOUNDING_CONFIDENCE,
        taxonomy_code=founder.crash.error_code,
        cluster_id=founder.crash.cluster_id,
        diagnosis_confidence=founder.crash.diagnosis_confidence,
        created_at=now,
    )


def _placed(decision: Decision, now: datetime) -> OfPattern:
    reason = decision.explanation[-1] if decision.explanation else None
    return OfPattern(strategy=decision.strategy, confidence=decision.confidence, reason=reason, placed_at=now)


def frame_rows(fingerprints: Iterable[Fingerprint]) -> list[Row]:
    """The stacks of signatures, sorted by frame, so that writers do not deadlock."""
    rows = [
        {
            "exact": fingerprint.exact,
            "position": position,
            "key": frame.key,
            "function": frame.function,
            "module": frame.module,
        }
        for fingerprint in fingerprints
        for position, frame in enumerate(fingerprint.frames)
    ]
    return sorted(rows, key=lambda row: (str(row["key"]), str(row["exact"]), int(str(row["position"]))))


def roll_up_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """Per signature of the batch: number of crashes, first and last time, and the worst severity as a rank (0 is worst)."""
    rows: dict[str, dict[str, Any]] = {}
    for item in items:
        if item.fingerprint is None:
            continue
        exact, seen_at = item.fingerprint.exact, item.seen_at
        rank = SEVERITIES.index(item.crash.severity)
        times = {"first_seen": seen_at, "last_seen": seen_at}
        row = rows.setdefault(exact, {"exact": exact, "crashes": 0, **times, "severity_rank": rank})
        row["crashes"] += 1
        row["first_seen"] = min(row["first_seen"], seen_at)
        row["last_seen"] = max(row["last_seen"], seen_at)
        row["severity_rank"] = min(row["severity_rank"], rank)
    return [rows[exact] for exact in sorted(rows)]


def seen_in_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """Number of crashes of the batch per signature and environment, sorted, so that writers do not deadlock."""
    counts = Counter(
        (item.fingerprint.exact, item.environment.environment_id) for item in items if item.fingerprint and item.environment
    )
    return [
        {"exact": exact, "environment_id": environment_id, "crashes": crashes}
        for (exact, environment_id), crashes in sorted(counts.items())
    ]
