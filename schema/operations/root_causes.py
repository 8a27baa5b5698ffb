"""Queries about root causes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.root_causes import MAX_ROOTS, root_patterns
from schema.context import Info
from schema.fields import query
from schema.types.declared import from_record, to_type
from schema.types.nodes import Pattern


@strawberry.type(description="An open pattern that causes others, directly or through them.")
class RootPattern:
    """An open pattern that causes others."""

    pattern: Pattern = strawberry.field(description="The pattern; its `related` of type `CAUSES` has the links and evidence.")
    explains: float = strawberry.field(description="Estimated number of crashes of other open patterns that go back to it.")
    reached: int = strawberry.field(description="Number of patterns that chains of causes lead to from it.")
    explained: float = strawberry.field(description="Share of its own crashes that other patterns caused, 0..1.")


@strawberry.type
class RootCauseQuery:
    """Queries about root causes."""

    @query("Open patterns that explain the most crashes of other patterns: those to fix first.", root_patterns)
    async def root_patterns(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=f"Maximum number, 1 to {MAX_ROOTS}.")] = 10,
    ) -> list[RootPattern]:
        """The root patterns, strongest first."""
        roots = await root_patterns(info.context.graph, first)
        return [from_record(RootPattern, root, pattern=to_type(root.pattern)) for root in roots]
