"""Locks between processes. The kernel drops them when their holder dies, also by ``kill -9``.

A process that needs several of the four takes them in this order:

``<role>.lock`` (one holder, the life of a command)
    ``HomeLock``.
``start.lock`` (one holder, seconds)
    held for every start, stop and attach.
``lease.lock`` (shared, as long as the server is used)
    held by each user of the server. Under ``start.lock``, trying it exclusively without waiting tests whether the
    server has users.
``cache.lock`` (one holder, across homes, while jars are fetched)
    its holder waits for no other lock.
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
        """Not acquired yet; the file is created on acquisition."""
        self.path = path
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def try_lock(self, *, shared: bool = False) -> bool:
        """Acquire the lock without waiting; false if that is not possible."""
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
        """Release the lock. The file stays: removing it would allow two holders."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(portalocker.LockException, OSError):
                portalocker.unlock(file)
            file.close()

    @contextmanager
    def wait(self, timeout: float, activity: str, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the lock exclusively, waiting up to ``timeout`` seconds, then raise ServerError.

        ``activity`` completes the message "another crashgraph (process 12) is …".
        """
        deadline = time.monotonic() + timeout
        noted = False
        while not self.try_lock():
            if time.monotonic() > deadline:
                raise ServerError(
                    f"another crashgraph{_named(self._holder())} has been {activity} for {timeout:.0f} s ({self.path}); "
                    "wait for it or end it, then try again"
                )
            if on_wait and not noted:
                noted = True
                on_wait(f"another crashgraph{_named(self._holder())} is {activity}; waiting for it")
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
    """Allows one command of a role per home: ``with HomeLock(home, "up") as lock: … lock.announce(address)``.

    For a second one, raises AlreadyRunningError with the process and address of the first.
    """

    def __init__(self, home: Path, role: str) -> None:
        """``role`` is the name of the command."""
        self._layout = Layout(home.expanduser().absolute())
        self._role = role
        self._lock = FileLock(self._layout.run / f"{role}.lock")
        self._about = self._layout.run / f"{role}.json"
        self.left_behind = ""
        """Once acquired: the address of the last command of this role, if it was killed."""

    def acquire(self) -> None:
        """Acquire the lock or raise AlreadyRunningError."""
        self._layout.create()
        if not self._lock.try_lock():
            raise AlreadyRunningError(self._already_running())
        self.left_behind = str(self._published().get("address") or "")
        self.announce("")

    def announce(self, address: str) -> None:
        """Publish the address of this command for later ones."""
        write_atomic(self._about, json.dumps({"pid": os.getpid(), "address": address}))

    def release(self) -> None:
        """Release the lock."""
        if self._lock.held:
            self._about.unlink(missing_ok=True)
            self._lock.unlock()

    @property
    def announced(self) -> str:
        """The address of the running command of this home; empty if none is running or none is published."""
        return str(self._published().get("address") or "") if psutil.pid_exists(_number(self._published().get("pid"))) else ""

    def _published(self) -> dict[str, object]:
        with suppress(OSError, ValueError):
            return dict(json.loads(self._about.read_text(encoding="utf-8")))
        return {}

    def _already_running(self) -> str:
        about = self._published()
        pid, address = about.get("pid"), about.get("address")
        where = f" at {address}" if address else ""
        return (
            f"crashgraph {self._role} is already running for {self._layout.home}{_named(str(pid or ''))}{where}; "
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
