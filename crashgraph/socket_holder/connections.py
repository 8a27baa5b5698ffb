"""HTTP connections that survive a killed service: the holder has a copy of each.

Requests that were read but not answered are answered by the successor if repeating them has no second effect.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from crashgraph.socket_holder.client import HolderClient, TakenConnection
from crashgraph.socket_holder.process import CLOSED, READ, RESPONSE_SENT, RESPONSE_STARTED

UNANSWERED_LIMIT = 1 << 16
"""Bytes of a request; larger ones are not mirrored, so that the line to the holder has room for several at a time."""


def mirrored_protocol(holder: HolderClient) -> type[asyncio.Protocol]:
    """The HTTP protocol of uvicorn, which also notifies the holder of connection events."""

    class MirroredProtocol(H11Protocol):
        """One mirrored connection; number 0 means that it is not mirrored."""

        _number = 0
        _read = 0
        _responding = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            """Pass a copy to the holder."""
            self._number = holder.connection_opened(transport.get_extra_info("socket").fileno())
            super().connection_made(cast("asyncio.Transport", _ObservedTransport(transport, self._response_starts)))

        def connection_lost(self, exc: Exception | None) -> None:
            """Shut the socket down, which the holder's copy would otherwise keep open for the client."""
            super().connection_lost(exc)
            self._stop_mirroring()
            with suppress(OSError):
                self.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

        def data_received(self, data: bytes) -> None:
            """Mirror bytes before they are processed."""
            if self._number:
                self._read += len(data)
                if self._read > UNANSWERED_LIMIT or self._responding:
                    self._stop_mirroring()
                else:
                    holder.notify(READ, self._number, data)
            super().data_received(data)

        def on_response_complete(self) -> None:
            """Mark what was read as answered."""
            super().on_response_complete()
            if self._number and self._responding:
                self._read, self._responding = 0, False
                holder.notify(RESPONSE_SENT, self._number)

        def handle_websocket_upgrade(self, event: Any) -> None:
            """Stop mirroring: a successor does not know the state of a WebSocket."""
            self._stop_mirroring()
            super().handle_websocket_upgrade(event)

        def _response_starts(self) -> None:
            if self._number and not self._responding:
                self._responding = True
                holder.notify(RESPONSE_STARTED, self._number)

        def _stop_mirroring(self) -> None:
            if self._number:
                holder.notify(CLOSED, self._number)
                self._number = 0

    return MirroredProtocol


class _ObservedTransport:
    """A transport that calls back before each write."""

    def __init__(self, transport: asyncio.Transport, before_write: Callable[[], None]) -> None:
        self._transport = transport
        self._before_write = before_write

    def write(self, data: bytes) -> None:
        """Call back, then write."""
        self._before_write()
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def resume_connections(make_protocol: Callable[[], asyncio.Protocol], connections: Iterable[TakenConnection]) -> int:
    """Continue connections of a killed service and answer their pending requests; returns how many were resumed."""
    loop = asyncio.get_running_loop()
    resumed = 0
    for connection in connections:
        # A client that has disconnected meanwhile is noticed here or at the first read.
        with suppress(OSError):
            _, protocol = await loop.connect_accepted_socket(make_protocol, connection.socket)
            resumed += 1
            if connection.unanswered:
                protocol.data_received(connection.unanswered)
    return resumed
