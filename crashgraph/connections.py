"""Connections that outlive a service that is killed: the holder of the door has a copy of each.

What was read and not answered is answered by the next service, where doing it again changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from crashgraph.door import ANSWERED, ANSWERING, GONE, READ, Connection, Door

UNANSWERED_LIMIT = 1 << 16
"""Bytes of a request; a longer one is not held. The line to the holder has room for some of them at any moment."""


def protocol(door: Door) -> type[asyncio.Protocol]:
    """The protocol of uvicorn, which tells the door what happens to each connection."""

    class Held(H11Protocol):
        """A connection that is held."""

        _number = 0
        _read = 0
        _answering = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            """Have a copy of it held."""
            self._number = door.opened(transport.get_extra_info("socket").fileno())
            super().connection_made(cast("asyncio.Transport", _Witness(transport, self._begins)))

        def connection_lost(self, exc: Exception | None) -> None:
            """Close it for the client too, which the copy alone would keep open."""
            super().connection_lost(exc)
            self._let_go()
            with suppress(OSError):
                self.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

        def data_received(self, data: bytes) -> None:
            """Have what is read remembered before anything is done with it."""
            if self._number:
                self._read += len(data)
                if self._read > UNANSWERED_LIMIT or self._answering:
                    self._let_go()
                else:
                    door.tell(READ, self._number, data)
            super().data_received(data)

        def on_response_complete(self) -> None:
            """What was read is answered."""
            super().on_response_complete()
            if self._number and self._answering:
                self._read, self._answering = 0, False
                door.tell(ANSWERED, self._number)

        def handle_websocket_upgrade(self, event: Any) -> None:
            """A conversation that the next service does not know is not held."""
            self._let_go()
            super().handle_websocket_upgrade(event)

        def _begins(self) -> None:
            if self._number and not self._answering:
                self._answering = True
                door.tell(ANSWERING, self._number)

        def _let_go(self) -> None:
            if self._number:
                door.tell(GONE, self._number)
                self._number = 0

    return Held


class _Witness:
    """A transport that says before it writes."""

    def __init__(self, transport: asyncio.Transport, begins: Callable[[], None]) -> None:
        self._transport = transport
        self._begins = begins

    def write(self, data: bytes) -> None:
        """As the transport."""
        self._begins()
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def resume(made: Callable[[], asyncio.Protocol], connections: Iterable[Connection]) -> int:
    """Go on with the connections of a service that was killed, answering what it had not; how many there are."""
    loop = asyncio.get_running_loop()
    resumed = 0
    for connection in connections:
        # A client that has gone meanwhile is noticed here or at the first read.
        with suppress(OSError):
            _, held = await loop.connect_accepted_socket(made, connection.socket)
            resumed += 1
            if connection.unanswered:
                held.data_received(connection.unanswered)
    return resumed
