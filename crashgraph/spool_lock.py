"""Excludes changes of what is in the spool while crashes out of it are being stored, between all processes of a home.

A change would else miss what another process has read already and stores after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from graph.server.locks import FileLock

POLL_SECONDS = 0.01


class SpoolLock:
    """Shared by those who store, exclusive for who changes.

    Who changes holds the turn while waiting for the others to finish, so that a busy service cannot keep it waiting.
    """

    def __init__(self, spool: Path) -> None:
        """``spool`` is the spool's file; the locks are beside it."""
        self._turn = FileLock(spool.with_suffix(".turn"))
        self._lock = FileLock(spool.with_suffix(".lock"))

    @asynccontextmanager
    async def storing(self) -> AsyncIterator[None]:
        """While crashes are read from the spool and stored."""
        async with _locked(self._turn, shared=True):
            await _acquire(self._lock, shared=True)
        try:
            yield
        finally:
            self._lock.unlock()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """While the records are changed."""
        async with _locked(self._turn), _locked(self._lock):
            yield


@asynccontextmanager
async def _locked(lock: FileLock, *, shared: bool = False) -> AsyncIterator[None]:
    await _acquire(lock, shared=shared)
    try:
        yield
    finally:
        lock.unlock()


async def _acquire(lock: FileLock, *, shared: bool) -> None:
    while not lock.try_lock(shared=shared):  # noqa: ASYNC110  # another process holds it
        await asyncio.sleep(POLL_SECONDS)
