"""Validations: an actor reviews a crash, and its pattern is updated."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.algorithms.belief import posterior_mean, running_mean
from graph.cypher import query
from graph.knowledge.events import NewEvent
from graph.knowledge.pattern_change import PatternChange, PatternState, ValidationCounts, change_pattern
from graph.knowledge.trust import may_rewrite, tier_of
from graph.model.actor import Actor
from graph.model.convert import properties
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.events import EventKind
from graph.model.nodes import Pattern, Validation
from graph.model.quoting import quoted
from graph.ports import Graph, Row

CORRECT, WRONG = "correct", "wrong"
QUALITY_PARTS = {"root_cause": 0.3, "notes": 0.2, "severity": 0.1, "impact": 0.2, "resolution_minutes": 0.2}
"""Parts of a validation, with their share of its quality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashReview:
    """A review of a crash and its pattern; ``None`` leaves a part out.

    ``correct``: the crash belongs to its pattern; if not, ``belongs_to`` may name the right one. The pattern adopts ``name``,
    ``description``, ``root_cause`` and ``severity`` of a correct crash. ``quality`` (0..1) defaults to
    :func:`review_quality`.
    """

    crash_id: str
    correct: bool = True
    belongs_to: str | None = None
    notes: str | None = None
    root_cause: str | None = None
    name: str | None = None
    description: str | None = None
    severity: str | None = None
    downtime_minutes: float | None = None
    affected_features: tuple[str, ...] | None = None
    resolution_minutes: float | None = None
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """A stored validation, and the pattern after it."""

    validation: Validation
    pattern: Pattern
    signature: str
    """The signature of the crash, to be moved if the match was wrong."""


async def validate(graph: Graph, review: CrashReview, actor: Actor) -> ValidationResult:
    """Store a review and update the pattern from it, in one transaction.

    Only a person's review counts in the pattern's validations and sets the impact of the crash; any other actor's is stored
    beside them and only fills in what no person has set.

    ``NotFoundError`` for an unknown crash; ``InvalidInputError`` for one without a pattern, or if ``belongs_to`` names the
    pattern that it is in already.
    """
    crash = await _crash(graph, review, actor)
    validation = _validation(review, crash, actor)
    store = query(
        "knowledge/store_validation",
        crash_id=review.crash_id,
        validation=properties(validation),
        replaced=[one["validation_id"] for one in crash["earlier"]],
        impact=_impact(review) if actor.is_person else {},
    )

    async def decide(state: PatternState) -> PatternChange:
        changes = _counts(state.counted, validation, crash["earlier"]) if actor.is_person else {}
        if review.correct:
            changes |= {"validated_at": validation.at} if actor.is_person else {}
            changes |= _knowledge(state.pattern, review, actor)
        reason = f"validation {validation.validation_id}: {validation.verdict}"
        subjects = [f"Validation:{validation.validation_id}", f"Crash:{review.crash_id}", f"Pattern:{validation.pattern_id}"]
        validated = NewEvent(EventKind.CRASH_VALIDATED, actor, subjects, 1, {"verdict": validation.verdict})
        return PatternChange("pattern_update", actor, changes, (store,), reason, review.crash_id, (validated,))

    pattern = await change_pattern(graph, crash["pattern_id"], decide)
    return ValidationResult(validation, pattern, crash["exact"])


async def _crash(graph: Graph, review: CrashReview, actor: Actor) -> Row:
    rows = await graph.read(
        query("knowledge/crash_state", crash_id=review.crash_id, by=str(actor), on_behalf_of=actor.on_behalf_of or "")
    )
    if not rows:
        raise NotFoundError(f"no crash {quoted(review.crash_id)}; `crashes` lists the stored ones")
    if rows[0]["pattern_id"] is None:
        raise InvalidInputError(f"crash {review.crash_id!r} was not understood, so it has no pattern to validate")
    if review.belongs_to is not None and (review.correct or review.belongs_to == rows[0]["pattern_id"]):
        raise InvalidInputError(
            "belongsTo: only a crash in the wrong pattern belongs to another; name another pattern, or leave it out"
        )
    return rows[0]


def _validation(review: CrashReview, crash: Row, actor: Actor) -> Validation:
    first = crash["first"] and crash["strategy"] is not None
    return Validation(
        validation_id=uuid.uuid4().hex,
        by=str(actor),
        on_behalf_of=actor.on_behalf_of,
        counts=int(actor.is_person),
        at=datetime.now(UTC),
        verdict=CORRECT if review.correct else WRONG,
        pattern_id=crash["pattern_id"],
        belongs_to=review.belongs_to,
        strategy=crash["strategy"] if first else "exact",
        match_confidence=crash["confidence"] if first else None,
        notes=review.notes,
        root_cause=review.root_cause,
        severity=review.severity,
        downtime_minutes=review.downtime_minutes,
        affected_features=review.affected_features,
        resolution_minutes=review.resolution_minutes,
        quality=review_quality(review) if review.quality is None else review.quality,
    )


def review_quality(review: CrashReview) -> float:
    """The quality of a review, 0..1: the sum of the :data:`QUALITY_PARTS` it has."""
    given_parts = {
        "root_cause": review.root_cause,
        "notes": review.notes,
        "severity": review.severity,
        "impact": review.downtime_minutes if review.downtime_minutes is not None else review.affected_features,
        "resolution_minutes": review.resolution_minutes,
    }
    return round(sum(weight for part, weight in QUALITY_PARTS.items() if given_parts[part] is not None), 6)


def _impact(review: CrashReview) -> dict[str, Any]:
    impact: dict[str, Any] = {}
    if review.downtime_minutes is not None:
        impact["downtime_minutes"] = review.downtime_minutes
    if review.affected_features is not None:
        impact["affected_features"] = list(review.affected_features)
    if review.severity is not None:
        impact["severity"] = review.severity
    return impact


def _counts(counted: ValidationCounts, validation: Validation, earlier: list[Row]) -> dict[str, Any]:
    """The pattern's counts, with the new validation replacing the actor's earlier ones of the same crash."""
    correct = counted.correct - sum(one["verdict"] == CORRECT for one in earlier) + (validation.verdict == CORRECT)
    wrong = counted.wrong - sum(one["verdict"] == WRONG for one in earlier) + (validation.verdict == WRONG)
    minutes, timed = counted.minutes, counted.timed
    for taken in (one["minutes"] for one in earlier if one["minutes"] is not None):
        minutes = None if timed <= 1 or minutes is None else (minutes * timed - taken) / (timed - 1)
        timed -= 1
    if validation.resolution_minutes is not None:
        minutes = running_mean(minutes, timed, validation.resolution_minutes)
    return {
        "validation_count": correct + wrong,
        "false_positive_count": wrong,
        "confidence": posterior_mean(correct, wrong),
        "avg_resolution_minutes": minutes,
    }


def _knowledge(pattern: Pattern, review: CrashReview, actor: Actor) -> Mapping[str, Any]:
    """Properties that the pattern adopts; none from a trust tier below its own."""
    reviewed = {
        "name": review.name,
        "description": review.description,
        "root_cause": review.root_cause,
        "severity": review.severity,
    }
    given = {name: value for name, value in reviewed.items() if value is not None}
    trust = tier_of(actor, verified=True)
    if not given or not may_rewrite(trust, pattern.trust):
        return {}
    also = {"severity_by": str(actor)} if review.severity is not None else {}
    return {**given, **also, "trust": trust}
