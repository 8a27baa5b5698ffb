"""HTTP status and headers of an error."""

from __future__ import annotations

from graph.model.errors import (
    AccessError,
    BusyError,
    CrashgraphError,
    ForbiddenError,
    GraphError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    TooLargeError,
)

STATUSES: tuple[tuple[type[CrashgraphError], int], ...] = (
    (AccessError, 403),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (InvalidInputError, 400),
    (TooLargeError, 413),
    (LimitError, 429),
    (GraphError, 503),
)


def status_of(error: CrashgraphError) -> int:
    """The HTTP status."""
    if isinstance(error, AccessError) and error.missing:
        return 401
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def headers_of(error: CrashgraphError) -> dict[str, str]:
    """``Retry-After`` where it is known: how long an absent Neo4j stays away is not."""
    return {"Retry-After": str(error.retry_after)} if isinstance(error, BusyError) else {}
