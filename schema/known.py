"""The GraphQL types of what is known of a pattern: where it was seen, what fixed it, and how sure one may be."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import strawberry

from graph.knowledge import summary as known
from schema.declared import description_of

T = TypeVar("T")

SCOPE_HELP = "Where it applies: facts of an environment as `name=value`, such as `os=Windows`; everywhere when empty."
TRUST_HELP = "How far it is trusted: `proven` where crashes stopped for good, else `validated`, `suggested` or `learned`."


@strawberry.type(description="A site or a version, and how many of the latest crashes are from there.")
class SeenAt:
    """A site or a version."""

    name: str = strawberry.field(description="Its name.")
    crashes: int = strawberry.field(description="How many of the crashes that were looked at.")


@strawberry.type(description="Where a solution was applied, since when, and how it has held there.")
class HeldPlace:
    """Where a solution was applied."""

    site: str | None = strawberry.field(description="The site.")
    product: str | None = strawberry.field(description="The product.")
    version: str | None = strawberry.field(description="Version that it came with.")
    since: datetime = strawberry.field(description="Since when it has been in place (UTC).")
    worked: int = strawberry.field(description="How often people said that it worked there.")
    failed: int = strawberry.field(description="How often they said that it did not.")
    expected: float = strawberry.field(description="Days with a crash that the rate before would have brought since.")
    chance: float = strawberry.field(description="Probability of none since, if nothing had changed, 0..1.")
    proven: bool = strawberry.field(description="Whether that is little enough to call it proven there.")
    lost_at: datetime | None = strawberry.field(description="When a crash came back there (UTC); null while it holds.")


@strawberry.type(description="A solution recorded for the pattern.")
class KnownSolution:
    """A solution of the matched pattern."""

    solution_id: str = strawberry.field(description="Id of the solution.")
    description: str = strawberry.field(description=description_of("Solution", "description"))
    worked: int = strawberry.field(description="How often it worked for this pattern.")
    failed: int = strawberry.field(description="How often it did not.")
    confidence: float = strawberry.field(description="How sure it is to work, faded since it was last used, 0..1.")
    trust: str = strawberry.field(description=TRUST_HELP)
    kind: str | None = strawberry.field(description=description_of("Solution", "kind"))
    steps: str | None = strawberry.field(description=description_of("Solution", "steps"))
    tags: list[str] = strawberry.field(description=description_of("Solution", "tags"))
    avg_confidence: float | None = strawberry.field(description="Mean confidence of the uses that worked here, 0..1.")
    quality: float = strawberry.field(description=description_of("Solution", "quality"))
    last_success_at: datetime | None = strawberry.field(description="When it last worked here (UTC).")
    held: list[HeldPlace] = strawberry.field(description="Where it was applied; places that prove it first.")
    scope: list[str] = strawberry.field(description=SCOPE_HELP)
    fits: bool | None = strawberry.field(
        description="Whether it applies in the environment of the report; null where that is not known."
    )


@strawberry.type(description="What is known of a pattern.")
class Known:
    """What is known of a pattern."""

    status: str = strawberry.field(description=description_of("Pattern", "status"))
    severity: str = strawberry.field(description=description_of("Pattern", "severity"))
    confidence: float = strawberry.field(description="How sure it is that its crashes are one bug, faded with time, 0..1.")
    description: str | None = strawberry.field(description=description_of("Pattern", "description"))
    root_cause: str | None = strawberry.field(description=description_of("Pattern", "root_cause"))
    first_seen: datetime | None = strawberry.field(description=description_of("Pattern", "first_seen"))
    last_seen: datetime | None = strawberry.field(description=description_of("Pattern", "last_seen"))
    occurrence_count: int = strawberry.field(description=description_of("Pattern", "occurrence_count"))
    sites: list[SeenAt] = strawberry.field(description="Sites it was seen at, most crashes first; a few.")
    versions: list[SeenAt] = strawberry.field(description="Versions it was seen in, most crashes first; a few.")
    solutions: list[KnownSolution] = strawberry.field(description="What was done about it, proven solutions first.")
    validation_count: int = strawberry.field(description=description_of("Pattern", "validation_count"))
    false_positive_count: int = strawberry.field(description=description_of("Pattern", "false_positive_count"))
    resolved_version: str | None = strawberry.field(description=description_of("Pattern", "resolved_version"))
    regressed_version: str | None = strawberry.field(description=description_of("Pattern", "regressed_version"))


@strawberry.type(description="How earlier answers turned out that were about as sure as this one.")
class TrackRecord:
    """How earlier answers turned out."""

    low: float = strawberry.field(description="Those answers were at least so sure.")
    high: float = strawberry.field(description="And at most so sure.")
    cases: int = strawberry.field(description="How many of them people looked at.")
    right: int = strawberry.field(description="How many of those were right.")
    share: float | None = strawberry.field(description="Share that was right; null while there are too few cases to say.")
    share_low: float | None = strawberry.field(description="Lower end of its 95 % interval.")
    share_high: float | None = strawberry.field(description="Upper end of its 95 % interval.")


def copied(kind: type[T], record: Any, **given: Any) -> T:
    """A type with the fields of a record that are called the same; those ``given`` are taken as they are."""
    names = {field.name for field in dataclasses.fields(record)} & inspect.get_annotations(kind).keys()
    return kind(**{name: _plain(getattr(record, name)) for name in names - given.keys()}, **given)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def solution_type(told: known.KnownSolution) -> KnownSolution:
    """A known solution."""
    return copied(KnownSolution, told, held=[copied(HeldPlace, one) for one in told.held])


def known_type(told: known.Known) -> Known:
    """What is known of a pattern."""
    return copied(
        Known,
        told,
        sites=_seen(told.sites),
        versions=_seen(told.versions),
        solutions=[solution_type(one) for one in told.solutions],
    )


def _seen(places: Iterable[known.SeenAt]) -> list[SeenAt]:
    return [copied(SeenAt, one) for one in places]
