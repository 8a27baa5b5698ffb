"""Filters of listings."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.model.choices import CrashStatus, PatternStatus, Severity
from resolvers.filters import CrashFilter, PatternFilter
from resolvers.nodes import key_of
from schema.inputs.plain import plain_value
from schema.types.declared import description_of
from schema.types.diagnosis import CODE_HELP


@strawberry.input(description="A filter on crashes; omitted fields match everything.")
class CrashFilterInput:
    """A filter on crashes."""

    statuses: list[CrashStatus] | None = strawberry.field(default=None, description="Any of these.")
    severities: list[Severity] | None = strawberry.field(default=None, description="Any of these.")
    product: str | None = strawberry.field(default=None, description=description_of("Crash", "product"))
    site: str | None = strawberry.field(default=None, description=description_of("Crash", "site"))
    version: str | None = strawberry.field(default=None, description=description_of("Crash", "version"))
    error_type: str | None = strawberry.field(default=None, description=description_of("Crash", "error_type"))
    since: datetime | None = strawberry.field(default=None, description="Occurred at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Occurred before this time.")
    pattern: strawberry.ID | None = strawberry.field(default=None, description="Belongs to this pattern.")
    search: str | None = strawberry.field(default=None, description="Words, or parts of words, in the name of its pattern.")

    def plain(self) -> CrashFilter:
        """The filter that use cases take."""
        return plain_value(CrashFilter, self, pattern_id=None if self.pattern is None else key_of("Pattern", self.pattern))


@strawberry.input(description="A filter on patterns; omitted fields match everything.")
class PatternFilterInput:
    """A filter on patterns."""

    statuses: list[PatternStatus] | None = strawberry.field(
        default=None, description="Any of these; merged patterns are not listed."
    )
    severities: list[Severity] | None = strawberry.field(default=None, description="Any of these.")
    product: str | None = strawberry.field(default=None, description="Has a crash of this product.")
    site: str | None = strawberry.field(default=None, description="Has a crash at this site.")
    version: str | None = strawberry.field(default=None, description="Has a crash in this version.")
    error_type: str | None = strawberry.field(default=None, description=description_of("Pattern", "error_type"))
    since: datetime | None = strawberry.field(default=None, description="Last seen at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="First seen before this time.")
    search: str | None = strawberry.field(default=None, description="Words, or parts of words, in the name.")
    error_code: str | None = strawberry.field(default=None, description=CODE_HELP)
    family: str | None = strawberry.field(default=None, description="Family of the taxonomy, such as `RES`.")

    def plain(self) -> PatternFilter:
        """The filter that use cases take."""
        return plain_value(PatternFilter, self)
