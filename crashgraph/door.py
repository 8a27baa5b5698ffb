"""A small process that holds the listening socket, so that clients of a service that is killed wait for the next one.

The service starts it and keeps one end of a line to it. Told over that line that the service ends in order, it ends too.
When the line breaks without a word, the service was killed: then whoever starts next for the same home and port asks over
a Unix socket and is given the listening socket. If nobody comes within :data:`HELD_SECONDS`, the door is let go.

It also has copies of the service's connections, and remembers, in memory, what the service has read from each and not answered
yet, and gives them along: their senders, some of whom never send again, wait for the answer of the next service. Where a
request might be carried out twice its connection breaks at once, as it would without the door; reports with an id are
remembered all the same.

Run as a program (``python door.py``) this file needs nothing but the standard library. Systems without Unix sockets
have no such door; all else works there as well.
"""

from __future__ import annotations

import os
import re
import select
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

HELD_SECONDS = 60.0
ASK_SECONDS = 3.0
TELL_SECONDS = 0.1
KEEP, FORGET, BYE = b"+", b"-", b"."
READ, ANSWERING, ANSWERED, GONE = b"r", b"a", b"d", b"c"
"""Of a connection: bytes were read from it; their answer has begun; nothing of them is unanswered; it is closed."""
HEAD = 13
"""Bytes before a record: what to do with it (1), its number (8), its length (4)."""
PATH_LIMIT = 100
"""Bytes of the path of a Unix socket; most systems allow 108 or 104."""
KEPT_LIMIT = 64 << 20
"""Bytes that are remembered; beyond that the oldest are forgotten."""
AGAIN = re.compile(rb"(?:GET|HEAD|OPTIONS) |POST /api/[^/ ]+/(?:envelope|store)/?[ ?]")
"""Requests that change nothing when they are done again: questions, and Sentry's events, which are known by their ids."""
AVAILABLE = hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of a service that was killed, and what that had read from it and not answered."""

    socket: socket.socket
    unanswered: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """What a service that was killed left behind: its listening socket, and what it had not answered."""

    listening: socket.socket
    unanswered: tuple[bytes, ...] = ()
    connections: tuple[Connection, ...] = ()


class Door:
    """What the holder is told while the service lives. Nothing here raises or waits: it is a precaution, no promise."""

    def __init__(self, line: socket.socket | None = None, passing: socket.socket | None = None) -> None:
        """Without a ``line`` there is no holder. Copies of connections go by ``passing``."""
        self._line = line
        self._passing = passing
        self._number = 0
        self._unsent = bytearray()

    def keep(self, record: bytes) -> int:
        """Have a record remembered until it is forgotten under the number that is returned."""
        self._number += 1
        if len(self._unsent) + len(record) < KEPT_LIMIT:
            self._tell(KEEP, self._number, record)
        return self._number

    def forget(self, number: int) -> None:
        """Have it forgotten."""
        self._tell(FORGET, number)

    def opened(self, descriptor: int) -> int:
        """Have a copy of a connection held; its number, 0 when it is not held."""
        if self._passing is None:
            return 0
        self._number += 1
        try:
            socket.send_fds(self._passing, [self._number.to_bytes(8, "big")], [descriptor])
        except OSError:
            return 0
        return self._number

    def tell(self, what: bytes, connection: int, data: bytes = b"") -> None:
        """What happens to a connection: one of READ, ANSWERING, ANSWERED and GONE.

        It waits a moment where the line is full: a part of what was read would be worse than nothing.
        """
        self._tell(what, connection, data)
        deadline = time.monotonic() + TELL_SECONDS
        while self._line is not None and not self.flush() and (left := deadline - time.monotonic()) > 0:
            select.select([], [self._line], [], left)

    def bye(self) -> None:
        """Say that the service ends in order."""
        if self._line is not None:
            self._line.settimeout(ASK_SECONDS)
            line = self._line
            self._tell(BYE, 0)
            line.close()
        if self._passing is not None:
            self._passing.close()

    def _tell(self, what: bytes, number: int, record: bytes = b"") -> None:
        if self._line is None:
            return
        self._unsent += what + number.to_bytes(8, "big") + len(record).to_bytes(4, "big") + record
        self.flush()

    def flush(self) -> bool:
        """Send what the line had no room for before; whether all is sent."""
        try:
            while self._unsent and self._line is not None:
                del self._unsent[: self._line.send(self._unsent[: 1 << 16])]
        except (BlockingIOError, TimeoutError):
            return False
        except OSError:
            # The holder is gone: there is nobody to tell, and nothing to wait for.
            for one in (self._line, self._passing):
                if one is not None:
                    one.close()
            self._line = self._passing = None
            self._unsent.clear()
        return not self._unsent


def path_of(home: Path, port: int) -> Path:
    """Where the holder of a port's socket is asked."""
    return home.expanduser().absolute() / "run" / f"door-{port}.sock"


