"""Subscriptions as server-sent events: the mode "distinct connections" of the protocol GraphQL over SSE."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress

import orjson
from strawberry.http.streaming import SSETransport

from graph.model.errors import CrashgraphError, GraphError
from graph.redaction.redactor import public_text
from schema.context import Context
from schema.listeners import Listeners
from schema.negotiation import EVENTS, answer_type

CRLF = "\r\n"
CHECK_SECONDS = 10.0
"""How long a stream may stay open after its credentials were revoked; also the time between two signs of life."""


class EventStream(SSETransport):
    """The transport, with a sign of life often enough to notice revoked credentials."""

    def __init__(self) -> None:
        """With our interval."""
        super().__init__(CHECK_SECONDS)

    def accepts(self, accept: str) -> bool:
        """Whether a request with this header ``Accept`` asks for events."""
        return answer_type(accept) == EVENTS

    def encode_event(self, event: str, data: str | None = None) -> str:
        """An event; its lines end with LF alone, the only end that urql's client knows."""
        return super().encode_event(event, data).replace(CRLF, "\n")

    def encode_comment(self, comment: str) -> str:
        """A sign of life, with the same ends of lines."""
        return super().encode_comment(comment).replace(CRLF, "\n")


async def watched(stream: Callable[[], AsyncIterator[str]], context: Context, streams: Listeners) -> AsyncGenerator[str, None]:
    """The events; ended with a code if there are too many streams, and once the sender may not read any more."""
    checked = time.monotonic()
    try:
        with streams.one_more():
            chunks = stream()
            async with aclosing(chunks):  # type: ignore[type-var]  # strawberry makes it by a generator
                async for chunk in chunks:
                    if time.monotonic() - checked >= CHECK_SECONDS:
                        checked = time.monotonic()
                        await _check(context)
                    yield chunk
    except CrashgraphError as error:
        transport = EventStream()
        answer = {"errors": [{"message": public_text(error), "extensions": {"code": error.code}}]}
        yield transport.encode_event("next", orjson.dumps(answer).decode())
        yield transport.encode_complete()


async def _check(context: Context) -> None:
    """``AccessError`` if the sender may not use the stream any more."""
    with suppress(GraphError):  # Neo4j is away: no subscription delivers anything meanwhile
        await context.renewed()
