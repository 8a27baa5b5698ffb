"""A bound on concurrent subscribers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from graph.model.errors import BusyError

RETRY_SECONDS = 5


class Listeners:
    """Counts the concurrent subscribers of one process, up to a maximum."""

    def __init__(self, maximum: int) -> None:
        """Start without subscribers."""
        self._maximum = maximum
        self._lock = threading.Lock()
        self.count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one subscriber while the context lasts; ``BusyError`` if there are too many."""
        with self._lock:
            if self.count >= self._maximum:
                raise BusyError(f"{self._maximum} subscribers already; poll jobRun instead, or subscribe later", RETRY_SECONDS)
            self.count += 1
        try:
            yield
        finally:
            with self._lock:
                self.count -= 1