def taken_over(path: Path) -> Left | None:
    """What a service that was killed left; ``None`` when nothing is held."""
    if not AVAILABLE or not path.exists():
        return None
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ASK_SECONDS)
        asking.connect(str(path))
        # The first byte only shows that we are still here.
        asking.recv(1)
        _, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
        if descriptors:
            left = Left(socket.socket(fileno=descriptors[0]))
            records, connections = list[bytes](), list[Connection]()
            for descriptor, record in _left(asking):
                if descriptor is None:
                    records.append(record)
                else:
                    connections.append(Connection(socket.socket(fileno=descriptor), record))
            return replace(left, unanswered=tuple(records), connections=tuple(connections))
    return None


def _left(asking: socket.socket) -> Iterator[tuple[int | None, bytes]]:
    """What follows the listening socket: a byte, with which a connection may come, then a record behind its length."""
    with suppress(OSError):
        while True:
            begin, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
            size = _exactly(asking, 4)
            if not begin or size is None or (record := _exactly(asking, int.from_bytes(size, "big"))) is None:
                return
            yield (descriptors[0] if descriptors else None), record


def _exactly(stream: socket.socket, size: int) -> bytes | None:
    """So many bytes; ``None`` when fewer come."""
    found = bytearray()
    while len(found) < size:
        if not (part := stream.recv(min(size - len(found), 1 << 16))):
            return None
        found += part
    return bytes(found)


