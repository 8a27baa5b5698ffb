"""Queries about solutions and validations."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.listings import SolutionFilter, SolutionOrder, list_solutions
from resolvers.nodes import nodes_by_key
from schema.context import Info
from schema.fields import query
from schema.inputs.listings import SolutionFilterInput
from schema.loading import named_node
from schema.types.choices import enum_of
from schema.types.declared import to_type
from schema.types.nodes import Solution, Validation
from schema.types.pages import After, Connection, First, connection

SolutionId = Annotated[strawberry.ID, strawberry.argument(description="The solution, by its key or global id.")]
ValidationId = Annotated[strawberry.ID, strawberry.argument(description="The validation, by its key or global id.")]

enum_of(SolutionOrder)


@strawberry.type
class FixQuery:
    """Queries about solutions and validations."""

    @query("One solution.", nodes_by_key)
    async def solution(self, info: Info, id: SolutionId) -> Solution | None:
        """One solution; an error with code `NOT_FOUND` if it is unknown."""
        solution: Solution = await named_node(info.context, "Solution", id)
        return solution

    @query("Solutions that match.", list_solutions, selects=True)
    async def solutions(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[
            SolutionFilterInput | None, strawberry.argument(description="Which solutions; all if omitted.")
        ] = None,
        order: Annotated[SolutionOrder, strawberry.argument(description="Sort order.")] = SolutionOrder.CREATED,
    ) -> Connection[Solution]:
        """One page of solutions."""
        wanted = filter.plain() if filter else SolutionFilter()
        return connection(await list_solutions(info.context.graph, wanted, first, after, order), to_type)

    @query("One validation of a crash.", nodes_by_key)
    async def validation(self, info: Info, id: ValidationId) -> Validation | None:
        """One validation; an error with code `NOT_FOUND` if it is unknown."""
        validation: Validation = await named_node(info.context, "Validation", id)
        return validation
