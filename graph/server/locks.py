"""Locks between processes. The kernel drops each one when its holder dies, ``kill -9`` included.

Four locks matter. A process that holds several took them in this order:

``<role>.lock`` (one holder, the life of a command)
    ``HomeLock``.
``start.lock`` (one holder, seconds)
    every change between running and stopped, and every attach, happens under it.
``lease.lock`` (shared, as long as the server is used)
    whoever uses the server holds it. Only someone who holds ``start.lock`` may try it exclusively, and
    only without waiting: that asks "does anybody use the server?".
``cache.lock`` (one holder, across homes, while jars are fetched)
    whoever holds it waits for no other lock.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import portalocker
import psutil

from graph.model.errors import AlreadyRunningError, ServerError
from graph.server.files import write_atomic
from graph.server.layout import Layout

POLL_S = 0.05


class FileLock:
    """One lock on one file. Two objects on the same path exclude each other within a process too."""

    def __init__(self, path: Path) -> None:
        """Not taken yet; the file is made when it is."""
        self.path = path
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._file is not None

    def try_lock(self, *, shared: bool = False) -> bool:
        """Take it if that is possible at once."""
        if self._file is not None:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        flags = portalocker.LockFlags.SHARED if shared else portalocker.LockFlags.EXCLUSIVE
        try:
            portalocker.lock(file, flags | portalocker.LockFlags.NON_BLOCKING)
        except (portalocker.LockException, portalocker.AlreadyLocked):
            file.close()
            return False
        except BaseException:
            file.close()
            raise
        self._file = file
        return True

    def unlock(self) -> None:
        """Give it back; the file stays, since removing it would let two holders in."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(portalocker.LockException, OSError):
                portalocker.unlock(file)
            file.close()

    @contextmanager
    def wait(self, timeout: float, what: str, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold it exclusively, waiting up to ``timeout`` seconds.

        ``what`` completes "another crashgraph (process 12) is …". Raises ServerError when time is up.
        """
        deadline = time.monotonic() + timeout
        told = False
        while not self.try_lock():
            if time.monotonic() > deadline:
                raise ServerError(
                    f"another crashgraph{_named(self._holder())} has been {what} for {timeout:.0f} s ({self.path}); "
                    "wait for it or end it, then try again"
                )
            if on_wait and not told:
                told = True
                on_wait(f"another crashgraph{_named(self._holder())} is {what}; waiting for it")
            time.sleep(POLL_S)
        try:
            write_atomic(self._holder_path, str(os.getpid()))
            yield
        finally:
            self.unlock()

    @property
    def _holder_path(self) -> Path:
        # Beside the lock, not in it: on Windows a locked file is unreadable to other processes.
        return self.path.with_suffix(".pid")

    def _holder(self) -> str:
        with suppress(OSError):
            return self._holder_path.read_text(encoding="utf-8").strip()
        return ""


class HomeLock:
    """One command of a kind per home: ``with HomeLock(home, "up") as lock: … lock.announce(address)``.

    A second one raises AlreadyRunningError that names the first by process and address.
    """

    def __init__(self, home: Path, role: str) -> None:
        """``role`` is the command's name."""
        self._layout = Layout(home.expanduser().absolute())
        self._role = role
        self._lock = FileLock(self._layout.run / f"{role}.lock")
        self._about = self._layout.run / f"{role}.json"

    def acquire(self) -> None:
        """Take it or raise AlreadyRunningError."""
        self._layout.create()
        if not self._lock.try_lock():
            raise AlreadyRunningError(self._who())
        self.announce("")

    def announce(self, address: str) -> None:
        """Say where this command answers, for whoever comes second."""
        write_atomic(self._about, json.dumps({"pid": os.getpid(), "address": address}))

    def release(self) -> None:
        """Let the next one in."""
        if self._lock.held:
            self._about.unlink(missing_ok=True)
            self._lock.unlock()

    @property
    def announced(self) -> str:
        """Where the command that runs for this home answers; empty when none runs or none said."""
        return str(self._told().get("address") or "") if psutil.pid_exists(_number(self._told().get("pid"))) else ""

    def _told(self) -> dict[str, object]:
        with suppress(OSError, ValueError):
            return dict(json.loads(self._about.read_text(encoding="utf-8")))
        return {}

    def _who(self) -> str:
        about = self._told()
        pid, address = about.get("pid"), about.get("address")
        where = f" at {address}" if address else ""
        return (
            f"crashgraph {self._role} already runs for {self._layout.home}{_named(str(pid or ''))}{where}; "
            "use it, stop it, or choose another home with CRASHGRAPH_HOME"
        )

    def __enter__(self) -> Self:
        """``acquire()``."""
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """``release()``."""
        self.release()


def _number(pid: object) -> int:
    return pid if isinstance(pid, int) and pid > 0 else 0


def _named(pid: str) -> str:
    return f" (process {pid})" if pid else ""
