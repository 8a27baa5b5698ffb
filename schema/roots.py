"""The patterns that stand behind most others, as GraphQL has them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.roots import MOST, root_patterns
from schema.context import Info
from schema.fields import resolved
from schema.pattern import Pattern


@strawberry.type(description="An open pattern that sets off others, directly or through them.")
class RootPattern:
    """An open pattern that sets off others."""

    pattern: Pattern = strawberry.field(description="The pattern; its `related` of type `CAUSES` has the links and why.")
    explains: float = strawberry.field(description="Crashes of other open patterns that go back to it.")
    reached: int = strawberry.field(description="Patterns below it, along all chains of causes.")
    explained: float = strawberry.field(description="Share of its own crashes that other patterns set off, 0..1.")


@strawberry.type
class RootQuery:
    """What can be asked about roots."""

    @resolved("Open patterns that explain most crashes of others, along chains of causes: those to mend first.")
    async def root_patterns(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=f"Most patterns, 1 to {MOST}.")] = 10,
    ) -> list[RootPattern]:
        """The roots, strongest first."""
        return [
            RootPattern(pattern=Pattern(root.pattern), explains=root.explains, reached=root.reached, explained=root.explained)
            for root in await root_patterns(info.context.graph, first)
        ]
