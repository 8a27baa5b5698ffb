"""The process that holds the listening socket, so that clients of a killed service wait for its successor.

The service starts it and keeps one end of two socket pairs: one carries notifications, the other copies of connections.
If the service announces an orderly end, this process ends too. If both lines break without that, the service was killed:
the next service of the same home and port connects to a Unix socket and receives the listening socket. Without a
successor the process exits after :data:`HOLD_SECONDS`.

It also keeps, in memory, the bytes that the service has read from each connection but not answered, and hands them over
with the connection, since some senders never retry. A connection is closed at once if repeating its request could have
an effect twice; reports with an id are remembered regardless.

Run as a program (``python process.py``), so it may import only the standard library. On systems without Unix sockets no
holder is started.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

HOLD_SECONDS = 60.0
ANSWER_SECONDS = 3.0
REMEMBER, FORGET, ORDERLY_END = b"+", b"-", b"."
READ, RESPONSE_STARTED, RESPONSE_SENT, CLOSED = b"r", b"a", b"d", b"c"
"""Connection events: bytes were read; a response has begun; the response is complete; the connection is closed."""
HEAD = 13
"""Bytes before a record: kind (1), number (8), length (4)."""
MEMORY_LIMIT = 64 << 20
"""Bytes of records kept; beyond that the oldest are dropped."""
REPEATABLE = re.compile(rb"(?:GET|HEAD|OPTIONS) |POST /api/[^/ ]+/(?:envelope|store)/?[ ?]")
"""Requests without a second effect when repeated: reads, and Sentry events, which are stored once per event id."""


@dataclass(slots=True)
class ConnectionCopy:
    """A copy of one connection of the service.

    ``broken``: a response has begun, so the request cannot be repeated. ``closed``: the service has closed it.
    """

    number: int
    descriptor: int | None = None
    unanswered: bytearray = field(default_factory=bytearray)
    broken: bool = False
    closed: bool = False


class HolderProcess:
    """Holds the socket, mirrors connections and hands both to a successor."""

    def __init__(
        self,
        path: Path,
        listening: socket.socket,
        requests: socket.socket,
        notifications: socket.socket,
        copies: socket.socket,
    ) -> None:
        """``notifications`` and ``copies`` are the lines to the service; ``requests`` is the Unix socket at ``path``."""
        self._path = path
        self._listening = listening
        self._requests = requests
        self._notifications = notifications
        self._copies = copies
        self._records: dict[int, bytes] = {}
        self._size = 0
        self._connections: dict[int, ConnectionCopy] = {}

    def run(self) -> None:
        """Hold until the service ends in order, a successor takes over, or the time is up."""
        if not self._service_ends_in_order():
            deadline = time.monotonic() + HOLD_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                self._requests.settimeout(left)
                # A client that connected while the service was alive has disconnected by now.
                with suppress(OSError):
                    self._hand_over()
                    return
        self._path.unlink(missing_ok=True)

    def _service_ends_in_order(self) -> bool:
        """Process notifications until the lines end; true if an orderly end was announced."""
        lines = selectors.DefaultSelector()
        lines.register(self._notifications, selectors.EVENT_READ)
        lines.register(self._copies, selectors.EVENT_READ)
        unread = bytearray()
        while lines.get_map():
            ready = {key.fileobj for key, _ in lines.select()}
            # Copies first: a connection must exist before its events are applied.
            if self._copies in ready and not self._receive_copy():
                lines.unregister(self._copies)
            if self._notifications in ready:
                part = b""
                with suppress(OSError):
                    part = self._notifications.recv(1 << 18)
                unread += part
                if self._process(unread):
                    return True
                if not part:
                    lines.unregister(self._notifications)
        if len(unread) >= HEAD and unread[:1] == READ:
            # The service was killed while it sent this notification.
            self._connection(int.from_bytes(unread[1:9], "big")).broken = True
        self._close_unrepeatable()
        return False

    def _receive_copy(self) -> bool:
        """Receive one connection; false at the end of the line."""
        with suppress(OSError):
            number, descriptors, _, _ = socket.recv_fds(self._copies, 8, 1)
            for descriptor in descriptors:
                connection = self._connection(int.from_bytes(number, "big"))
                connection.descriptor = descriptor
                self._drop_if_closed(connection)
            return bool(number)
        return False

    def _connection(self, number: int) -> ConnectionCopy:
        return self._connections.setdefault(number, ConnectionCopy(number))

    def _drop_if_closed(self, connection: ConnectionCopy) -> None:
        if connection.closed and connection.descriptor is not None:
            os.close(connection.descriptor)
            del self._connections[connection.number]

    def _process(self, unread: bytearray) -> bool:
        """Apply and remove the complete notifications in ``unread``; true if one was the orderly end."""
        while len(unread) >= HEAD:
            kind, number = bytes(unread[:1]), int.from_bytes(unread[1:9], "big")
            end = HEAD + int.from_bytes(unread[9:HEAD], "big")
            if len(unread) < end:
                break
            record = bytes(unread[HEAD:end])
            del unread[:end]
            if kind == ORDERLY_END:
                return True
            if kind in {REMEMBER, FORGET}:
                self._set_record(number, record if kind == REMEMBER else None)
            else:
                self._apply(kind, number, record)
        return False

    def _set_record(self, number: int, record: bytes | None) -> None:
        self._size -= len(self._records.pop(number, b""))
        if record is not None:
            self._records[number] = record
            self._size += len(record)
        while self._size > MEMORY_LIMIT:
            self._size -= len(self._records.pop(next(iter(self._records))))

    def _apply(self, kind: bytes, number: int, data: bytes) -> None:
        connection = self._connection(number)
        if kind == READ:
            connection.unanswered += data
        elif kind == RESPONSE_STARTED:
            connection.broken = True
        elif kind == RESPONSE_SENT:
            connection.broken = False
            connection.unanswered.clear()
        else:
            connection.closed = True
            self._drop_if_closed(connection)

    def _close_unrepeatable(self) -> None:
        """Close connections that no successor can continue, so that their clients notice at once."""
        for connection in [*self._connections.values()]:
            if connection.broken or (connection.unanswered and not REPEATABLE.match(connection.unanswered)):
                connection.closed = True
                self._drop_if_closed(connection)

    def _hand_over(self) -> None:
        successor, _ = self._requests.accept()
        with successor:
            successor.settimeout(ANSWER_SECONDS)
            successor.send(ORDERLY_END)
            # The successor binds its own Unix socket at this path once it has the listening socket.
            self._path.unlink(missing_ok=True)
            socket.send_fds(successor, [ORDERLY_END], [self._listening.fileno()])
            for record in self._records.values():
                successor.sendall(REMEMBER + len(record).to_bytes(4, "big") + record)
            for connection in self._connections.values():
                if connection.descriptor is not None:
                    socket.send_fds(successor, [READ], [connection.descriptor])
                    successor.sendall(len(connection.unanswered).to_bytes(4, "big") + connection.unanswered)


if __name__ == "__main__":
    HolderProcess(Path(sys.argv[1]), *(socket.socket(fileno=int(number)) for number in sys.argv[2:])).run()
