"""HTTP status and headers of an error."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from graph.model.errors import (
    AccessError,
    BusyError,
    ConflictError,
    ContradictionError,
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
    (ContradictionError, 409),
    (TooLargeError, 413),
    (BusyError, 429),
    (LimitError, 400),
    (ConflictError, 409),
    (GraphError, 503),
)


def status_of(error: CrashgraphError) -> int:
    """The HTTP status."""
    if isinstance(error, AccessError) and error.missing:
        return 401
    return _status_of(type(error))


def status_of_code(code: str) -> int:
    """The HTTP status of an error of which only the code is known."""
    return _by_code().get(code, 500)


def error_codes(kind: type[CrashgraphError] = CrashgraphError) -> Iterator[str]:
    """The codes of an error and of those below it."""
    yield from (one.code for one in _tree(kind))


@cache
def _by_code() -> dict[str, int]:
    return {kind.code: _status_of(kind) for kind in _tree(CrashgraphError)}


def _tree(kind: type[CrashgraphError]) -> Iterator[type[CrashgraphError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)


def _status_of(error: type[CrashgraphError]) -> int:
    return next((status for kind, status in STATUSES if issubclass(error, kind)), 500)


def headers_of(error: CrashgraphError) -> dict[str, str]:
    """``Retry-After`` where it is known: how long an absent Neo4j stays away is not."""
    return {"Retry-After": str(error.retry_after)} if isinstance(error, BusyError) else {}
