"""Validations: a person looks at a crash, and the pattern learns from it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.algorithms.belief import posterior_mean, running_mean
from graph.cypher import query
from graph.knowledge.pattern_change import Change, Counted, State, change_pattern
from graph.knowledge.trust import may_rewrite
from graph.model.convert import properties
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Validation
from graph.ports import Graph, Row

CORRECT, WRONG = "correct", "wrong"
QUALITY_PARTS = {"root_cause": 0.3, "notes": 0.2, "severity": 0.1, "impact": 0.2, "resolution_minutes": 0.2}
"""What a validation can tell, and how much of its quality that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a person says of a crash and of its pattern. What is ``None`` is not said.

    ``correct``: the crash belongs to its pattern; if not, ``belongs_to`` may name the pattern it belongs to. ``name``,
    ``description``, ``root_cause`` and ``severity`` are learned by the pattern; a crash in a wrong one teaches it nothing.
    ``quality`` (0..1) is worked out from what was told where it is not given.
    """

    crash_id: str
    validator: str
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
    trust: str = "validated"


@dataclass(frozen=True, slots=True)
class Learned:
    """A stored validation and the pattern as it is after it."""

    validation: Validation
    pattern: Pattern
    signature: str
    """The signature of the crash, which a verdict moves when the match was wrong."""


async def validate(graph: Graph, looked: Looked) -> Learned:
    """Store what a person saw and let the pattern learn from it, in one transaction.

    ``NotFoundError`` for an unknown crash, ``InvalidInputError`` for one without a pattern or one said to belong where it is.
    """
    crash = await _crash(graph, looked)
    validation = _validation(looked, crash)
    store = query(
        "learning/store_validation",
        crash_id=looked.crash_id,
        validation=properties(validation),
        replaced=[one["validation_id"] for one in crash["earlier"]],
        impact=_impact(looked),
    )

    async def decide(state: State) -> Change:
        changes = _counts(state.counted, validation, crash["earlier"])
        if looked.correct:
            changes |= {"validated_at": validation.at, **_knowledge(state.pattern, looked)}
        reason = f"validation {validation.validation_id}: {validation.verdict}"
        return Change("pattern_update", looked.validator, changes, (store,), reason, looked.crash_id)

    pattern = await change_pattern(graph, crash["pattern_id"], decide)
    return Learned(validation, pattern, crash["exact"])


async def _crash(graph: Graph, looked: Looked) -> Row:
    rows = await graph.read(query("learning/crash_state", crash_id=looked.crash_id, validator=looked.validator))
    if not rows:
        raise NotFoundError(f"no crash {looked.crash_id!r:.80}; `crashes` lists those that are stored")
    if rows[0]["pattern_id"] is None:
        raise InvalidInputError(f"crash {looked.crash_id!r} was not understood, so it has no pattern to validate")
    if looked.belongs_to is not None and (looked.correct or looked.belongs_to == rows[0]["pattern_id"]):
        raise InvalidInputError(
            "belongsTo: only a crash that is in the wrong pattern belongs to another; leave one of the two out"
        )
    return rows[0]


def _validation(looked: Looked, crash: Row) -> Validation:
    first = crash["first"] and crash["strategy"] is not None
    return Validation(
        validation_id=uuid.uuid4().hex,
        validator=looked.validator,
        at=datetime.now(UTC),
        verdict=CORRECT if looked.correct else WRONG,
        pattern_id=crash["pattern_id"],
        belongs_to=looked.belongs_to,
        strategy=crash["strategy"] if first else "exact",
        match_confidence=crash["confidence"] if first else None,
        notes=looked.notes,
        root_cause=looked.root_cause,
        severity=looked.severity,
        downtime_minutes=looked.downtime_minutes,
        affected_features=looked.affected_features,
        resolution_minutes=looked.resolution_minutes,
        quality=told_quality(looked) if looked.quality is None else looked.quality,
    )


def told_quality(looked: Looked) -> float:
    """How much a validation tells, 0..1: the sum of :data:`QUALITY_PARTS` it has."""
    told = {
        "root_cause": looked.root_cause,
        "notes": looked.notes,
        "severity": looked.severity,
        "impact": looked.downtime_minutes if looked.downtime_minutes is not None else looked.affected_features,
        "resolution_minutes": looked.resolution_minutes,
    }
    return round(sum(weight for part, weight in QUALITY_PARTS.items() if told[part] is not None), 6)


def _impact(looked: Looked) -> dict[str, Any]:
    impact: dict[str, Any] = {}
    if looked.downtime_minutes is not None:
        impact["downtime_minutes"] = looked.downtime_minutes
    if looked.affected_features is not None:
        impact["affected_features"] = list(looked.affected_features)
    if looked.severity is not None:
        impact["severity"] = looked.severity
    return impact


def _counts(counted: Counted, validation: Validation, earlier: list[Row]) -> dict[str, Any]:
    """The pattern's counts with the new validation in place of the person's earlier ones of the same crash."""
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


def _knowledge(pattern: Pattern, looked: Looked) -> Mapping[str, Any]:
    """What the pattern takes over; nothing from a source that is trusted less than what it has."""
    told = {
        "name": looked.name,
        "description": looked.description,
        "root_cause": looked.root_cause,
        "severity": looked.severity,
    }
    given = {name: value for name, value in told.items() if value is not None}
    if not given or not may_rewrite(looked.trust, pattern.trust):
        return {}
    also = {"severity_by": looked.validator} if looked.severity is not None else {}
    return {**given, **also, "trust": looked.trust}
