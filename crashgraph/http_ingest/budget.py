"""A budget of bytes for the bodies of all requests in progress: a text takes several times its size while it is read.

Before its body is read, a request takes its whole size out of the budget, or waits: so none holds a part while it waits for
the rest, and its client is slowed down by TCP. What only shows to be large while it is read, as it has no length or is
compressed, does not wait but is refused. Large bodies have a budget of their own, since others need not wait a minute for
one. Small ones need none: the number of connections bounds them.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from crashgraph.error_responses import headers_of, status_of
from graph.model.errors import BusyError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL = 64 << 10
"""Bytes of a body that count for nothing."""
LARGE = 1 << 20
"""Bytes from which on a body is large."""
STEPS = (LARGE, 32 << 20)
"""Sizes in which a body of unknown size grows."""
MEDIUM_BUDGET = 32 << 20
LARGE_BUDGET = 96 << 20
WAIT_SECONDS = 10.0
RETRY_SECONDS = 10
DISCARD_SECONDS = 60.0
"""For the rest of a body that is refused: a client that cannot send it would not read the answer."""
KEY = "crashgraph.body"
"""Of the ASGI scope: what the request holds."""


class Budget:
    """Bytes that several requests share; who waits longest is served first."""

    def __init__(self, limit: int) -> None:
        """``limit`` is the most bytes in use, unless a single request has more."""
        self.used = 0
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Take bytes as soon as they are free; ``BusyError`` if they are not in time."""
        if not self._waiting and self.try_take(size):
            return
        free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, free))
        await asyncio.wait([free], timeout=WAIT_SECONDS)
        if not free.done():
            self._waiting.remove((size, free))
            self._serve()
            raise _busy()

    def try_take(self, size: int) -> bool:
        """Take bytes if they are free. From any thread."""
        with self._lock:
            if self.used and self.used + size > self._limit:
                return False
            self.used += size
            return True

    def give(self, size: int) -> None:
        """Give bytes back."""
        with self._lock:
            self.used -= size
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self.try_take(self._waiting[0][0]):
            self._waiting.popleft()[1].set_result(None)


class Held:
    """What one request holds."""

    def __init__(self, medium: Budget, large: Budget) -> None:
        """Nothing yet."""
        self._medium = medium
        self._large = large
        self._held = {medium: 0, large: 0}

    async def take(self, size: int) -> None:
        """Hold so many bytes, once they are free; ``BusyError`` if they are not in time."""
        if size > SMALL:
            budget = self._budget(size)
            await budget.take(size)
            self._held[budget] = size

    def grow(self, size: int) -> None:
        """Hold at least so many bytes, which there are by now; ``BusyError`` if they are not free. From any thread.

        It takes a step at once, so that not all of several growing ones are refused half-way.
        """
        held = sum(self._held.values())
        if size > max(SMALL, held):
            budget = self._budget(size)
            more = next((step for step in STEPS if step >= size), size) - held
            if not budget.try_take(more):
                raise _busy()
            self._held[budget] += more

    def give_all(self) -> None:
        """Hold nothing any more."""
        for budget, size in self._held.items():
            budget.give(size)
        self._held = dict.fromkeys(self._held, 0)

    def _budget(self, size: int) -> Budget:
        return self._large if size > LARGE else self._medium


class BodyBudget:
    """ASGI middleware: a request holds the size of its body until it is answered, and waits before it is read."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` answers the requests."""
        self._app = app
        self.medium = Budget(MEDIUM_BUDGET)
        self.large = Budget(LARGE_BUDGET)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, once there is room for its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held = scope[KEY] = Held(self.medium, self.large)
        try:
            await held.take(_stated_size(scope))
            await self._app(scope, _counted(receive, held), send)
        except BusyError as error:
            # Reading the body raised it: endpoints answer their own.
            held.give_all()
            await _discard(receive)
            await JSONResponse(_content(error), status_code=status_of(error), headers=headers_of(error))(scope, receive, send)
        finally:
            held.give_all()


def held_by(scope: Scope) -> Held | None:
    """What a request holds; ``None`` without the middleware."""
    held: Held | None = scope.get(KEY)
    return held


def _stated_size(scope: Scope) -> int:
    stated = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(stated[:20]) if stated.isdigit() else 0


def _counted(receive: Receive, held: Held) -> Receive:
    """``receive`` that raises once the body is larger than what is free."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        held.grow(size)
        return message

    return counted


async def _discard(receive: Receive) -> None:
    """Read the rest of a body."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while (await receive()).get("more_body", False):
                pass


def _content(error: BusyError) -> dict[str, object]:
    """What clients of the plain interface and of GraphQL each expect."""
    extensions = {"code": error.code, "retryAfter": error.retry_after}
    return {"code": error.code, "message": str(error), "errors": [{"message": str(error), "extensions": extensions}]}


def _busy() -> BusyError:
    return BusyError("other requests with large bodies are in progress; send this one again in a moment", RETRY_SECONDS)
