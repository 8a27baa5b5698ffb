"""The filter of a search."""

from __future__ import annotations

import strawberry

from resolvers.search import SearchFilter
from schema.inputs.plain import plain_value


@strawberry.input(description="A filter on what a search finds; omitted fields match everything.")
class SearchFilterInput:
    """A filter on what a search finds."""

    min_score: float | None = strawberry.field(default=None, description="Minimum score, 0..1.")
    severities: list[str] | None = strawberry.field(default=None, description="Patterns of any of these severities only.")
    statuses: list[str] | None = strawberry.field(default=None, description="Patterns with any of these statuses only.")

    def plain(self) -> SearchFilter:
        """The filter that use cases take."""
        return plain_value(SearchFilter, self)
