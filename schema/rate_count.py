"""Counting the operations of a caller against its rate limits."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from graph.model.errors import CrashgraphError
from schema.context import Context


class RateCount(SchemaExtension):
    """Refuses an operation of a caller who sent too many."""

    def on_validate(self) -> Iterator[None]:
        """Count one that is valid."""
        execution = self.execution_context
        context: Context | None = execution.context
        if context is not None and execution.graphql_document is not None and not execution.pre_execution_errors:
            context.kind = execution.operation_type.value
            try:
                context.count("mutation" if execution.operation_type is OperationType.MUTATION else "query")
            except CrashgraphError as error:
                context.refuse(error)
                execution.pre_execution_errors = [GraphQLError(str(error), original_error=error)]
        yield
