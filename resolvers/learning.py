"""Teach the service: validations, solutions and their uses, the status of patterns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.algorithms.version_order import order_text
from graph.knowledge import pattern_status as status
from graph.knowledge.deployments import ProductSite, find_product_site
from graph.knowledge.one_transaction import in_one_transaction
from graph.knowledge.pattern_change import read_pattern_state
from graph.knowledge.pattern_status import FixVersion
from graph.knowledge.solutions import FEEDBACK, NewSolution, SolutionUse, UseResult, record_use
from graph.knowledge.solutions import record_solution as record
from graph.knowledge.validation import CrashReview, ValidationResult, validate
from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import Actor, Scope
from graph.model.choices import SolutionKind
from graph.model.environment import version_id
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.nodes import Pattern, Solution, Version
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.model.scope import check_scope
from graph.ports import Graph
from graph.redaction.redactor import redact_passing
from resolvers.filters import check_severities

MAX_TEXT = 20_000
"""Maximum number of characters of a text."""
MAX_NAME = 300
"""Maximum number of characters of a name."""
MAX_FEATURES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class UseReport:
    """One use of a solution as a caller reports it, in an environment, or at a site and product."""

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


@needs(Scope.TEACH)
async def validate_crash(graph: Graph, review: CrashReview, actor: Actor) -> ValidationResult:
    """Store a validation, update the pattern from it, and move a crash that is in the wrong pattern to the right one.

    A crash that cannot be moved leaves no validation either.
    """
    if review.belongs_to is not None:
        actor.require_person("move a crash to another pattern")
    if review.severity is not None:
        check_severities((review.severity,))
    _check_share("quality", review.quality)
    for name, value in (("downtimeMinutes", review.downtime_minutes), ("resolutionMinutes", review.resolution_minutes)):
        _check_amount(name, value)
    if review.belongs_to is not None:
        await read_pattern_state(graph, review.belongs_to)
    clean = replace(
        review,
        notes=_text("notes", review.notes),
        root_cause=_text("rootCause", review.root_cause),
        description=_text("description", review.description),
        name=_text("name", review.name, MAX_NAME),
        affected_features=_features(review.affected_features),
    )
    if (home := review.belongs_to) is None:
        return await validate(graph, clean, actor)

    async def work(inside: Graph) -> ValidationResult:
        result = await validate(inside, clean, actor)
        reason = f"validation {result.validation.validation_id}"
        await Verdicts(inside, redact_passing).move(result.signature, home, actor=actor, reason=reason)
        return result

    return await in_one_transaction(graph, work)


@needs(Scope.TEACH)
async def record_solution(graph: Graph, new: NewSolution, actor: Actor) -> Solution:
    """Record a fix for a pattern; the same fix for the same cluster of errors is one solution."""
    if new.kind is not None and new.kind not in SolutionKind.values():
        raise InvalidInputError(f"kind: {quoted(new.kind)} is not one of {', '.join(SolutionKind.values())}")
    description = _text("description", new.description)
    if not description or not description.strip():
        raise InvalidInputError("description: describe the fix")
    clean = replace(
        new,
        description=description,
        steps=_text("steps", new.steps),
        identity=new.description,
        scope=tuple(redact_passing(fact) for fact in check_scope(new.scope)),
    )
    return await record(graph, clean, actor)


@needs(Scope.TEACH)
async def use_solution(graph: Graph, use: UseReport, actor: Actor) -> UseResult:
    """Record a use of a solution: where, and whether it worked."""
    _check_share("confidence", use.confidence)
    _check_amount("minutes", use.minutes)
    if use.feedback is not None and use.feedback not in FEEDBACK:
        raise InvalidInputError(f"feedback: {quoted(use.feedback)} is not one of {', '.join(FEEDBACK)}")
    if use.at is not None and use.at.tzinfo is None:
        raise InvalidInputError(f"at: {use.at.isoformat()} has no time zone; add Z or an offset")
    place = await _place(graph, use)
    version = use.version or (place.version if place and use.environment_id else None)
    return await record_use(
        graph,
        SolutionUse(
            solution_id=use.solution_id,
            pattern_id=use.pattern_id,
            worked=use.worked,
            at=(use.at or datetime.now(UTC)).astimezone(UTC),
            place=place,
            version=version,
            version_order=order_text(version) if version else None,
            confidence=use.confidence,
            minutes=use.minutes,
            feedback=use.feedback,
        ),
        actor,
    )


@needs(Scope.TEACH)
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
    """Mark a pattern resolved, optionally from a version of its product on; a crash in that version or later reopens it."""
    fixed_in = None
    if version is not None:
        version = version.strip()
        if not version or len(version) > MAX_NAME:
            raise InvalidInputError("version: name the first version with the fix")
        name = product if product is not None else await status.product_of(graph, pattern_id)
        title = f"{name} {version}".strip()
        fixed = Version(version_id=version_id(name, version), title=title, product=name, version=version)
        fixed_in = FixVersion(fixed, order_text(version))
    return await status.resolve(
        graph, pattern_id, actor, fixed_in=fixed_in, solution_id=solution_id, reason=_text("reason", reason)
    )


@needs(Scope.TEACH)
async def reopen_pattern(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Reopen a pattern."""
    return await status.reopen(graph, pattern_id, actor, _text("reason", reason))


@needs(Scope.TEACH)
async def ignore_pattern(graph: Graph, pattern_id: str, actor: Actor, reason: str | None = None) -> Pattern:
    """Ignore a pattern; later crashes do not reopen it."""
    return await status.ignore(graph, pattern_id, actor, _text("reason", reason))


async def _place(graph: Graph, use: UseReport) -> ProductSite | None:
    if use.environment_id is None and use.site is None:
        return None
    place = await find_product_site(graph, environment_id=use.environment_id, site=use.site, product=use.product)
    if place is None:
        raise NotFoundError(
            f"no crashes have been recorded at {quoted(use.environment_id or use.site)}; name a site or environment"
        )
    return place


def _text(name: str, text: str | None, maximum: int = MAX_TEXT) -> str | None:
    """The text, secrets redacted; ``InvalidInputError`` if it is too long."""
    if text is None:
        return None
    if len(text) > maximum:
        raise InvalidInputError(f"{name}: {len(text):,} characters; at most {maximum:,} are allowed")
    return redact_passing(text)


def _features(features: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The features, secrets redacted; ``InvalidInputError`` for too many, or one that is too long."""
    if features is None:
        return None
    if len(features) > MAX_FEATURES:
        raise InvalidInputError(f"affectedFeatures: {len(features):,} are too many; name at most {MAX_FEATURES}")
    return tuple(_text("affectedFeatures", feature, MAX_NAME) or "" for feature in features)


def _check_share(name: str, value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        raise InvalidInputError(f"{name}: {value} is not between 0 and 1")


def _check_amount(name: str, value: float | None) -> None:
    if value is not None and not 0 <= value < float("inf"):
        raise InvalidInputError(f"{name}: {value} is not 0 or more")
