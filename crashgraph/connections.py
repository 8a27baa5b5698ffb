"""Bounds on connections: how many there are, and how long a request's head, its body and the reading of an answer may take.

A connection without a request in progress is idle, whether it is kept alive or sends its head byte by byte. If there are too
many connections, the one that has been idle longest is closed, of those that never had a request if there are any. So clients
that hold connections cannot keep others out.
"""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING, Any

import h11
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from graph.model.errors import BusyError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE_SECONDS = 15.0
"""From the start of a connection, or the end of an answer, to the end of the next request's head."""
BODY_SECONDS = 60.0
"""From the first read of a request's body to its end."""
READ_SECONDS = 60.0
"""How long a client may take nothing of an answer."""
ACCEPTED_AT_ONCE = 64
"""asyncio accepts this many connections before any is served; if descriptors run out, each of them fails and is logged."""
DESCRIPTORS = 16_384
"""What the process asks for, if the system lets it."""
KEPT_DESCRIPTORS = 256
"""For files, Neo4j and connections that are accepted but not counted yet."""
ALWAYS = "/healthz"
RETRY_SECONDS = 1


class Bounds:
    """The connections of one server.

    ``idle`` has those without a request in progress, longest first, and ``unused`` those of them that never had one.
    """

    def __init__(self, limit: int) -> None:
        """``limit`` is lowered to what the system allows."""
        self.limit = min(limit, _descriptors() - KEPT_DESCRIPTORS)
        self.idle: dict[BoundedProtocol, None] = {}
        self.unused: dict[BoundedProtocol, None] = {}

    def longest_idle(self) -> BoundedProtocol | None:
        """The one to close first."""
        return next(iter(self.unused or self.idle), None)


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol with the bounds; made by :func:`bounded_protocol`."""

    bounds: Bounds
    _idle_timer: asyncio.TimerHandle | None = None
    _read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        """Make room, or refuse the requests of this connection if all others are busy."""
        super().connection_made(transport)
        if len(self.connections) > self.bounds.limit:
            longest = self.bounds.longest_idle()
            if longest is not None:
                longest.end()
            else:
                self.app = _only_health(self.app)
        self._become_idle()
        self.bounds.unused[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._become_busy()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Note when a head is complete."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before or self not in self.connections:
            self._become_busy()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._become_idle()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """End the connection of a client that stops reading its answer."""
        super().pause_writing()
        self._stop_waiting_for_reader()
        self._read_timer = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def end(self) -> None:
        """Close the connection, with 408 if a head was begun."""
        self._become_busy()
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            headers = [(b"content-length", b"0"), (b"connection", b"close")]
            answer = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            self.transport.write((self.conn.send(answer) or b"") + (self.conn.send(h11.EndOfMessage()) or b""))
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _become_idle(self) -> None:
        self._become_busy()
        self.bounds.idle[self] = None
        self._idle_timer = self.loop.call_later(IDLE_SECONDS, self.end)

    def _become_busy(self) -> None:
        self.bounds.idle.pop(self, None)
        self.bounds.unused.pop(self, None)
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    def _stop_waiting_for_reader(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()


def bounded_protocol(limit: int) -> type[asyncio.Protocol]:
    """The protocol class for one server with at most ``limit`` connections."""

    class Bounded(BoundedProtocol):
        bounds = Bounds(limit)

    return Bounded


class BodyTimeLimit:
    """ASGI middleware: answers 408 if a request's body takes too long."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` answers the requests."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, _in_time(receive) if scope["type"] == "http" else receive, send)


def _in_time(receive: Receive) -> Receive:
    """``receive`` that raises once the body has taken too long. What comes after the body may take any time."""
    deadline: float | None = None
    complete = False

    async def receive_in_time() -> Message:
        nonlocal deadline, complete
        if complete:
            return await receive()
        deadline = deadline or asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            detail = f"the body of the request took more than {BODY_SECONDS:.0f} seconds"
            raise HTTPException(408, detail, {"Connection": "close"}) from None
        complete = not message.get("more_body", False)
        return message

    return receive_in_time


def _only_health(app: Any) -> Any:
    """The application for a connection above the limit."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != ALWAYS:
            content = {"code": BusyError.code, "message": "too many connections are busy; retry in a moment"}
            headers = {"Retry-After": str(RETRY_SECONDS), "Connection": "close"}
            await JSONResponse(content, status_code=503, headers=headers)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer


def _descriptors() -> int:
    """The most open files of this process, raised as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
