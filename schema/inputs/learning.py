"""Validations, solutions and their uses."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model.choices import Feedback, Severity, SolutionKind
from resolvers.learning import UseReport
from resolvers.nodes import key_of
from schema.inputs.plain import plain_value
from schema.payloads import MutationInput
from schema.types.declared import description_of
from schema.types.knowledge import SCOPE_HELP

ON_BEHALF_OF_HELP = "Person that the caller acts for; recorded beside the caller, grants nothing."
PATTERN_HELP = "The pattern, by its key or global id."
REASON_HELP = "Reason, for the history."


@strawberry.input
class TeachingInput(MutationInput):
    """What all have that teach something."""

    on_behalf_of: str | None = strawberry.field(default=None, description=ON_BEHALF_OF_HELP)


@strawberry.input(description="A person's review of a crash, and what it teaches about its pattern.")
class ValidationInput(TeachingInput):
    """A person's review of a crash."""

    crash: strawberry.ID = strawberry.field(description="The crash that was reviewed.")
    is_correct: bool = strawberry.field(default=True, description="Whether the crash belongs to its pattern.")
    belongs_to: strawberry.ID | None = strawberry.field(
        default=None, description="The right pattern instead; all crashes with the same signature move there at once."
    )
    notes: str | None = strawberry.field(default=None, description=description_of("Validation", "notes"))
    root_cause: str | None = strawberry.field(default=None, description=description_of("Pattern", "root_cause"))
    name: str | None = strawberry.field(default=None, description="New name of the pattern.")
    description: str | None = strawberry.field(default=None, description=description_of("Pattern", "description"))
    severity: Severity | None = strawberry.field(default=None, description=description_of("Crash", "severity"))
    downtime_minutes: float | None = strawberry.field(default=None, description=description_of("Crash", "downtime_minutes"))
    affected_features: list[str] | None = strawberry.field(
        default=None, description=description_of("Crash", "affected_features")
    )
    resolution_minutes: float | None = strawberry.field(
        default=None, description=description_of("Validation", "resolution_minutes")
    )
    quality: float | None = strawberry.field(
        default=None, description="Quality of the validation, 0..1; computed from its content if omitted."
    )

    def plain(self) -> CrashReview:
        """The review that the use case takes."""
        return plain_value(
            CrashReview,
            self,
            crash_id=key_of("Crash", self.crash, "crash"),
            correct=self.is_correct,
            belongs_to=None if self.belongs_to is None else key_of("Pattern", self.belongs_to, "belongsTo"),
        )


@strawberry.input(description="A fix for a pattern.")
class SolutionInput(TeachingInput):
    """A fix for a pattern."""

    pattern: strawberry.ID = strawberry.field(description="The pattern that it fixes.")
    description: str = strawberry.field(description=description_of("Solution", "description"))
    kind: SolutionKind | None = strawberry.field(default=None, description=description_of("Solution", "kind"))
    steps: str | None = strawberry.field(default=None, description=description_of("Solution", "steps"))
    verified: bool = strawberry.field(default=False, description="Whether the caller, a person, has checked that it works.")
    scope: list[str] = strawberry.field(default_factory=list, description=SCOPE_HELP)

    def plain(self) -> NewSolution:
        """The solution that the use case takes."""
        return plain_value(NewSolution, self, pattern_id=key_of("Pattern", self.pattern, "pattern"))


@strawberry.input(description="One use of a solution, and its outcome.")
class UseInput(TeachingInput):
    """One use of a solution."""

    solution: strawberry.ID = strawberry.field(description="The solution.")
    pattern: strawberry.ID = strawberry.field(description="The pattern that it was used for.")
    worked: bool = strawberry.field(description="Whether it worked.")
    environment: strawberry.ID | None = strawberry.field(default=None, description="Environment where it was used.")
    site: str | None = strawberry.field(default=None, description="Site where it was used, if no environment is given.")
    product: str | None = strawberry.field(default=None, description="Product, if the site has several.")
    version: str | None = strawberry.field(default=None, description="Version that the solution shipped with.")
    confidence: float | None = strawberry.field(default=None, description="Confidence before the use that it would work, 0..1.")
    minutes: float | None = strawberry.field(default=None, description="Duration of the use, in minutes.")
    feedback: Feedback | None = strawberry.field(default=None, description="How the user judged it.")
    at: datetime | None = strawberry.field(default=None, description="When it was used, with a time zone; now if omitted.")

    def plain(self) -> UseReport:
        """The use that the use case takes."""
        return plain_value(
            UseReport,
            self,
            solution_id=key_of("Solution", self.solution, "solution"),
            pattern_id=key_of("Pattern", self.pattern, "pattern"),
            environment_id=None if self.environment is None else key_of("Environment", self.environment, "environment"),
        )


@strawberry.input
class PatternStatusInput(TeachingInput):
    """What all have that change the status of a pattern."""

    pattern: strawberry.ID = strawberry.field(description=PATTERN_HELP)
    reason: str | None = strawberry.field(default=None, description=REASON_HELP)

    @property
    def key(self) -> str:
        """The key of the pattern."""
        return key_of("Pattern", self.pattern, "pattern")


@strawberry.input(description="A pattern that is resolved.")
class ResolvePatternInput(PatternStatusInput):
    """A pattern that is resolved."""

    version: str | None = strawberry.field(
        default=None, description="First version with the fix; if omitted, any further crash reopens it."
    )
    product: str | None = strawberry.field(default=None, description="Product of the version, if there are several.")
    solution: strawberry.ID | None = strawberry.field(default=None, description="The solution that resolved it.")


@strawberry.input(description="A pattern to reopen.")
class ReopenPatternInput(PatternStatusInput):
    """A pattern to reopen."""


@strawberry.input(description="A pattern to ignore.")
class IgnorePatternInput(PatternStatusInput):
    """A pattern to ignore."""
