"""What a caller is told when something goes wrong.

What crashgraph raises on purpose keeps its message and shows its code; what is wrong with the document or its
variables stays readable; anything else becomes "internal error" with the request's id, and only its type is logged,
since the text of an unexpected exception may hold what a report holds. A message that quotes the caller's own words is
redacted: answers end up in logs of their own.
"""

from __future__ import annotations

import logging

from graphql import GraphQLError

from graph.model.errors import BusyError, CrashgraphError, LimitError
from graph.redaction.redactor import redact_passing

INVALID_QUERY = "INVALID_QUERY"
INTERNAL = "INTERNAL"

_TOO_MANY_TOKENS = "Parsing aborted."

logger = logging.getLogger("crashgraph.graphql")


def public_error(error: GraphQLError, request_id: str) -> GraphQLError:
    """The error as the caller may see it."""
    cause = _cause(error)
    if isinstance(cause, BusyError):
        return _told(error, str(cause), {"code": cause.code, "retryAfter": cause.retry_after})
    if isinstance(cause, CrashgraphError):
        return _told(error, str(cause), {"code": cause.code})
    if error.path is None and isinstance(cause, RecursionError):
        return _told(error, "the document is nested too deeply", {"code": LimitError.code})
    if error.path is None and cause is None:
        code = LimitError.code if error.message.endswith(_TOO_MANY_TOKENS) else INVALID_QUERY
        return _told(error, error.message, {"code": code, **(error.extensions or {})})
    kind = type(cause or error)
    logger.error("request %s: unexpected %s.%s at %s", request_id, kind.__module__, kind.__qualname__, error.path)
    message = f"internal error; the log has it under request {request_id}"
    return _told(error, message, {"code": INTERNAL, "requestId": request_id})


def _cause(error: GraphQLError) -> BaseException | None:
    """The exception beneath, ``None`` where the document or a variable is at fault.

    Before any field is resolved (``path`` is ``None``) graphql-core wraps what is wrong with a variable twice. Later a
    GraphQL error without a cause is a value that does not fit its type, whose text must not be shown either.
    """
    inner = error.original_error
    if isinstance(inner, GraphQLError) and error.path is None:
        return None
    while isinstance(inner, GraphQLError):
        inner = inner.original_error
    return inner


def _told(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        redact_passing(message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
