"""Runs the operation of a REST route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from graph.model.errors import InvalidInputError
from schema.build import build_schema
from schema.context import Context
from schema.errors import INTERNAL, INVALID_QUERY
from schema.request_graph import RequestGraph
from schema.rest.operation import ERRORS, RestOperation
from schema.running import Running


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an operation was not done. ``field`` is the part of the body that is wrong, if it is one."""

    code: str
    message: str
    field: str | None = None
    retry_after: int | None = None


async def execute(operation: RestOperation, variables: Mapping[str, Any], context: Context, running: Running) -> Any:
    """The answer as JSON values, or a :class:`Refusal`. An answer of which a part failed is refused."""
    context.graph = RequestGraph(context.graph)
    context.running = running
    kind = OperationType.MUTATION if operation.writes else OperationType.QUERY
    result = await build_schema().execute(
        operation.document, dict(variables), context, operation_name=operation.name, allowed_operation_types={kind}
    )
    if result.errors:
        return _of_error(result.errors[0])
    payload = (result.data or {}).get(operation.field)
    if isinstance(payload, dict) and payload.get(ERRORS):
        error = payload[ERRORS][0]
        return Refusal(error["code"], error["message"], error["field"])
    answer: Any = result.data
    for step in operation.steps:
        answer = answer[step]
    if isinstance(answer, dict):
        answer.pop(ERRORS, None)
    return answer


def _of_error(error: GraphQLError) -> Refusal:
    extensions = error.extensions or {}
    code = str(extensions.get("code", INTERNAL))
    # The document is ours, so what is not valid is a value in the request.
    code = InvalidInputError.code if code == INVALID_QUERY else code
    return Refusal(code, error.message, retry_after=extensions.get("retryAfter"))
