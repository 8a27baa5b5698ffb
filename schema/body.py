"""The body of a request, and whether its sender is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive

from graph.model.errors import TooLargeError

MAX_BODY_BYTES = 32 * 1024 * 1024


class Body:
    """Messages of one request; a body above the limit is refused while it is read."""

    def __init__(self, receive: Receive, *, method: str) -> None:
        """``receive`` is that of the server."""
        self._receive = receive
        self._size = 0
        self._read = asyncio.Event()
        if method in {"GET", "HEAD", "OPTIONS"}:
            self._read.set()

    async def receive(self) -> Message:
        """The next message; ``TooLargeError`` once there is too much."""
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > MAX_BODY_BYTES:
            limit = MAX_BODY_BYTES // 2**20
            raise TooLargeError(f"the request is larger than {limit} MiB; use `crashgraph ingest` for large files")
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._read.set()
        return message

    async def left(self) -> None:
        """Return once the sender closed the connection after it sent the whole request."""
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def unless_left(answering: Coroutine[Any, Any, Response], body: Body, may_end: Callable[[], bool]) -> Response | None:
    """The answer; ``None`` if its receiver left before and the work could be ended."""
    work = asyncio.ensure_future(answering)
    leaving = asyncio.ensure_future(body.left())
    try:
        await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done() and may_end():
            return None
        return await work
    finally:
        leaving.cancel()
        work.cancel()
