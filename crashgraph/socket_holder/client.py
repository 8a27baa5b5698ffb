"""The service's side of the socket holder: start it, notify it, and take over from the holder of a killed service."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from crashgraph.socket_holder import process
from crashgraph.socket_holder.process import ANSWER_SECONDS, FORGET, MEMORY_LIMIT, ORDERLY_END, REMEMBER

NOTIFY_SECONDS = 0.1
PATH_LIMIT = 100
"""Bytes of the path of a Unix socket; most systems allow 108 or 104."""
AVAILABLE = hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")


@dataclass(frozen=True, slots=True)
class TakenConnection:
    """A connection of a killed service, and the bytes that it had read but not answered."""

    socket: socket.socket
    unanswered: bytes


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a successor receives: the listening socket, unanswered reports and open connections."""

    listening: socket.socket
    unanswered: tuple[bytes, ...] = ()
    connections: tuple[TakenConnection, ...] = ()


class HolderClient:
    """Notifies the holder. No method raises or blocks for long: the holder is best effort, never a guarantee."""

    def __init__(self, notifications: socket.socket | None = None, copies: socket.socket | None = None) -> None:
        """Without ``notifications`` there is no holder and every call is a no-op."""
        self._notifications = notifications
        self._copies = copies
        self._number = 0
        self._unsent = bytearray()

    def remember(self, record: bytes) -> int:
        """Have a record kept until :meth:`forget` is called with the returned number."""
        self._number += 1
        if len(self._unsent) + len(record) < MEMORY_LIMIT:
            self._send(REMEMBER, self._number, record)
        return self._number

    def forget(self, number: int) -> None:
        """Drop a record."""
        self._send(FORGET, number)

    def connection_opened(self, descriptor: int) -> int:
        """Pass a copy of a connection; returns its number, or 0 if it is not held."""
        if self._copies is None:
            return 0
        self._number += 1
        try:
            socket.send_fds(self._copies, [self._number.to_bytes(8, "big")], [descriptor])
        except OSError:
            return 0
        return self._number

    def notify(self, event: bytes, connection: int, data: bytes = b"") -> None:
        """Send one of READ, RESPONSE_STARTED, RESPONSE_SENT and CLOSED.

        Blocks up to :data:`NOTIFY_SECONDS` if the line is full, since a partial request would be worse than none.
        """
        self._send(event, connection, data)
        deadline = time.monotonic() + NOTIFY_SECONDS
        while self._notifications is not None and not self.flush() and (left := deadline - time.monotonic()) > 0:
            select.select([], [self._notifications], [], left)

    def end(self) -> None:
        """Announce an orderly end."""
        if self._notifications is not None:
            self._notifications.settimeout(ANSWER_SECONDS)
            line = self._notifications
            self._send(ORDERLY_END, 0)
            line.close()
        if self._copies is not None:
            self._copies.close()

    def _send(self, kind: bytes, number: int, record: bytes = b"") -> None:
        if self._notifications is None:
            return
        self._unsent += kind + number.to_bytes(8, "big") + len(record).to_bytes(4, "big") + record
        self.flush()

    def flush(self) -> bool:
        """Send what did not fit before; true if nothing is left."""
        try:
            while self._unsent and self._notifications is not None:
                del self._unsent[: self._notifications.send(self._unsent[: 1 << 16])]
        except (BlockingIOError, TimeoutError):
            return False
        except OSError:
            # The holder has exited.
            for line in (self._notifications, self._copies):
                if line is not None:
                    line.close()
            self._notifications = self._copies = None
            self._unsent.clear()
        return not self._unsent


def socket_path(home: Path, port: int) -> Path:
    """The Unix socket at which a successor asks for the listening socket of a port."""
    return home.expanduser().absolute() / "run" / f"holder-{port}.sock"


def take_over(path: Path) -> Takeover | None:
    """Receive what a killed service left; ``None`` if nothing is held."""
    if not AVAILABLE or not path.exists():
        return None
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as holder:
        holder.settimeout(ANSWER_SECONDS)
        holder.connect(str(path))
        # The first byte only proves that we are still connected.
        holder.recv(1)
        _, descriptors, _, _ = socket.recv_fds(holder, 1, 1)
        if descriptors:
            takeover = Takeover(socket.socket(fileno=descriptors[0]))
            records, connections = list[bytes](), list[TakenConnection]()
            for descriptor, record in _handed_over(holder):
                if descriptor is None:
                    records.append(record)
                else:
                    connections.append(TakenConnection(socket.socket(fileno=descriptor), record))
            return replace(takeover, unanswered=tuple(records), connections=tuple(connections))
    return None


def _handed_over(holder: socket.socket) -> Iterator[tuple[int | None, bytes]]:
    """Pairs of descriptor and record: a byte, possibly with a descriptor, then the record behind its length."""
    with suppress(OSError):
        while True:
            begin, descriptors, _, _ = socket.recv_fds(holder, 1, 1)
            size = _read_exactly(holder, 4)
            if not begin or size is None or (record := _read_exactly(holder, int.from_bytes(size, "big"))) is None:
                return
            yield (descriptors[0] if descriptors else None), record


def _read_exactly(stream: socket.socket, size: int) -> bytes | None:
    """``size`` bytes; ``None`` if fewer arrive."""
    data = bytearray()
    while len(data) < size:
        if not (part := stream.recv(min(size - len(data), 1 << 16))):
            return None
        data += part
    return bytes(data)


@contextmanager
def hold_socket(listening: socket.socket, path: Path) -> Iterator[HolderClient]:
    """Run a holder for the socket while the context lasts; it outlives this process if that is killed."""
    if not AVAILABLE or len(os.fsencode(path)) > PATH_LIMIT:
        yield HolderClient()
        return
    requests = _request_socket(path)
    notifications, notified = socket.socketpair()
    copies, copied = socket.socketpair()
    passed = (listening.fileno(), requests.fileno(), notified.fileno(), copied.fileno())
    # In its own session: Ctrl-C in a terminal reaches the service, which then announces its end.
    holder = subprocess.Popen(  # noqa: S603  # our own file
        [sys.executable, "-I", "-S", process.__file__, str(path), *map(str, passed)],
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    requests.close()
    notified.close()
    copied.close()
    notifications.setblocking(False)
    copies.setblocking(False)
    client = HolderClient(notifications, copies)
    try:
        yield client
    finally:
        client.end()
        with suppress(subprocess.TimeoutExpired):
            holder.wait(ANSWER_SECONDS)


def _request_socket(path: Path) -> socket.socket:
    """A Unix socket that only this user may connect to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    requests = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    requests.bind(str(path))
    path.chmod(0o600)
    requests.listen(8)
    return requests
