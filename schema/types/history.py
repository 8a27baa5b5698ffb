"""A pattern as it was at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph.knowledge import history
from graph.model import NODES
from graph.model.nodes import Pattern
from resolvers.cursors import check_first
from schema.fields import resolved
from schema.types.declared import from_record, with_properties


@strawberry.type(description="A signature that a pattern had at a time.")
class SignatureAsOf:
    """A signature that a pattern had."""

    exact: str = strawberry.field(description="Its hash; the signature may have been replaced since.")
    title: str = strawberry.field(description="Error type and culprit on one line.")
    placed_at: datetime | None = strawberry.field(description="When it was added to the pattern (UTC).")


@strawberry.type(description="A pattern as it was at a time.")
@with_properties(Pattern, NODES["Pattern"].properties)
class PatternAsOf:
    """A pattern as it was at a time."""

    state: strawberry.Private[history.PatternAsOf]
    at: datetime = strawberry.field(description="The time (UTC).")
    version: int = strawberry.field(description="Number of the latest step in its history at that time; 0 before the first.")

    @resolved("Number of signatures it had.")
    def signature_count(self) -> int:
        """The number of signatures."""
        return len(self.state.signatures)

    @resolved("Signatures it had, by hash.")
    def signatures(
        self, first: Annotated[int, strawberry.argument(description="Maximum number, 1 to 100.")] = 20
    ) -> list[SignatureAsOf]:
        """The first signatures."""
        return [from_record(SignatureAsOf, signature) for signature in self.state.signatures[: check_first(first)]]


def pattern_as_of_type(state: history.PatternAsOf) -> PatternAsOf:
    """A pattern at a time as its GraphQL type."""
    return from_record(PatternAsOf, state.pattern, state=state, at=state.at, version=state.version)
