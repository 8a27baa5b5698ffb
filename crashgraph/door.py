"""A small process that holds the listening socket, so that clients of a service that is killed wait for the next one.

The service starts it and keeps one end of a pipe. Told over the pipe that the service ends in order, it ends too. When
the pipe closes without a word, the service was killed: then whoever starts next for the same home and port asks over a
Unix socket and is given the listening socket. If nobody comes within :data:`HELD_SECONDS`, the door is let go.

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
from pathlib import Path

HELD_SECONDS = 60.0
ASK_SECONDS = 3.0
BYE = b"."
PATH_LIMIT = 100
"""Bytes of the path of a Unix socket; most systems allow 108 or 104."""
AVAILABLE = hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")


def path_of(home: Path, port: int) -> Path:
    """Where the holder of a port's socket is asked."""
    return home.expanduser().absolute() / "run" / f"door-{port}.sock"


def taken_over(path: Path) -> socket.socket | None:
    """The listening socket of a service that was killed; ``None`` when none is held."""
    if not AVAILABLE or not path.exists():
        return None
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ASK_SECONDS)
        asking.connect(str(path))
        # The first byte only shows that we are still here.
        asking.recv(1)
        _, descriptors, _, _ = socket.recv_fds(asking, 1, 1)
        if descriptors:
            return socket.socket(fileno=descriptors[0])
    return None


@contextmanager
def held(listening: socket.socket, path: Path) -> Iterator[None]:
    """Have the socket held for as long as the context lasts, and beyond that if this process is killed."""
    if not AVAILABLE or len(os.fsencode(path)) > PATH_LIMIT:
        yield
        return
    asked = _asked_at(path)
    ours, theirs = os.pipe()
    passed = (listening.fileno(), asked.fileno(), ours)
    command = [sys.executable, "-I", "-S", __file__, str(path), *map(str, passed)]
    # A session of its own: Ctrl-C in a terminal is meant for the service, which then tells us.
    holder = subprocess.Popen(  # noqa: S603  # our own file
        command,
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    os.close(ours)
    asked.close()
    try:
        yield
    finally:
        with suppress(OSError):
            os.write(theirs, BYE)
        os.close(theirs)
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


def hold(path: Path, listening: socket.socket, asked: socket.socket, life: int) -> None:
    """Hold the socket until the service says good-bye, a successor has taken it, or nobody came in time."""
    if os.read(life, 1) != BYE:
        deadline = time.monotonic() + HELD_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            asked.settimeout(left)
            # Whoever asked while the service lived has gone by now.
            with suppress(OSError):
                successor, _ = asked.accept()
                successor.send(BYE)
                # A successor puts a socket of its own in this place as soon as it has ours.
                path.unlink(missing_ok=True)
                socket.send_fds(successor, [BYE], [listening.fileno()])
                return
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    _descriptors = [int(number) for number in sys.argv[2:]]
    hold(Path(sys.argv[1]), socket.socket(fileno=_descriptors[0]), socket.socket(fileno=_descriptors[1]), _descriptors[2])
