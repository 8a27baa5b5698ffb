"""A small process that holds the listening socket, so that clients of a service that is killed wait for the next one.

The service starts it and keeps one end of a line to it. Told over that line that the service ends in order, it ends too.
When the line breaks without a word, the service was killed: then whoever starts next for the same home and port asks over
a Unix socket and is given the listening socket. If nobody comes within :data:`HELD_SECONDS`, the door is let go.

It also remembers, in memory, reports that the service has read and not answered yet, and gives them along: their senders
see a broken connection, and some never send again.

Run as a program (``python door.py``) this file needs nothing but the standard library. Systems without Unix sockets
have no such door; all else works there as well.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HELD_SECONDS = 60.0
ASK_SECONDS = 3.0
KEEP, FORGET, BYE = b"+", b"-", b"."
HEAD = 13
"""Bytes before a record: what to do with it (1), its number (8), its length (4)."""
PATH_LIMIT = 100
"""Bytes of the path of a Unix socket; most systems allow 108 or 104."""
KEPT_LIMIT = 64 << 20
"""Bytes that are remembered; beyond that the oldest are forgotten."""
AVAILABLE = hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")


@dataclass(frozen=True, slots=True)
class Left:
    """What a service that was killed left behind: its listening socket, and what it had not answered."""

    listening: socket.socket
    unanswered: tuple[bytes, ...] = ()


class Door:
    """What the holder is told while the service lives. Nothing here raises or waits: it is a precaution, no promise."""

    def __init__(self, line: socket.socket | None = None) -> None:
        """Without a ``line`` there is no holder."""
        self._line = line
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

    def bye(self) -> None:
        """Say that the service ends in order."""
        if self._line is not None:
            self._line.settimeout(ASK_SECONDS)
            self._tell(BYE, 0)
            self._line.close()

    def _tell(self, what: bytes, number: int, record: bytes = b"") -> None:
        if self._line is None:
            return
        self._unsent += what + number.to_bytes(8, "big") + len(record).to_bytes(4, "big") + record
        self.flush()

    def flush(self) -> bool:
        """Send what the line had no room for before; whether all is sent."""
        with suppress(OSError):
            while self._unsent and self._line is not None:
                del self._unsent[: self._line.send(self._unsent[: 1 << 16])]
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
            return Left(socket.socket(fileno=descriptors[0]), tuple(_records(asking)))
    return None


def _records(asking: socket.socket) -> Iterator[bytes]:
    """What follows the socket: each record behind its length."""
    with suppress(OSError), asking.makefile("rb") as stream:
        while head := stream.read(4):
            yield stream.read(int.from_bytes(head, "big"))


@contextmanager
def held(listening: socket.socket, path: Path) -> Iterator[Door]:
    """Have the socket held for as long as the context lasts, and beyond that if this process is killed."""
    if not AVAILABLE or len(os.fsencode(path)) > PATH_LIMIT:
        yield Door()
        return
    asked = _asked_at(path)
    line, told = socket.socketpair()
    passed = (listening.fileno(), asked.fileno(), told.fileno())
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
    line.setblocking(False)
    door = Door(line)
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


class Holder:
    """The process that holds the door."""

    def __init__(self, path: Path, listening: socket.socket, asked: socket.socket, told: socket.socket) -> None:
        """``told`` is the end of the line, ``asked`` the Unix socket at ``path``."""
        self._path = path
        self._listening = listening
        self._asked = asked
        self._told = told
        self._kept: dict[int, bytes] = {}
        self._size = 0

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
        """Take in what is told until the line ends; whether it ended with a good-bye."""
        with suppress(OSError), self._told.makefile("rb") as line:
            while len(head := line.read(HEAD)) == HEAD:
                what, number = head[:1], int.from_bytes(head[1:9], "big")
                length = int.from_bytes(head[9:], "big")
                record = line.read(length)
                if what == BYE:
                    return True
                self._size -= len(self._kept.pop(number, b""))
                if what == KEEP and len(record) == length:
                    self._kept[number] = record
                    self._size += length
                while self._size > KEPT_LIMIT:
                    self._size -= len(self._kept.pop(next(iter(self._kept))))
        return False

    def _hand_over(self) -> None:
        successor, _ = self._asked.accept()
        with successor:
            successor.settimeout(ASK_SECONDS)
            successor.send(BYE)
            # A successor puts a socket of its own in this place as soon as it has ours.
            self._path.unlink(missing_ok=True)
            socket.send_fds(successor, [BYE], [self._listening.fileno()])
            for record in self._kept.values():
                successor.sendall(len(record).to_bytes(4, "big") + record)


if __name__ == "__main__":
    Holder(Path(sys.argv[1]), *(socket.socket(fileno=int(number)) for number in sys.argv[2:])).run()
