"""What people teach: validations, solutions, their uses, and what state a pattern is in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.algorithms.version_order import order_text
from graph.knowledge import pattern_status as status
from graph.knowledge.deployments import Place, find_place
from graph.knowledge.pattern_change import read_state
from graph.knowledge.pattern_status import FixedIn
from graph.knowledge.solutions import FEEDBACK, NewSolution, SolutionUse, UseResult, record_use
from graph.knowledge.solutions import record_solution as record
from graph.knowledge.validation import CrashReview, ValidationResult, validate
from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import Actor, Scope
from graph.model.environment import version_id
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Solution, Version
from graph.model.scope import check_scope
from graph.ports import Graph
from graph.redaction.redactor import redact_passing
from resolvers.filters import check_severities

KINDS = ("code", "configuration", "workaround", "prevention")
MOST_TEXT = 20_000
MOST_NAME = 300
"""Characters of a text, and of a name or a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseReport:
    """One use of a solution as somebody tells it; ``environment_id`` or ``site`` and ``product`` say where."""

    solution_id: str
    pattern_id: str
    worked: bool
    environment_id: str | None = None
    site: str | None = None
    product: str | None = None
    version: str | None = None
    confidence: float | None = None
    minutes: float | None = None
    feedback: str | None = None
    at: datetime | None = None


async def validate_crash(graph: Graph, review: CrashReview, actor: Actor) -> ValidationResult:
    """Store a validation, let the pattern learn from it, and move a crash that is in the wrong pattern to its own."""
    actor.require(Scope.TEACH)
    if review.belongs_to is not None:
        actor.require_person("move a crash to another pattern")
    if review.severity is not None:
        check_severities((review.severity,))
    _check_share("quality", review.quality)
    for name, value in (("downtimeMinutes", review.downtime_minutes), ("resolutionMinutes", review.resolution_minutes)):
        _check_amount(name, value)
    if review.belongs_to is not None:
        await read_state(graph, review.belongs_to)
    clean = replace(
        review,
        notes=_text("notes", review.notes),
        root_cause=_text("rootCause", review.root_cause),
        description=_text("description", review.description),
        name=_text("name", review.name, MOST_NAME),
        affected_features=review.affected_features
        and tuple(redact_passing(one)[:MOST_NAME] for one in review.affected_features),
    )
    learned = await validate(graph, clean, actor)
    if review.belongs_to is not None:
        reason = f"validation {learned.validation.validation_id}"
        await Verdicts(graph, redact_passing).move(learned.signature, review.belongs_to, actor=actor, reason=reason)
    return learned


async def record_solution(graph: Graph, told: NewSolution, actor: Actor) -> Solution:
    """Record a fix for a pattern; the same fix for the same cluster of errors is one solution."""
    actor.require(Scope.TEACH)
    if told.kind is not None and told.kind not in KINDS:
        raise InvalidInputError(f"kind: {told.kind!r:.40} is none of {', '.join(KINDS)}")
    description = _text("description", told.description)
    if not description or not description.strip():
        raise InvalidInputError("description: say what to do")
    clean = replace(
        told,
        description=description,
        steps=_text("steps", told.steps),
        identity=told.description,
        scope=tuple(redact_passing(one) for one in check_scope(told.scope)),
    )
    return await record(graph, clean, actor)


async def use_solution(graph: Graph, told: UseReport, actor: Actor) -> UseResult:
    """Record that a solution was used, how it went and where."""
    actor.require(Scope.TEACH)
    _check_share("confidence", told.confidence)
    _check_amount("minutes", told.minutes)
    if told.feedback is not None and told.feedback not in FEEDBACK:
        raise InvalidInputError(f"feedback: {told.feedback!r:.40} is none of {', '.join(FEEDBACK)}")
    if told.at is not None and told.at.tzinfo is None:
        raise InvalidInputError(f"at: {told.at.isoformat()} has no time zone; add Z or an offset")
    place = await _place(graph, told)
    version = told.version or (place.version if place and told.environment_id else None)
    return await record_use(
        graph,
        SolutionUse(
            solution_id=told.solution_id,
            pattern_id=told.pattern_id,
            worked=told.worked,
            at=(told.at or datetime.now(UTC)).astimezone(UTC),
            place=place,
            version=version,
            version_order=order_text(version) if version else None,
            confidence=told.confidence,
            minutes=told.minutes,
            feedback=told.feedback,
        ),
        actor,
    )


async def resolve_pattern(
    graph: Graph,
    pattern_id: str,
    actor: Actor,
    *,
    version: str | None = None,
    product: str | None = None,
    solution_id: str | None = None,
    reason: str | None = None,
) -> Pattern:
    """Call a pattern resolved, from a version of its product on; it reopens when it is seen there or later."""
    actor.require(Scope.TEACH)
    fixed_in = None
    if version is not None:
        version = version.strip()
        if not version or len(version) > MOST_NAME:
            raise InvalidInputError("version: name the version from which on it is resolved")
        told = product if product is not None else await status.product_of(graph, pattern_id)
        title = f"{told} {version}".strip()
        made = Version(version_id=version_id(told, version), title=title, product=told, version=version)
        fixed_in = FixedIn(made, order_text(version))
    return await status.resolve(
        graph, pattern_id, actor, fixed_in=fixed_in, solution_id=solution_id, reason=_text("reason", reason)
    )


async def reopen_pattern(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Call a pattern open again."""
    actor.require(Scope.TEACH)
    return await status.reopen(graph, pattern_id, actor, _text("reason", reason))


async def ignore_pattern(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Call a pattern not worth anybody's time."""
    actor.require(Scope.TEACH)
    return await status.ignore(graph, pattern_id, actor, _text("reason", reason))


async def _place(graph: Graph, told: UseReport) -> Place | None:
    if told.environment_id is None and told.site is None:
        return None
    place = await find_place(graph, environment_id=told.environment_id, site=told.site, product=told.product)
    if place is None:
        raise NotFoundError(f"nothing was ever seen at {told.environment_id or told.site!r:.80}; name a site or environment")
    return place


def _text(name: str, text: str | None, most: int = MOST_TEXT) -> str | None:
    """The text without secrets; ``InvalidInputError`` for one that is too long."""
    if text is None:
        return None
    if len(text) > most:
        raise InvalidInputError(f"{name}: {len(text):,} characters; at most {most:,} are kept")
    return redact_passing(text)


def _check_share(name: str, value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        raise InvalidInputError(f"{name}: {value} is not between 0 and 1")


def _check_amount(name: str, value: float | None) -> None:
    if value is not None and not 0 <= value < float("inf"):
        raise InvalidInputError(f"{name}: {value} is not 0 or more")
