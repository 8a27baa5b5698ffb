"""Keeps the Neo4j and the worker of one organisation running."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeAlias

from crashgraph.supervisor.attached import READY
from crashgraph.supervisor.child import Child
from crashgraph.supervisor.neo4j_process import Neo4jProcess
from crashgraph.supervisor.restarts import Restarts
from graph.access.tokens import DEFAULT_ORGANISATION
from graph.model.errors import CrashgraphError, InsecureError, StartError

if TYPE_CHECKING:
    from graph.server import Endpoint

MISSES = 6
"""Checks in a row that fail before the service, or Neo4j, counts as hung."""
START_MISSES = 36
"""As above, for a service that does not say yet that it serves, and a Neo4j that has only been slow since its start."""
RETRY_SECONDS = 60.0
"""After what ends everything for the default organisation, another one is tried again."""

Problem: TypeAlias = Mapping[str, str]
"""Why a graph is not ready: ``cause`` and ``reason``, as the service states them."""

log = logging.getLogger(__name__)


class GraphKeeper:
    """The Neo4j of one organisation, if it is ours, and its worker."""

    def __init__(self, organisation: str, on_change: Callable[[], None]) -> None:
        """``on_change`` is called when the address, or who listens there, has changed."""
        self.organisation = organisation
        self.children: set[Child] = set()
        self.listens = True
        """The Neo4j that we run has its ports; before, another program may have taken them."""
        self.has_worked = False
        """The graph was ready once."""
        self._on_change = on_change
        self._endpoint: Endpoint | None = None
        self._connected = asyncio.Event()
        self._neo4j: Neo4jProcess | None = None
        self._ready = asyncio.Event()
        """The service reaches a graph that works; otherwise no worker is started."""
        self._unready = 0
        self._question: asyncio.Task[bool] | None = None
        """What the parent itself asks a Neo4j that does not work."""

    @property
    def is_default(self) -> bool:
        """Whether everything ends with it."""
        return self.organisation == DEFAULT_ORGANISATION

    @property
    def neo4j_changes(self) -> bool:
        """Whether its Neo4j is being started."""
        return self._neo4j is not None and self._neo4j.changes

    @property
    def state(self) -> Mapping[str, object]:
        """Its Neo4j, as the service needs it."""
        endpoint = asdict(self._endpoint) if self._endpoint else None
        return {"organisation": self.organisation, "endpoint": endpoint, "listens": self.listens}

    def run_neo4j(self, process: Neo4jProcess) -> None:
        """Run this Neo4j as well; without it, :meth:`connect` names one that others run."""
        self._neo4j = process
        self.listens = False
        process.on_change = self._neo4j_changed

    def connect(self, endpoint: Endpoint) -> None:
        """Use this Neo4j; children that use another one are replaced."""
        if self._endpoint not in {None, endpoint}:
            self.kill()
        self._endpoint = endpoint
        self._connected.set()
        self._on_change()

    async def address(self) -> Endpoint:
        """The address of its Neo4j, once it is known."""
        await self._connected.wait()
        assert self._endpoint is not None
        return self._endpoint

    def _neo4j_changed(self, listens: bool) -> None:
        self.listens = listens
        if not listens:
            # A worker that starts without a graph would fail.
            self._ready.clear()
        self._on_change()

    # -- keeping ---------------------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Keep both running until cancelled; for the default organisation until one cannot be kept running."""
        keeping = [asyncio.create_task(self._always(self._keep_worker))]
        if self._neo4j is not None:
            keeping.append(asyncio.create_task(self._always(self._keep_neo4j)))
        try:
            await asyncio.gather(*keeping)
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)

    async def _always(self, keep: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await keep()
            except CrashgraphError as error:
                if self.is_default:
                    raise
                log.warning("organisation %s: %s; trying again in %.0f s", self.organisation, error, RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)

    async def _keep_neo4j(self) -> None:
        assert self._neo4j is not None
        try:
            await self._neo4j.keep()
        except CrashgraphError:
            # The next attempt counts its own failures.
            self.run_neo4j(self._neo4j.successor())
            raise

    async def _keep_worker(self) -> None:
        restarts = Restarts("the worker")
        while True:
            await self._ready.wait()
            restarts.began()
            worker = await Child.spawn("worker", organisation=None if self.is_default else self.organisation)
            self.children.add(worker)
            worker.send(await self.address())
            if await worker.says(READY):
                restarts.succeeded()
            await worker.wait()
            # A worker that cannot start since the graph has gone away meanwhile is in order.
            if not (graph_works := self._ready.is_set()):
                restarts.works()
            await pause(restarts, worker, self.children, own_fault=graph_works)

    # -- health ----------------------------------------------------------------------------------------------

    def judge(self, problem: Problem | None) -> None:
        """Have Neo4j replaced if it runs, but the service finds that its graph does not work."""
        if problem is None:
            self._forget()
            self.works()
            return
        self._ready.clear()
        if problem["cause"] == "starting" or self.neo4j_changes:
            return
        self._unready += 1
        if self._unready == 1:
            log.warning("the service is not ready: %s", self._named(problem["reason"]))
        if self._neo4j is not None:
            self._ask(self._neo4j, slow=problem["cause"] == "slow")

    def _named(self, text: str) -> str:
        return text if self.is_default else f"organisation {self.organisation}: {text}"

    def _ask(self, neo4j: Neo4jProcess, *, slow: bool) -> None:
        """Ask Neo4j itself, meanwhile count misses, and then have it replaced or leave it alone."""
        if self._question is None:
            self._question = asyncio.create_task(neo4j.answers(), name="question to Neo4j")
            return
        if not self._question.done():
            return
        question, self._question = self._question, None
        limit = START_MISSES if slow and not neo4j.has_worked else MISSES
        try:
            answers = question.result()
        except StartError:
            if self.is_default and not self.has_worked:
                raise
            neo4j.hung = True
        else:
            # One that is only slow is left alone: a restart would make it slower.
            neo4j.hung = self._unready >= limit and not (slow and answers)
        if neo4j.hung or self._unready >= limit:
            self._forget()

    def _forget(self) -> None:
        """Begin to count misses again."""
        self._unready = 0
        if self._question is not None:
            self._question.cancel()
            self._question = None

    def works(self) -> None:
        """The graph works."""
        self._ready.set()
        if self._neo4j is not None:
            self._neo4j.succeeded()

    # -- the end ---------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """End its children at once."""
        for child in self.children:
            child.kill()

    async def stop(self) -> None:
        """Let its worker end in order, then its Neo4j, unless others use it."""
        for child in list(self.children):
            await child.stop()
        if self._neo4j is not None:
            await self._neo4j.release()


async def pause(restarts: Restarts, child: Child, children: set[Child], *, own_fault: bool = True) -> None:
    """Wait before the next start of a child that has ended; ``CrashgraphError`` if it is to be given up."""
    status = await child.wait()
    children.discard(child)
    if status == InsecureError.exit_code:
        raise InsecureError(child.last_words)
    seconds = restarts.pause(child.last_words, own_fault=own_fault and status >= 0)
    log.warning("%s ended with status %d; starting it again in %.1f s", restarts.name, status, seconds)
    await asyncio.sleep(seconds)
