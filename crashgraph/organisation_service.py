"""Organisations besides the default one in a service: each with its graph, its intake and its application (ADR 0020).

What fails for one is logged and tried again; the others do not notice.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from crashgraph.access.choice import Choice
from crashgraph.access.rate_limits import RateLimits
from crashgraph.app import AppDependencies, build_app
from crashgraph.current_organisation import ORGANISATION
from crashgraph.http_ingest.keys import Keys, Projects, Receiver, Receivers
from crashgraph.listening import reachable_host
from crashgraph.local_service.announcement import announced
from crashgraph.readiness import Readiness, Unready
from crashgraph.wiring import build_access, build_intake, build_preparer, check_organisation, note_installation, open_unready
from graph.access.tokens import DEFAULT_ORGANISATION, new_session_token
from graph.model.errors import CrashgraphError

if TYPE_CHECKING:
    import socket

    from crashgraph.settings import Settings
    from crashgraph.wiring import Container
    from graph.ports import Embedder
    from graph.server import Endpoint

RETRY_SECONDS = 30.0
NO_ADDRESS = Unready("starting", "Neo4j is being started")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Edge:
    """What the organisations of a service share."""

    listening: socket.socket
    embedder: Embedder
    limits: RateLimits
    choice: Choice
    receivers: Receivers = field(default_factory=Receivers)
    organisations: dict[str, ServedOrganisation] = field(default_factory=dict)
    """Those besides the default one."""
    readiness: Readiness | None = None
    """Of the default one, once it is served."""

    @classmethod
    def of(
        cls, settings: Settings, others: Sequence[Settings], listening: socket.socket, embedder: Embedder, probe: str
    ) -> Edge:
        """The edge of an installation with ``others`` besides the default organisation of ``settings``."""

        async def states() -> Mapping[str, object]:
            return await edge.states()

        names = [one.organisation for one in others]
        edge = cls(listening, embedder, RateLimits(settings), Choice(names, probe, states))
        for one in others:
            edge.organisations[one.organisation] = ServedOrganisation(one, edge)
            edge.receivers.add(Receiver(one.organisation, Keys(one), Projects(one.home)))
        return edge

    async def states(self) -> Mapping[str, object]:
        """The readiness of every organisation, by name."""
        readings = {name: one.problem() for name, one in self.organisations.items()}
        if self.readiness is not None:
            readings[DEFAULT_ORGANISATION] = self.readiness.problem()
        problems = await asyncio.gather(*readings.values())
        return {name: one and asdict(one) for name, one in zip(readings, problems, strict=True)}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve the organisations besides the default one while the context lasts."""
        async with AsyncExitStack() as stack:
            for name, one in self.organisations.items():
                context = copy_context()
                context.run(ORGANISATION.set, name)
                task = asyncio.create_task(one.run(), name=f"organisation {name}", context=context)
                stack.push_async_callback(_ended, task)
            yield


class ServedOrganisation:
    """One organisation besides the default one."""

    def __init__(self, settings: Settings, edge: Edge) -> None:
        """Nothing is served before :meth:`run`, and the first :meth:`connect`."""
        self.settings = settings
        self.name = settings.organisation
        self._edge = edge
        self._endpoint: Endpoint | None = None
        self._listens = False
        self._changed = asyncio.Event()
        self._container: Container | None = None
        self._readiness: Readiness | None = None

    def connect(self, endpoint: Endpoint | None, *, listens: bool) -> None:
        """Use this Neo4j from now on; before it ``listens``, another program may have its address."""
        if endpoint is not None and endpoint != self._endpoint:
            self._endpoint = endpoint
            self._changed.set()
        self._listens = listens
        if listens and self._container is not None:
            self._container.graph.release()

    async def problem(self) -> Unready | None:
        """Why it is not ready."""
        return NO_ADDRESS if self._readiness is None else await self._readiness.problem()

    async def run(self) -> None:
        """Serve it until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            assert self._endpoint is not None
            try:
                async with self._serving(self._endpoint):
                    await self._changed.wait()
            except CrashgraphError as error:
                log.warning("organisation %s is not served, again in %.0f s: %s", self.name, RETRY_SECONDS, error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), RETRY_SECONDS)
                self._changed.set()

    @asynccontextmanager
    async def _serving(self, endpoint: Endpoint) -> AsyncIterator[None]:
        settings, edge = self.settings, self._edge
        token = new_session_token(self.name)
        host, port = edge.listening.getsockname()[:2]
        async with AsyncExitStack() as stack:
            container = await stack.enter_async_context(open_unready(settings, endpoint, edge.embedder))
            container.graph.held_back = "" if self._listens else NO_ADDRESS.reason
            readiness = Readiness(container.graph, schema_applied=False)
            self._container, self._readiness = container, readiness
            stack.callback(self._forget)
            preparer = await stack.enter_async_context(build_preparer(settings))
            intake = await stack.enter_async_context(build_intake(container, readiness.prepared, preparer))
            access = build_access(container, edge.limits)
            served = container.reading_with(preparer)
            app = build_app(AppDependencies(served, intake, access, None, token, readiness, edge.receivers))
            edge.receivers.add(Receiver(self.name, Keys(settings), Projects(settings.home), intake))
            edge.choice.serve(self.name, app)
            stack.callback(self._withdraw)
            stack.enter_context(announced(settings, reachable_host(host), port, token))
            preparing = asyncio.create_task(self._prepare(container, readiness), name=f"prepare {self.name}")
            stack.push_async_callback(_ended, preparing)
            yield

    def _forget(self) -> None:
        self._container = self._readiness = None

    def _withdraw(self) -> None:
        self._edge.choice.withdraw(self.name)
        self._edge.receivers.add(Receiver(self.name, Keys(self.settings), Projects(self.settings.home)))

    async def _prepare(self, container: Container, readiness: Readiness) -> None:
        """Apply the schema as soon as the graph answers, however often that fails."""
        while True:
            try:
                await readiness.prepare(partial(check_organisation, container))
                await note_installation(container)
            except CrashgraphError as error:
                log.warning("the graph of organisation %s cannot be used, again in %.0f s: %s", self.name, RETRY_SECONDS, error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


@asynccontextmanager
async def own_neo4j(edge: Edge) -> AsyncIterator[None]:
    """Start, or join, the Neo4j of each organisation while the context lasts; where no parent does."""
    async with AsyncExitStack() as stack:
        for one in edge.organisations.values():
            stack.push_async_callback(_ended, asyncio.create_task(_run_neo4j(one), name=f"Neo4j of {one.name}"))
        yield


async def _run_neo4j(served: ServedOrganisation) -> None:
    from crashgraph.wiring import neo4j_endpoint

    while True:
        try:
            async with neo4j_endpoint(served.settings) as endpoint:
                served.connect(endpoint, listens=True)
                await asyncio.Event().wait()
        except CrashgraphError as error:
            log.warning("Neo4j of organisation %s did not start, again in %.0f s: %s", served.name, RETRY_SECONDS, error)
            await asyncio.sleep(RETRY_SECONDS)


def new_probe() -> str:
    """What the parent of a service shows to read the readiness of all organisations."""
    return secrets.token_urlsafe(32)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
