"""The whole schema, and its text."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import datetime
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError, parse, validate
from strawberry.extensions import ParserCache
from strawberry.scalars import JSON
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from schema.as_cypher import AsCypher
from schema.bounded_time import BoundedTime
from schema.compile.levels import LevelExecutor
from schema.context import Context
from schema.documents import StoredOnly
from schema.errors import INVALID_QUERY, public_error
from schema.limits import Limits
from schema.measured import executed, followed
from schema.operations.roots import Mutation, Query, Subscription
from schema.permissions import StrangersLogIn, note_refusals
from schema.rate_count import RateCount
from schema.relations import table  # noqa: F401  # attaches the relations
from schema.scalars import DATE_TIME, JSON_VALUE
from schema.types.declared import NODE_TYPES
from schema.types.evidence import EVIDENCE_TYPES

HEADER = "# Written by `crashgraph schema print > schema/schema.graphql`; change the types in schema/, not this file.\n\n"


class Schema(strawberry.Schema):
    """A schema that returns public errors only."""

    async def execute(  # noqa: D102  # as the base says
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        with executed(context_value) as done:
            result = await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )
            if result.errors:
                if context_value is not None:
                    await note_refusals(context_value, result.errors)
                request_id = context_value.request_id if context_value else "-"
                result.errors = [public_error(error, request_id) for error in result.errors]
            done(result)
        return result

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Context | None = None,
        root_value: object = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Results of a subscription or query; of a mutation only if that is allowed: the end of a socket would cancel it."""
        results = await super().stream(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            operation_extensions,
            allowed_operation_types or (OperationType.SUBSCRIPTION, OperationType.QUERY),
        )
        return followed(_public(results, context_value), context_value)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do nothing: the default logs the text of exceptions; :func:`public_error` logs what is safe."""


async def _public(results: AsyncGenerator[Any, None], context: Context | None) -> AsyncGenerator[Any, None]:
    """Results with public errors only."""
    request_id = context.request_id if context else "-"
    try:
        async with aclosing(results):
            async for result in results:
                if result.errors:
                    if context is not None:
                        await note_refusals(context, result.errors)
                    result.errors = [_public_error(error, request_id) for error in result.errors]
                yield result
                if context is not None:
                    context.forget()
    except Exception as raised:  # noqa: BLE001  # extensions may raise before the document is read
        error = raised if isinstance(raised, GraphQLError) else GraphQLError(str(raised), original_error=raised)
        yield PreExecutionError(data=None, errors=[public_error(error, request_id)])


def _public_error(error: GraphQLError, request_id: str) -> GraphQLError:
    if isinstance(error.original_error, InvalidOperationTypeError):
        return GraphQLError(
            "not accepted on this connection: send mutations by POST",
            extensions={"code": INVALID_QUERY},
        )
    return public_error(error, request_id)


@cache
def build_schema() -> strawberry.Schema:
    """The schema. Built once, because it holds no state of a request."""
    return Schema(
        Query,
        Mutation,
        Subscription,
        types=[*NODE_TYPES.values(), *EVIDENCE_TYPES.values()],
        scalar_overrides={datetime: DATE_TIME, JSON: JSON_VALUE},
        execution_context_class=LevelExecutor,
        extensions=[StrangersLogIn, StoredOnly, Limits, RateCount, BoundedTime, AsCypher, ParserCache],
    )


def validated(text: str) -> str:
    """Why a document that can be parsed is not valid for the schema; empty if it is."""
    return " ".join(error.message for error in validate(build_schema()._schema, parse(text)))  # noqa: SLF001  # no other way


def sdl() -> str:
    """The schema in the schema definition language; ``schema/schema.graphql`` has one more line break."""
    return HEADER + build_schema().as_str().rstrip()
