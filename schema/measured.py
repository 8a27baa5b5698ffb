"""Measures operations as they are executed."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from schema.context import Context
from schema.errors import INTERNAL, INVALID_QUERY
from schema.measure import OK, Executed

CANCELLED = "CANCELLED"
"""Code of an operation whose sender left before it was answered."""


@contextmanager
def executed(context: Context | None) -> Iterator[Callable[[Any], None]]:
    """Measure a query or mutation; the context calls what it receives with the result, whose errors are public."""
    if context is None:
        yield lambda _: None
        return
    measure, started = context.measure, time.perf_counter()
    code, nodes = CANCELLED, None

    def done(result: Any) -> None:
        nonlocal code, nodes
        code = _code(result.errors)
        nodes = (result.extensions or {}).get("cost", {}).get("nodes")

    try:
        with measure.running():
            yield done
    except Exception:
        code = INVALID_QUERY  # strawberry raises where a request has no query, or one of a kind that is not permitted
        raise
    finally:
        measure.executed(Executed(context.kind, code, time.perf_counter() - started, nodes))


async def followed(results: AsyncGenerator[Any, None], context: Context | None) -> AsyncGenerator[Any, None]:
    """The results of a subscription, which is measured."""
    if context is None:
        async with aclosing(results):
            async for result in results:
                yield result
        return
    code = OK
    try:
        with context.measure.following():
            async with aclosing(results):
                async for result in results:
                    code = _code(result.errors)
                    yield result
    finally:
        context.measure.followed(code)


def _code(errors: Any) -> str:
    """The code of the first of several errors."""
    for error in errors or ():
        return str((error.extensions or {}).get("code", INTERNAL))
    return OK