@contextmanager
def held(listening: socket.socket, path: Path) -> Iterator[Door]:
    """Have the socket held for as long as the context lasts, and beyond that if this process is killed."""
    if not AVAILABLE or len(os.fsencode(path)) > PATH_LIMIT:
        yield Door()
        return
    asked = _asked_at(path)
    line, told = socket.socketpair()
    passing, copies = socket.socketpair()
    passed = (listening.fileno(), asked.fileno(), told.fileno(), copies.fileno())
    # A session of its own: Ctrl-C in a terminal is meant for the service, which then tells us.
    holder = subprocess.Popen(  # noqa: S603  # our own file
        [sys.executable, "-I", "-S", __file__, str(path), *map(str, passed)],
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    asked.close()
    told.close()
    copies.close()
    line.setblocking(False)
    passing.setblocking(False)
    door = Door(line, passing)
    try:
        yield door
    finally:
        door.bye()
        with suppress(subprocess.TimeoutExpired):
            holder.wait(ASK_SECONDS)


def _asked_at(path: Path) -> socket.socket:
    """The Unix socket, which only this user may connect to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asked.bind(str(path))
    path.chmod(0o600)
    asked.listen(8)
    return asked


@dataclass(slots=True)
class _Held:
    """A connection of the service: a copy of it, what was read from it and not answered, and what is known of its state."""

    number: int
    descriptor: int | None = None
    unanswered: bytearray = field(default_factory=bytearray)
    broken: bool = False
    gone: bool = False


class Holder:
    """The process that holds the door."""

    def __init__(
        self, path: Path, listening: socket.socket, asked: socket.socket, told: socket.socket, copies: socket.socket
    ) -> None:
        """``told`` and ``copies`` are the service's two lines, ``asked`` the Unix socket at ``path``."""
        self._path = path
        self._listening = listening
        self._asked = asked
        self._told = told
        self._copies = copies
        self._kept: dict[int, bytes] = {}
        self._size = 0
        self._connections: dict[int, _Held] = {}

    def run(self) -> None:
        """Hold until the service says good-bye, a successor has taken over, or nobody came in time."""
        if not self._service_ends_in_order():
            deadline = time.monotonic() + HELD_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                self._asked.settimeout(left)
                # Whoever asked while the service lived has gone by now.
                with suppress(OSError):
                    self._hand_over()
                    return
        self._path.unlink(missing_ok=True)

    def _service_ends_in_order(self) -> bool:
        """Take in what is told until the lines end; whether that was with a good-bye."""
        lines = selectors.DefaultSelector()
        lines.register(self._told, selectors.EVENT_READ)
        lines.register(self._copies, selectors.EVENT_READ)
        unread = bytearray()
        while lines.get_map():
            ready = {key.fileobj for key, _ in lines.select()}
            # A connection is known before anything is told of it.
            if self._copies in ready and not self._copied():
                lines.unregister(self._copies)
            if self._told in ready:
                part = b""
                with suppress(OSError):
                    part = self._told.recv(1 << 18)
                unread += part
                if self._take_in(unread):
                    return True
                if not part:
                    lines.unregister(self._told)
        if len(unread) >= HEAD and unread[:1] == READ:
            # The service was killed while it told this.
            self._of(int.from_bytes(unread[1:9], "big")).broken = True
        self._break_off()
        return False

    def _copied(self) -> bool:
        """Take a copy of a connection; ``False`` when no more come."""
        with suppress(OSError):
            number, descriptors, _, _ = socket.recv_fds(self._copies, 8, 1)
            for descriptor in descriptors:
                held = self._of(int.from_bytes(number, "big"))
                held.descriptor = descriptor
                self._let_go(held)
            return bool(number)
        return False

    def _of(self, number: int) -> _Held:
        return self._connections.setdefault(number, _Held(number))

    def _let_go(self, held: _Held) -> None:
        """Close the copy of a connection that is gone."""
        if held.gone and held.descriptor is not None:
            os.close(held.descriptor)
            del self._connections[held.number]

    def _take_in(self, unread: bytearray) -> bool:
        """Take in what is told in whole, and remove it from ``unread``; whether it was the good-bye."""
        while len(unread) >= HEAD:
            what, number = bytes(unread[:1]), int.from_bytes(unread[1:9], "big")
            end = HEAD + int.from_bytes(unread[9:HEAD], "big")
            if len(unread) < end:
                break
            record = bytes(unread[HEAD:end])
            del unread[:end]
            if what == BYE:
                return True
            if what in {KEEP, FORGET}:
                self._remember(number, record if what == KEEP else None)
            else:
                self._follow(what, number, record)
        return False

    def _remember(self, number: int, record: bytes | None) -> None:
        self._size -= len(self._kept.pop(number, b""))
        if record is not None:
            self._kept[number] = record
            self._size += len(record)
        while self._size > KEPT_LIMIT:
            self._size -= len(self._kept.pop(next(iter(self._kept))))

    def _follow(self, what: bytes, number: int, data: bytes) -> None:
        held = self._of(number)
        if what == READ:
            held.unanswered += data
        elif what == ANSWERING:
            held.broken = True
        elif what == ANSWERED:
            held.broken = False
            held.unanswered.clear()
        else:
            held.gone = True
            self._let_go(held)

    def _break_off(self) -> None:
        """Close connections that nobody can go on with, so that their clients know at once."""
        for held in [*self._connections.values()]:
            if held.broken or (held.unanswered and not AGAIN.match(held.unanswered)):
                held.gone = True
                self._let_go(held)

    def _hand_over(self) -> None:
        successor, _ = self._asked.accept()
        with successor:
            successor.settimeout(ASK_SECONDS)
            successor.send(BYE)
            # A successor puts a socket of its own in this place as soon as it has ours.
            self._path.unlink(missing_ok=True)
            socket.send_fds(successor, [BYE], [self._listening.fileno()])
            for record in self._kept.values():
                successor.sendall(KEEP + len(record).to_bytes(4, "big") + record)
            for held in self._connections.values():
                if held.descriptor is not None:
                    socket.send_fds(successor, [READ], [held.descriptor])
                    successor.sendall(len(held.unanswered).to_bytes(4, "big") + held.unanswered)


if __name__ == "__main__":
    Holder(Path(sys.argv[1]), *(socket.socket(fileno=int(number)) for number in sys.argv[2:])).run()
