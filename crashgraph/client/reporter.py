"""Formats exceptions at once and sends them from a background thread."""

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
from crashgraph.client.formatting import format_exception

QUEUE_SIZE = 100
ATTEMPTS = 6
LONGEST_PAUSE = 30.0
"""Maximum seconds between two attempts to deliver a report."""
EXIT_SECONDS = 3.0

_reporters: weakref.WeakSet[Reporter] = weakref.WeakSet()


@dataclass(slots=True)
class Counts:
    """Exceptions by outcome: ``dropped`` were never sent, ``failed`` were not delivered."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


class Reporter:
    """Sends exceptions to one crashgraph service."""

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        product: str | None = None,
        version: str | None = None,
        site: str | None = None,
        queue_size: int = QUEUE_SIZE,
        timeout: float = 10.0,
        exit_seconds: float = EXIT_SECONDS,
    ) -> None:
        """``url`` is the service's address, and ``key`` an API key with the scope ``report``, where the service has users.

        At exit, the program waits up to ``exit_seconds`` for pending reports.
        """
        stated = {"product": product, "version": version, "site": site}
        self._stated = {name: value for name, value in stated.items() if value}
        self._delivery = Delivery(f"{url.rstrip('/')}/api/reports", timeout, key)
        self._queue_size = queue_size
        self._exit_seconds = exit_seconds
        self.counts = Counts()
        self._reset()
        _reporters.add(self)

    def report(self, error: BaseException, request: str = "") -> bool:
        """Queue an exception; false if it was dropped. Never raises, never blocks.

        ``request`` describes what the program was doing, such as ``GET /orders/{id}``.
        """
        try:
            if self._pending.full():
                # Not even formatted: an exception raised thousands of times a second must cost nothing.
                self.counts.dropped += 1
                return False
            self._ensure_thread()
            moment = datetime.now(UTC).isoformat()
            self._pending.put_nowait(
                {"id": uuid.uuid4().hex, "timestamp": moment, "report": format_exception(error, request), **self._stated}
            )
        except Exception:  # noqa: BLE001  # a failure here must not hide the program's own
            self.counts.dropped += 1
            return False
        return True

    def flush(self, seconds: float) -> bool:
        """Wait up to ``seconds`` until the queue is empty; true if it is."""
        deadline = time.monotonic() + seconds
        while self._pending.unfinished_tasks:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Send pending reports for up to ``exit_seconds``, then stop."""
        self.flush(self._exit_seconds)
        self._stopped.set()

    def _reset(self) -> None:
        """Reset the queue and the thread, in a forked child too: its parent sends the reports queued before."""
        self._pending: queue.Queue[dict[str, str]] = queue.Queue(self._queue_size)
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
            report = self._pending.get()
            try:
                self._send(report)
            finally:
                self._pending.task_done()

    def _send(self, report: dict[str, str]) -> None:
        for attempt in range(ATTEMPTS):
            outcome = self._delivery.send(report)
            if outcome.delivered:
                self.counts.sent += 1
                return
            if not outcome.retryable:
                break
            self._stopped.wait(_pause(outcome, attempt))
        self.counts.failed += 1


def _pause(outcome: DeliveryOutcome, attempt: int) -> float:
    """Seconds before the next attempt: ``Retry-After``, or else exponential backoff."""
    return min(LONGEST_PAUSE, outcome.retry_after or 0.5 * 2**attempt)


def _each(call: Callable[[Reporter], None]) -> None:
    for reporter in list(_reporters):
        with suppress(Exception):
            call(reporter)


def _at_exit() -> None:
    _each(Reporter.close)


def _in_child() -> None:
    _each(Reporter._reset)  # noqa: SLF001  # its own class


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
