"""Filters of the listings of environments, signatures, solutions and events."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.model.choices import SolutionKind, Trust
from graph.model.events import EventKind
from resolvers.listings import EnvironmentFilter, EventFilter, SignatureFilter, SolutionFilter
from schema.inputs.plain import plain_value
from schema.types.declared import description_of


@strawberry.input(description="A filter on environments; omitted fields match everything.")
class EnvironmentFilterInput:
    """A filter on environments."""

    product: str | None = strawberry.field(default=None, description=description_of("Environment", "product"))
    version: str | None = strawberry.field(default=None, description=description_of("Environment", "version"))
    site: str | None = strawberry.field(default=None, description=description_of("Environment", "site"))
    os: str | None = strawberry.field(default=None, description=description_of("Environment", "os"))

    def plain(self) -> EnvironmentFilter:
        """The filter that use cases take."""
        return plain_value(EnvironmentFilter, self)


@strawberry.input(description="A filter on signatures; omitted fields match everything.")
class SignatureFilterInput:
    """A filter on signatures."""

    error_type: str | None = strawberry.field(default=None, description=description_of("Signature", "error_type"))
    since: datetime | None = strawberry.field(default=None, description="Last seen at this time or later.")

    def plain(self) -> SignatureFilter:
        """The filter that use cases take."""
        return plain_value(SignatureFilter, self)


@strawberry.input(description="A filter on solutions; omitted fields match everything.")
class SolutionFilterInput:
    """A filter on solutions."""

    error_code: str | None = strawberry.field(default=None, description=description_of("Solution", "error_code"))
    kind: SolutionKind | None = strawberry.field(default=None, description=description_of("Solution", "kind"))
    trust: Trust | None = strawberry.field(default=None, description=description_of("Solution", "trust"))
    tag: str | None = strawberry.field(default=None, description="Has this tag.")

    def plain(self) -> SolutionFilter:
        """The filter that use cases take."""
        return plain_value(SolutionFilter, self)


@strawberry.input(description="A filter on past events; omitted fields match everything.")
class EventFilterInput:
    """A filter on past events."""

    kinds: list[EventKind] | None = strawberry.field(default=None, description="Any of these kinds.")
    about: strawberry.ID | None = strawberry.field(
        default=None, description="Has this subject, by its global id; an event names the first hundred of many."
    )
    since: datetime | None = strawberry.field(default=None, description="Written at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Written before this time.")

    def plain(self) -> EventFilter:
        """The filter that use cases take."""
        return plain_value(EventFilter, self)
