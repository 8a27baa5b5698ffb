"""Keeps the embedded Neo4j running."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from crashgraph.supervisor.restarts import Restarts
from graph.model.errors import CrashgraphError
from graph.server import EmbeddedServer

POLL_SECONDS = 0.25
LEAST_DISK_BYTES = 64 << 20
"""Below this Neo4j is not started: it could not write, and each attempt would count as a failure."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Neo4jProcess:
    """The Neo4j of a home, started again on its ports when it has ended or is :attr:`hung`."""

    def __init__(self, server: EmbeddedServer) -> None:
        """Nothing starts before :meth:`keep`."""
        self._server = server
        self._restarts = Restarts("Neo4j")
        self._working: asyncio.Future[Any] | None = None
        self._last_words = ""
        self._unusable = False
        """It runs, but said why its graph cannot be used."""
        self.on_change: Callable[[bool], None] = lambda _: None
        """Called with true when it listens on its ports, with false when it has ended or hangs."""
        self.has_worked = False
        """The service found since the last start that the graph works."""
        self.hung = False
        """Set from outside to have a process replaced that runs, but does not do its work."""

    async def keep(self) -> None:
        """Run it until cancelled. ``CrashgraphError`` if the first start fails, or several later ones in a row."""
        await self._in_thread(self._server.acquire)
        self.on_change(True)
        while True:
            while self._server.runs and not self.hung:  # noqa: ASYNC110  # a process that need not be our child gives no event
                await asyncio.sleep(POLL_SECONDS)
            self.on_change(False)
            log.warning("Neo4j %s; starting it again", "does not do its work" if self.hung else "has ended")
            await asyncio.sleep(
                self._restarts.pause(self._last_words or f"its log is {self._server.log_path}", own_fault=False)
            )
            await self._until_disk_is_free()
            self._restarts.began()
            self.has_worked = False
            try:
                await self._in_thread(partial(self._server.restart, hung=self.hung))
            except CrashgraphError as error:
                self._last_words = str(error)
                log.warning("Neo4j did not start: %s", error)
            else:
                self.on_change(True)
                if not self._unusable:
                    self._restarts.works()
            self.hung = False

    def successor(self) -> Neo4jProcess:
        """One for the same home, which counts its failures from now on."""
        return Neo4jProcess(self._server)

    def succeeded(self) -> None:
        """The graph works."""
        self.has_worked = True
        self._unusable = False
        self._restarts.works()

    async def answers(self) -> bool:
        """Ask it. ``CrashgraphError`` with the reason if its graph can never be used as it is."""
        try:
            return await asyncio.to_thread(self._server.check)
        except CrashgraphError as error:
            self._last_words = str(error)
            self._unusable = True
            raise

    @property
    def changes(self) -> bool:
        """Whether it is being started."""
        return self._working is not None and not self._working.done()

    async def release(self) -> None:
        """Stop it, unless others use it."""
        if self._working is not None:
            await asyncio.wait({self._working})
        await asyncio.to_thread(self._server.release)

    async def _until_disk_is_free(self) -> None:
        home = self._server.settings.home.expanduser()
        noted = False
        while shutil.disk_usage(home).free < LEAST_DISK_BYTES:
            if not noted:
                log.error("the disk of %s is full; Neo4j starts again once %d MiB are free", home, LEAST_DISK_BYTES >> 20)
                noted = True
            await asyncio.sleep(POLL_SECONDS)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work that blocks. It cannot be interrupted, so :meth:`release` waits for it."""
        working = asyncio.ensure_future(asyncio.to_thread(work))
        self._working = working
        return await asyncio.shield(working)
