"""A bound on the queries that run at once in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from graph.model.errors import BusyError

MOST_RUNNING = 24
"""Queries that run at once; further ones wait."""
MOST_WAITING = 500
WAIT_SECONDS = 10.0


class Running:
    """The queries that run in one process."""

    def __init__(self, at_once: int = MOST_RUNNING, waiting: int = MOST_WAITING, wait_seconds: float = WAIT_SECONDS) -> None:
        """``at_once`` run; ``waiting`` more may wait, for ``wait_seconds``."""
        self._free = asyncio.Semaphore(at_once)
        self._most_waiting = waiting
        self._wait_seconds = wait_seconds
        self.waiting = 0

    @asynccontextmanager
    async def one_more(self) -> AsyncIterator[None]:
        """Wait for a turn; ``BusyError`` if too many wait, or for too long."""
        if self.waiting >= self._most_waiting:
            raise BusyError(f"{self.waiting} queries wait already; retry in a moment")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise BusyError(f"the service answers other queries; this one waited {self._wait_seconds:g} s") from None
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._free.release()
