"""Knowledge about a pattern: where it was seen, what fixed it, and how reliable matches are."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.knowledge import summary
from graph.model.choices import PatternStatus, Severity, SolutionKind, Trust
from schema.types.declared import description_of, from_record

SCOPE_HELP = "Environments it applies to, as `name=value` such as `os=Windows`; all if empty."
TRUST_HELP = "Trust in it for this pattern."


@strawberry.type(description="A site or version, and how many recent crashes of the pattern it had.")
class SeenAt:
    """A site or version."""

    name: str = strawberry.field(description="Name of the site or version.")
    crashes: int = strawberry.field(description="Number of crashes, among the recent ones that were counted.")


@strawberry.type(description="A place where a solution was applied, and whether crashes came back there.")
class AppliedPlace:
    """A place where a solution was applied."""

    site: str | None = strawberry.field(description="The site.")
    product: str | None = strawberry.field(description="The product.")
    version: str | None = strawberry.field(description="Version that the solution shipped with.")
    since: datetime = strawberry.field(description="When it was first applied there (UTC).")
    worked: int = strawberry.field(description="Number of reports that it worked there.")
    failed: int = strawberry.field(description="Number of reports that it failed there.")
    expected: float = strawberry.field(description="Days with a crash expected since, at the rate before the fix.")
    chance: float = strawberry.field(description="Probability of no crash since if the rate had not changed, 0..1.")
    proven: bool = strawberry.field(description="Whether that probability is low enough to call the solution proven there.")
    lost_at: datetime | None = strawberry.field(description="When a crash came back there (UTC); null while it holds.")


@strawberry.type(description="A solution recorded for a pattern.")
class KnownSolution:
    """A solution of a pattern."""

    solution_id: str = strawberry.field(description="Id of the solution.")
    description: str = strawberry.field(description=description_of("Solution", "description"))
    worked: int = strawberry.field(description="Number of uses for this pattern that worked.")
    failed: int = strawberry.field(description="Number of uses for this pattern that failed.")
    confidence: float = strawberry.field(description="Confidence that it works, decayed since its last use, 0..1.")
    trust: Trust | None = strawberry.field(description=TRUST_HELP)
    kind: SolutionKind | None = strawberry.field(description=description_of("Solution", "kind"))
    steps: str | None = strawberry.field(description=description_of("Solution", "steps"))
    tags: list[str] = strawberry.field(description=description_of("Solution", "tags"))
    avg_confidence: float | None = strawberry.field(description="Mean confidence of the uses that worked here, 0..1.")
    quality: float = strawberry.field(description=description_of("Solution", "quality"))
    last_success_at: datetime | None = strawberry.field(description="When it last worked for this pattern (UTC).")
    applied: list[AppliedPlace] = strawberry.field(description="Places where it was applied, those that prove it first.")
    scope: list[str] = strawberry.field(description=SCOPE_HELP)
    fits: bool | None = strawberry.field(
        description="Whether it applies to the environment of the report; null if that is unknown."
    )


@strawberry.type(description="Knowledge about a pattern: its state, where it was seen, and what fixed it.")
class PatternKnowledge:
    """Knowledge about a pattern."""

    status: PatternStatus | None = strawberry.field(description=description_of("Pattern", "status"))
    severity: Severity | None = strawberry.field(description=description_of("Pattern", "severity"))
    confidence: float = strawberry.field(description="Confidence that its crashes are one bug, decayed with time, 0..1.")
    description: str | None = strawberry.field(description=description_of("Pattern", "description"))
    root_cause: str | None = strawberry.field(description=description_of("Pattern", "root_cause"))
    first_seen: datetime | None = strawberry.field(description=description_of("Pattern", "first_seen"))
    last_seen: datetime | None = strawberry.field(description=description_of("Pattern", "last_seen"))
    occurrence_count: int = strawberry.field(description=description_of("Pattern", "occurrence_count"))
    sites: list[SeenAt] = strawberry.field(description="Top sites by number of recent crashes.")
    versions: list[SeenAt] = strawberry.field(description="Top versions by number of recent crashes.")
    solutions: list[KnownSolution] = strawberry.field(description="Solutions, proven ones first.")
    validation_count: int = strawberry.field(description=description_of("Pattern", "validation_count"))
    false_positive_count: int = strawberry.field(description=description_of("Pattern", "false_positive_count"))
    resolved_version: str | None = strawberry.field(description=description_of("Pattern", "resolved_version"))
    regressed_version: str | None = strawberry.field(description=description_of("Pattern", "regressed_version"))


@strawberry.type(description="How often earlier matches with a similar confidence were right.")
class TrackRecord:
    """How often earlier matches with a similar confidence were right."""

    low: float = strawberry.field(description="Lower bound of the confidence of those matches.")
    high: float = strawberry.field(description="Upper bound of the confidence of those matches.")
    cases: int = strawberry.field(description="Number of those matches that people reviewed.")
    right: int = strawberry.field(description="Number of reviewed matches that were right.")
    share: float | None = strawberry.field(description="Share of reviewed matches that were right; null if there are too few.")
    share_low: float | None = strawberry.field(description="Lower end of its 95 % interval.")
    share_high: float | None = strawberry.field(description="Upper end of its 95 % interval.")


def solution_type(solution: summary.KnownSolution) -> KnownSolution:
    """A solution as its GraphQL type."""
    return from_record(KnownSolution, solution, applied=[from_record(AppliedPlace, place) for place in solution.applied])


def knowledge_type(knowledge: summary.PatternKnowledge) -> PatternKnowledge:
    """The knowledge about a pattern as its GraphQL type."""
    return from_record(
        PatternKnowledge,
        knowledge,
        sites=[from_record(SeenAt, place) for place in knowledge.sites],
        versions=[from_record(SeenAt, place) for place in knowledge.versions],
        solutions=[solution_type(solution) for solution in knowledge.solutions],
    )
