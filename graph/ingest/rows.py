"""The rows that the ingest queries take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from graph.fingerprint.compute import Fingerprint
from graph.ingest.prepare import PreparedCrash
from graph.matching.cascade import Decision, IncomingSignature
from graph.model.convert import properties
from graph.model.environment import attributes_of, version_id
from graph.model.nodes import FOUNDING_CONFIDENCE, Pattern, Signature, Version
from graph.model.relationships import OfPattern
from graph.model.severity import SEVERITIES
from graph.ports import Row


def crash_row(item: PreparedCrash) -> Row:
    """One crash with the keys of what it hangs on."""
    return {
        "crash": properties(item.crash),
        "exact": item.fingerprint.exact if item.fingerprint else None,
        "environment_id": item.environment.environment_id if item.environment else None,
    }


def environment_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """Each distinct environment once; ``site`` and ``version`` are lists of none or one, ``attributes`` its other facts."""
    distinct = {item.environment.environment_id: item.environment for item in items if item.environment}
    return [
        {
            "environment": properties(one),
            "site": [one.site] if one.site else [],
            "version": [properties(_version(one.product or "", one.version))] if one.version else [],
            "attributes": [properties(fact) for fact in attributes_of(one)],
        }
        for _, one in sorted(distinct.items())
    ]


def _version(product: str, version: str) -> Version:
    title = f"{product} {version}".strip()
    return Version(version_id=version_id(product, version), title=title, product=product, version=version)


def signature_rows(new: Sequence[tuple[IncomingSignature, Decision]], items: Iterable[PreparedCrash], model: str) -> list[Row]:
    """New signatures, the pattern each founds or joins, and how it was placed; sorted, so that writers do not deadlock."""
    first = _first_items(items)
    rows = [_signature_row(question, decision, first[question.fingerprint.exact], model) for question, decision in new]
    return sorted(rows, key=lambda row: str(row["signature"]["exact"]))


def _first_items(items: Iterable[PreparedCrash]) -> dict[str, PreparedCrash]:
    found: dict[str, PreparedCrash] = {}
    for item in items:
        if item.fingerprint is not None:
            found.setdefault(item.fingerprint.exact, item)
    return found


def _signature_row(question: IncomingSignature, decision: Decision, founder: PreparedCrash, model: str) -> Row:
    mine = question.fingerprint
    signature = signature_of(mine, question.embedding, model)
    now = founder.crash.received_at
    return {
        "signature": properties(signature),
        "pattern": properties(_pattern(decision, founder, mine.error_type, now)),
        "placed": properties(_placed(decision, now)),
    }


def signature_of(mine: Fingerprint, embedding: Sequence[float], model: str) -> Signature:
    """The node of a fingerprint; ``model`` made the embedding."""
    return Signature(
        exact=mine.exact,
        structural=mine.structural,
        fingerprint_version=mine.version,
        title=mine.title,
        error_type=mine.error_type,
        cause=mine.cause,
        frames=tuple(frame.key for frame in mine.frames),
        blamed=mine.blamed,
        text=mine.text,
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


def frame_rows(questions: Iterable[IncomingSignature]) -> list[Row]:
    """The stacks of new signatures, sorted by frame, so that writers do not deadlock."""
    rows = [
        {
            "exact": question.fingerprint.exact,
            "position": position,
            "key": frame.key,
            "function": frame.function,
            "module": frame.module,
        }
        for question in questions
        for position, frame in enumerate(question.fingerprint.frames)
    ]
    return sorted(rows, key=lambda row: (str(row["key"]), str(row["exact"]), int(str(row["position"]))))


def roll_up_rows(items: Iterable[PreparedCrash]) -> list[Row]:
    """For each signature of the batch its first and last time here and the worst severity (0 is worst)."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        if item.fingerprint is None:
            continue
        rank = SEVERITIES.index(item.crash.severity)
        row = found.setdefault(
            item.fingerprint.exact,
            {"exact": item.fingerprint.exact, "first_seen": item.seen, "last_seen": item.seen, "severity_rank": rank},
        )
        row["first_seen"] = min(row["first_seen"], item.seen)
        row["last_seen"] = max(row["last_seen"], item.seen)
        row["severity_rank"] = min(row["severity_rank"], rank)
    return [found[exact] for exact in sorted(found)]
