"""Teaching crashgraph: validations, solutions and their uses, the state of patterns, and what is to be looked at again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model.actor import Actor
from graph.model.errors import ConflictError, UsageError
from resolvers import known, learning
from resolvers.nodes import key_of
from schema.context import Info
from schema.declared import description_of, typed
from schema.fields import mutation, resolved
from schema.known import SCOPE_HELP, HeldPlace, KnownSolution, copied, solution_type
from schema.nodes import Solution, Validation
from schema.pattern import Pattern
from schema.submit import UserError

T = TypeVar("T")

ON_BEHALF_OF_HELP = "Whom the caller acts for; recorded beside the caller, and grants nothing."
Reason = Annotated[str | None, strawberry.argument(description="Why, for the history.")]
OnBehalfOf = Annotated[str | None, strawberry.argument(description=ON_BEHALF_OF_HELP)]
PatternId = Annotated[strawberry.ID, strawberry.argument(description="The pattern.")]
FirstFew = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]


@strawberry.input(description="What a person saw of a crash, and what it teaches about its pattern.")
class ValidationInput:
    """What a person saw."""

    crash: strawberry.ID = strawberry.field(description="The crash that was looked at.")
    is_correct: bool = strawberry.field(default=True, description="Whether the crash belongs to its pattern.")
    belongs_to: strawberry.ID | None = strawberry.field(
        default=None, description="The pattern it belongs to instead; the crash and its like move there at once."
    )
    notes: str | None = strawberry.field(default=None, description=description_of("Validation", "notes"))
    root_cause: str | None = strawberry.field(default=None, description=description_of("Pattern", "root_cause"))
    name: str | None = strawberry.field(default=None, description="What the pattern is to be called.")
    description: str | None = strawberry.field(default=None, description=description_of("Pattern", "description"))
    severity: str | None = strawberry.field(default=None, description=description_of("Crash", "severity"))
    downtime_minutes: float | None = strawberry.field(default=None, description=description_of("Crash", "downtime_minutes"))
    affected_features: list[str] | None = strawberry.field(
        default=None, description=description_of("Crash", "affected_features")
    )
    resolution_minutes: float | None = strawberry.field(
        default=None, description=description_of("Validation", "resolution_minutes")
    )
    quality: float | None = strawberry.field(
        default=None, description="How good the validation is, 0..1; worked out from what it tells if left out."
    )
    on_behalf_of: str | None = strawberry.field(default=None, description=ON_BEHALF_OF_HELP)

    def plain(self) -> CrashReview:
        """As the use case takes it."""
        same = {name: getattr(self, name) for name in _REVIEWED}
        return CrashReview(
            crash_id=key_of("Crash", self.crash),
            correct=self.is_correct,
            belongs_to=None if self.belongs_to is None else key_of("Pattern", self.belongs_to),
            affected_features=None if self.affected_features is None else tuple(self.affected_features),
            **same,
        )


_REVIEWED = (
    "notes",
    "root_cause",
    "name",
    "description",
    "severity",
    "downtime_minutes",
    "resolution_minutes",
    "quality",
)


@strawberry.input(description="A fix for a pattern.")
class SolutionInput:
    """A fix for a pattern."""

    pattern: strawberry.ID = strawberry.field(description="The pattern it is for.")
    description: str = strawberry.field(description=description_of("Solution", "description"))
    on_behalf_of: str | None = strawberry.field(default=None, description=ON_BEHALF_OF_HELP)
    kind: str | None = strawberry.field(default=None, description=description_of("Solution", "kind"))
    steps: str | None = strawberry.field(default=None, description=description_of("Solution", "steps"))
    verified: bool = strawberry.field(default=False, description="Whether the caller, a person, has checked that it works.")
    scope: list[str] = strawberry.field(default_factory=list, description=SCOPE_HELP)

    def plain(self) -> NewSolution:
        """As the use case takes it."""
        same = {name: getattr(self, name) for name in ("description", "kind", "steps", "verified")}
        return NewSolution(pattern_id=key_of("Pattern", self.pattern), scope=tuple(self.scope), **same)


@strawberry.input(description="One use of a solution, and how it went.")
class UseInput:
    """One use of a solution."""

    solution: strawberry.ID = strawberry.field(description="The solution.")
    pattern: strawberry.ID = strawberry.field(description="The pattern it was used for.")
    worked: bool = strawberry.field(description="Whether it worked.")
    on_behalf_of: str | None = strawberry.field(default=None, description=ON_BEHALF_OF_HELP)
    environment: strawberry.ID | None = strawberry.field(default=None, description="Where: an environment.")
    site: str | None = strawberry.field(default=None, description="Where: a site, if no environment is named.")
    product: str | None = strawberry.field(default=None, description="The product, for a site that has several.")
    version: str | None = strawberry.field(default=None, description="Version that the solution came with.")
    confidence: float | None = strawberry.field(default=None, description="How sure one was of it beforehand, 0..1.")
    minutes: float | None = strawberry.field(default=None, description="How long it took, in minutes.")
    feedback: str | None = strawberry.field(default=None, description="`helpful`, `partly` or `not`.")
    at: datetime | None = strawberry.field(default=None, description="When, with a time zone; now if left out.")

    def plain(self) -> learning.UseReport:
        """As the use case takes it."""
        return learning.UseReport(
            solution_id=key_of("Solution", self.solution),
            pattern_id=key_of("Pattern", self.pattern),
            environment_id=None if self.environment is None else key_of("Environment", self.environment),
            **{name: getattr(self, name) for name in _USED},
        )


_USED = ("worked", "site", "product", "version", "confidence", "minutes", "feedback", "at")

ERRORS_HELP = "Why nothing was changed; empty when it was."


@strawberry.type(description="What became of a validation.")
class ValidateCrashPayload:
    """What became of a validation."""

    validation: Validation | None = strawberry.field(default=None, description="As it was stored.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that the crash was in, as it is now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="What became of a solution or its use.")
class SolutionPayload:
    """What became of a solution."""

    solution: Solution | None = strawberry.field(default=None, description="As it is now.")
    worked: int | None = strawberry.field(default=None, description="How often it has worked for the pattern.")
    failed: int | None = strawberry.field(default=None, description="How often it has not.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="What became of a pattern's state.")
class PatternPayload:
    """What became of a pattern's state."""

    pattern: Pattern | None = strawberry.field(default=None, description="As it is now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="A solution that was applied at a place, and how it has held there.")
class Held:
    """A solution at a place."""

    solution: KnownSolution = strawberry.field(description="The solution.")
    pattern: Pattern | None = strawberry.field(description="The pattern it was applied against.")
    place: HeldPlace = strawberry.field(description="How often it worked there, since when, and whether it holds.")


@strawberry.type(description="A pattern to look at again.")
class Due:
    """A pattern to look at again."""

    pattern: Pattern = strawberry.field(description="The pattern.")
    current_confidence: float = strawberry.field(description="Its confidence, faded with time, 0..1.")
    worked: int = strawberry.field(description="How often its solutions worked.")


@strawberry.type
class LearningQuery:
    """What was learned."""

    @resolved("What was applied at an environment or site, how often it worked, since when; what holds comes first.")
    async def held(
        self,
        info: Info,
        environment: Annotated[strawberry.ID | None, strawberry.argument(description="The environment.")] = None,
        site: Annotated[str | None, strawberry.argument(description="The site, if no environment is named.")] = None,
        product: Annotated[str | None, strawberry.argument(description="The product, for a site of several.")] = None,
        first: FirstFew = 20,
    ) -> list[Held]:
        """What was applied there."""
        key = None if environment is None else key_of("Environment", environment)
        told = await known.held_at(info.context.graph, environment_id=key, site=site, product=product, first=first)
        return [
            Held(
                solution=solution_type(one.solution),
                pattern=Pattern(one.pattern) if one.pattern else None,
                place=copied(HeldPlace, one.place),
            )
            for one in told
        ]

    @resolved("Patterns that people taught something and that nobody has confirmed for long, most crashes first.")
    async def revalidation_due(
        self,
        info: Info,
        days: Annotated[float, strawberry.argument(description="Days without confirmation.")] = known.REVALIDATE_DAYS,
        half_life_days: Annotated[
            float, strawberry.argument(description="Days without use after which half of the confidence has gone.")
        ] = HALF_LIFE_DAYS,
        first: FirstFew = 20,
    ) -> list[Due]:
        """What is due."""
        told = await known.revalidation_due(info.context.graph, days=days, half_life_days=half_life_days, first=first)
        return [Due(pattern=Pattern(one.pattern), current_confidence=one.current, worked=one.worked) for one in told]


@strawberry.type
class LearningMutation:
    """What people teach."""

    @mutation("Say whether a crash belongs to its pattern, what it meant, and why it happened; the pattern learns from it.")
    async def validate_crash(self, info: Info, input: ValidationInput) -> ValidateCrashPayload:
        """The validation and the pattern."""

        async def work() -> ValidateCrashPayload:
            learned = await learning.validate_crash(info.context.graph, input.plain(), _actor(info, input.on_behalf_of))
            return ValidateCrashPayload(validation=typed(learned.validation), pattern=Pattern(learned.pattern))

        return await _told(work, ValidateCrashPayload)

    @mutation("Record a fix for a pattern; the same fix for the same kind of error is one solution.")
    async def record_solution(self, info: Info, input: SolutionInput) -> SolutionPayload:
        """The solution."""

        async def work() -> SolutionPayload:
            actor = _actor(info, input.on_behalf_of)
            return SolutionPayload(solution=typed(await learning.record_solution(info.context.graph, input.plain(), actor)))

        return await _told(work, SolutionPayload)

    @mutation("Record that a solution was used for a pattern, whether it worked, and where.")
    async def record_use(self, info: Info, input: UseInput) -> SolutionPayload:
        """The solution and how it did."""

        async def work() -> SolutionPayload:
            used = await learning.use_solution(info.context.graph, input.plain(), _actor(info, input.on_behalf_of))
            return SolutionPayload(solution=typed(used.solution), worked=used.resolves.worked, failed=used.resolves.failed)

        return await _told(work, SolutionPayload)

    @mutation("Call a pattern resolved, from a version on; seen in that or a later one, it reopens as `regressed`.")
    async def resolve_pattern(
        self,
        info: Info,
        pattern: PatternId,
        version: Annotated[str | None, strawberry.argument(description="From which version on; from now on if none.")] = None,
        product: Annotated[str | None, strawberry.argument(description="Product of the version, if there are several.")] = None,
        solution: Annotated[strawberry.ID | None, strawberry.argument(description="What resolved it.")] = None,
        reason: Reason = None,
        on_behalf_of: OnBehalfOf = None,
    ) -> PatternPayload:
        """The pattern."""

        async def work() -> PatternPayload:
            changed = await learning.resolve_pattern(
                info.context.graph,
                key_of("Pattern", pattern),
                _actor(info, on_behalf_of),
                version=version,
                product=product,
                solution_id=None if solution is None else key_of("Solution", solution),
                reason=reason,
            )
            return PatternPayload(pattern=Pattern(changed))

        return await _told(work, PatternPayload)

    @mutation("Call a pattern open again.")
    async def reopen_pattern(
        self, info: Info, pattern: PatternId, reason: Reason = None, on_behalf_of: OnBehalfOf = None
    ) -> PatternPayload:
        """The pattern."""

        async def work() -> PatternPayload:
            actor = _actor(info, on_behalf_of)
            changed = await learning.reopen_pattern(info.context.graph, key_of("Pattern", pattern), actor, reason)
            return PatternPayload(pattern=Pattern(changed))

        return await _told(work, PatternPayload)

    @mutation("Call a pattern not worth anybody's time; it stays so whatever is seen.")
    async def ignore_pattern(
        self, info: Info, pattern: PatternId, reason: Reason = None, on_behalf_of: OnBehalfOf = None
    ) -> PatternPayload:
        """The pattern."""

        async def work() -> PatternPayload:
            actor = _actor(info, on_behalf_of)
            changed = await learning.ignore_pattern(info.context.graph, key_of("Pattern", pattern), actor, reason)
            return PatternPayload(pattern=Pattern(changed))

        return await _told(work, PatternPayload)


def _actor(info: Info, on_behalf_of: str | None) -> Actor:
    return info.context.actor.acting_for(on_behalf_of)


async def _told(work: Callable[[], Awaitable[T]], payload: Callable[..., T]) -> T:
    """The payload, or one that says what the caller can put right."""
    try:
        return await work()
    except (UsageError, ConflictError) as error:
        return payload(errors=[UserError(code=error.code, message=str(error))])
