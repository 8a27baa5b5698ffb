"""The way of an exception out of a program: written down at once, sent by a thread in the background."""

from __future__ import annotations

import atexit
import os
import queue
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from crashgraph.client.delivery import Delivery, DeliveryOutcome
from crashgraph.client.writing import written

QUEUE_SIZE = 100
ATTEMPTS = 6
LONGEST_PAUSE = 30.0
"""Seconds between two attempts at one report, at most."""
EXIT_SECONDS = 3.0

_reporters: weakref.WeakSet[Reporter] = weakref.WeakSet()


@dataclass(slots=True)
class Counts:
    """What became of the exceptions. ``dropped`` were never sent, ``failed`` were sent in vain."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


class Reporter:
    """Sends exceptions to one crashgraph."""

    def __init__(
        self,
        url: str,
        *,
        product: str | None = None,
        version: str | None = None,
        site: str | None = None,
        queue_size: int = QUEUE_SIZE,
        timeout: float = 5.0,
        exit_seconds: float = EXIT_SECONDS,
    ) -> None:
        """``url`` is the service's address. ``exit_seconds``: how long the end of the program may wait for what is left."""
        told = {"product": product, "version": version, "site": site}
        self._told = {name: value for name, value in told.items() if value}
        self._delivery = Delivery(f"{url.rstrip('/')}/api/reports", timeout)
        self._queue_size = queue_size
        self._exit_seconds = exit_seconds
        self.counts = Counts()
        self._begin()
        _reporters.add(self)

    def report(self, error: BaseException, request: str = "") -> bool:
        """Have an exception sent; false when it had to be dropped. Never raises, never waits.

        ``request`` is what the program was doing, such as ``GET /orders/{id}``.
        """
        try:
            if self._waiting.full():
                # Not even written down: an exception that strikes thousands of times a second must cost nothing.
                self.counts.dropped += 1
                return False
            self._ensure_thread()
            moment = datetime.now(UTC).isoformat()
            self._waiting.put_nowait(
                {"id": uuid.uuid4().hex, "timestamp": moment, "report": written(error, request), **self._told}
            )
        except Exception:  # noqa: BLE001  # whatever goes wrong here, the program has an error of its own to deal with
            self.counts.dropped += 1
            return False
        return True

    def flush(self, seconds: float) -> bool:
        """Wait until everything was sent or dropped, at most so long; whether it was."""
        deadline = time.monotonic() + seconds
        while self._waiting.unfinished_tasks:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Send what is left, as far as ``exit_seconds`` allows."""
        self.flush(self._exit_seconds)
        self._stopped.set()

    def _begin(self) -> None:
        """Reset after a fork, without the parent's queue."""
        self._waiting: queue.Queue[dict[str, str]] = queue.Queue(self._queue_size)
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def _ensure_thread(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._send_all, name="crashgraph", daemon=True)
                self._thread.start()

    def _send_all(self) -> None:
        while not self._stopped.is_set():
            report = self._waiting.get()
            try:
                self._send(report)
            finally:
                self._waiting.task_done()

    def _send(self, report: dict[str, str]) -> None:
        for attempt in range(ATTEMPTS):
            outcome = self._delivery.send(report)
            if outcome.delivered:
                self.counts.sent += 1
                return
            if not outcome.worth_another:
                break
            self._stopped.wait(_pause(outcome, attempt))
        self.counts.failed += 1


def _pause(outcome: DeliveryOutcome, attempt: int) -> float:
    """Seconds before the next attempt: the service's `Retry-After`, else doubling each time."""
    return min(LONGEST_PAUSE, outcome.retry_after or 0.5 * 2**attempt)


def _each(what: Callable[[Reporter], None]) -> None:
    for reporter in list(_reporters):
        with suppress(Exception):
            what(reporter)


def _at_exit() -> None:
    _each(Reporter.close)


def _in_child() -> None:
    _each(Reporter._begin)  # noqa: SLF001  # the class's own


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
