"""The filter of a search."""

from __future__ import annotations

import strawberry

from graph.model.choices import PatternStatus, Severity
from resolvers.search import SearchFilter
from schema.inputs.plain import plain_value


@strawberry.input(description="A filter on what a search finds; omitted fields match everything.")
class SearchFilterInput:
    """A filter on what a search finds."""

    min_score: float | None = strawberry.field(default=None, description="Minimum score, 0..1.")
    severities: list[Severity] | None = strawberry.field(default=None, description="Only patterns with any of these.")
    statuses: list[PatternStatus] | None = strawberry.field(default=None, description="Only patterns with any of these.")

    def plain(self) -> SearchFilter:
        """The filter that use cases take."""
        return plain_value(SearchFilter, self)
