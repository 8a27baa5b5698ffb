"""Errors as a caller may see them.

Errors of the crashgraph tree keep their message and show their code, and so do errors in the document or its variables.
Anything else becomes "internal error" with the request id, and only its type is logged, because the text of an
unexpected exception may quote a report. Messages are redacted, because they may quote the caller and end up in logs.
"""

from __future__ import annotations

import logging

from graphql import GraphQLError

from graph.model.errors import BusyError, CrashgraphError, LimitError
from graph.redaction.redactor import public_text

INVALID_QUERY = "INVALID_QUERY"
INTERNAL = "INTERNAL"

_TOO_MANY_TOKENS = "Parsing aborted."

logger = logging.getLogger("crashgraph.graphql")


def public_error(error: GraphQLError, request_id: str) -> GraphQLError:
    """The error as the caller may see it: message, code and request id."""
    cause = _cause(error)
    if isinstance(cause, BusyError):
        return _replaced(error, str(cause), {"code": cause.code, "retryAfter": cause.retry_after})
    if isinstance(cause, CrashgraphError):
        return _replaced(error, str(cause), {"code": cause.code})
    if error.path is None and isinstance(cause, RecursionError):
        return _replaced(error, "the document is nested too deeply", {"code": LimitError.code})
    if error.path is None and cause is None:
        code = LimitError.code if error.message.endswith(_TOO_MANY_TOKENS) else INVALID_QUERY
        return _replaced(error, error.message, {"code": code, **(error.extensions or {})})
    kind = type(cause or error)
    logger.error("request %s: unexpected %s.%s at %s", request_id, kind.__module__, kind.__qualname__, error.path)
    message = f"internal error; the log has it under request {request_id}"
    return _replaced(error, message, {"code": INTERNAL, "requestId": request_id})


def _cause(error: GraphQLError) -> BaseException | None:
    """The original exception; ``None`` if the document or a variable is invalid.

    Before any field is resolved (``path`` is ``None``), graphql-core wraps an invalid variable twice. Afterwards, a
    GraphQL error without a cause is a value that does not fit its type; its text must not be shown either.
    """
    inner = error.original_error
    if isinstance(inner, GraphQLError) and error.path is None:
        return None
    while isinstance(inner, GraphQLError):
        inner = inner.original_error
    return inner


def _replaced(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        public_text(message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
