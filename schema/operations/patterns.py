"""Queries about patterns, and the taxonomy of errors."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.model.actor import Scope
from graph.model.errors import NotFoundError
from resolvers.filters import PatternOrder
from resolvers.nodes import key_of
from resolvers.patterns import list_patterns, patterns_by_id, signature_counts
from schema.context import Info
from schema.fields import query
from schema.inputs.filters import PatternFilterInput
from schema.types.declared import to_type
from schema.types.diagnosis import ErrorFamily, error_families
from schema.types.nodes import Pattern
from schema.types.pages import After, Connection, First, connection

PatternId = Annotated[strawberry.ID, strawberry.argument(description="The pattern, by its key or global id.")]


@strawberry.type
class PatternQuery:
    """Queries about patterns."""

    @query("One pattern.", patterns_by_id, selects=True)
    async def pattern(self, info: Info, id: PatternId) -> Pattern | None:
        """One pattern; an error with code `NOT_FOUND` if it is unknown."""
        key = key_of("Pattern", id)
        record = await info.context.load(patterns_by_id, key)
        if record is None:
            raise NotFoundError(f"no pattern {key!r}; `patterns` lists those that are stored")
        pattern: Pattern = to_type(record.pattern)
        return pattern

    @query("Patterns that match, largest or latest first.", list_patterns, selects=True)
    async def patterns(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[PatternFilterInput | None, strawberry.argument(description="Which patterns; all if omitted.")] = None,
        order: Annotated[PatternOrder, strawberry.argument(description="Sort order.")] = PatternOrder.OCCURRENCES,
    ) -> Connection[Pattern]:
        """One page of patterns."""
        page = await list_patterns(info.context.graph, filter.plain() if filter else None, order, first, after)
        info.context.know(signature_counts, {item.pattern.pattern_id: item.signature_count for item in page.items})
        return connection(page, lambda item: to_type(item.pattern))

    @query("The kinds of error that diagnosis distinguishes, by family.", Scope.READ)
    def taxonomy(self) -> list[ErrorFamily]:
        """The taxonomy."""
        return error_families()
