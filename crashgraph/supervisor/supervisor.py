"""Keeps the service, and the Neo4j and worker of each organisation running, from a start to an orderly end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from crashgraph.listening import reachable_host
from crashgraph.stopping import until_stopped
from crashgraph.supervisor.attached import LISTENS, LOADED, READY, STARTED
from crashgraph.supervisor.child import Child
from crashgraph.supervisor.graph_keeper import MISSES, START_MISSES, GraphKeeper, pause
from crashgraph.supervisor.health import ask
from crashgraph.supervisor.restarts import Restarts
from graph.access.tokens import DEFAULT_ORGANISATION

if TYPE_CHECKING:
    from crashgraph.supervisor.neo4j_process import Neo4jProcess
    from graph.server import Endpoint

CHECK_SECONDS = 5.0
"""Time for one answer of the service, and between two questions."""

NOT_READY = 503

log = logging.getLogger(__name__)


class Supervisor:
    """The service on one listening socket, and the Neo4j and worker of each organisation."""

    def __init__(
        self,
        listening: socket.socket,
        announce: Callable[[Endpoint], None],
        *,
        sample: bool = False,
        first: str = "",
    ) -> None:
        """``announce`` is called once, when everything works for the first time; ``sample``: after loading the sample set.

        ``first`` is the token of the link that makes the first administrator.
        """
        self._listening = listening
        self._announce: Callable[[Endpoint], None] | None = announce
        self._sample = sample
        self._first = first
        self._default = GraphKeeper(DEFAULT_ORGANISATION, self._default_changed)
        self._others: dict[str, GraphKeeper] = {}
        self._joined: set[asyncio.Task[None]] = set()
        self._probe = secrets.token_urlsafe(32)
        """The service states the readiness of all organisations to whoever has it."""
        self._service: Child | None = None
        """The one that serves, or will in a moment."""
        self._started: Child | None = None
        """The last one that said it serves."""
        self._renewal = asyncio.Event()

    @property
    def _graphs(self) -> list[GraphKeeper]:
        return [self._default, *self._others.values()]

    def add(self, organisation: str) -> None:
        """Keep an organisation besides the default one; its Neo4j is named next."""
        self._others[organisation] = GraphKeeper(organisation, partial(self._other_changed, organisation))

    def run_neo4j(self, process: Neo4jProcess, organisation: str = DEFAULT_ORGANISATION) -> None:
        """Run this Neo4j as well; without it, :meth:`connect` names one that others run."""
        self._graph_of(organisation).run_neo4j(process)

    def connect(self, endpoint: Endpoint, organisation: str = DEFAULT_ORGANISATION) -> None:
        """Use this Neo4j; children that use another one are replaced."""
        self._graph_of(organisation).connect(endpoint)

    def _graph_of(self, organisation: str) -> GraphKeeper:
        return self._default if organisation == DEFAULT_ORGANISATION else self._others[organisation]

    def _default_changed(self) -> None:
        if self._service is not None and self._default.listens:
            self._service.say(LISTENS)

    def _other_changed(self, organisation: str) -> None:
        if self._service is not None:
            self._service.tell(self._others[organisation].state)

    async def run(self, take_in: Callable[[], Sequence[str]]) -> str:
        """Run until a signal, and return its name; ``CrashgraphError`` when a child cannot be kept running.

        ``take_in`` is called every few seconds: it adds the organisations that were made meanwhile, with their Neo4j.
        """
        self._renew_on_hangup()
        stopped = asyncio.create_task(until_stopped(self._abort))
        work = [self._keep_service(), self._watch(take_in), *(graph.keep() for graph in self._graphs)]
        keeping = {asyncio.create_task(task) for task in work}
        try:
            done, _ = await asyncio.wait({stopped, *keeping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done & keeping:
                task.result()
            log.info("%s: stopping", stopped.result())
            return stopped.result()
        finally:
            keeping |= self._joined
            for task in {stopped, *keeping}:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            for child in [one for one in self._default.children if one.command == "serve"]:
                await child.stop()
                self._default.children.discard(child)
            await asyncio.gather(*(graph.stop() for graph in self._graphs))

    # -- the service -----------------------------------------------------------------------------------------

    async def _keep_service(self) -> None:
        restarts = Restarts("the service")
        restarts.began()
        service = await self._load_service()
        while True:
            if service.loaded:
                address = await self._default.address()
                service.send(
                    address,
                    listen=self._listening.fileno(),
                    sample=self._sample,
                    listens=self._default.listens,
                    first="" if self._others else self._first,
                    organisations=[graph.state for graph in self._others.values()],
                    probe=self._probe,
                )
                self._service = service
            becoming = asyncio.create_task(self._until_ready(service, restarts))
            successor = await self._ended_or_renewed(service)
            becoming.cancel()
            self._service = None
            if successor is None:
                await pause(restarts, service, self._default.children)
                restarts.began()
                successor = await self._load_service()
            else:
                restarts.began()
                # Clients wait in the queue of the socket from the end of the one to the start of the other.
                await service.stop()
                self._default.children.discard(service)
            service = successor

    async def _load_service(self) -> Child:
        service = await Child.spawn("serve", [self._listening.fileno()])
        self._default.children.add(service)
        service.loaded = await service.says(LOADED)
        return service

    async def _until_ready(self, service: Child, restarts: Restarts) -> None:
        if await service.says(STARTED):
            self._started = service
            restarts.works()
        if await service.says(READY):
            restarts.succeeded()
            self._default.works()
            self._sample = False
            if self._announce is not None:
                announce, self._announce = self._announce, None
                self._default.has_worked = True
                announce(await self._default.address())

    async def _ended_or_renewed(self, service: Child) -> Child | None:
        """``None`` when the service has ended; on request, a successor that is loaded and waits for the word to serve."""
        ended = asyncio.create_task(service.wait())
        while not ended.done():
            renewed = asyncio.create_task(self._renewal.wait())
            await asyncio.wait({ended, renewed}, return_when=asyncio.FIRST_COMPLETED)
            renewed.cancel()
            if self._renewal.is_set() and not ended.done():
                self._renewal.clear()
                log.info("starting a new service in place of process %d", service.pid)
                successor = await self._load_service()
                if successor.loaded:
                    ended.cancel()
                    return successor
                await successor.wait()
                self._default.children.discard(successor)
                log.error("the new service did not start, so the old one goes on; %s", successor.last_words)
        return None

    # -- health ----------------------------------------------------------------------------------------------

    async def _watch(self, take_in: Callable[[], Sequence[str]]) -> None:
        """Ask the service how it is, again and again; kill one that does not answer."""
        host, port = self._listening.getsockname()[:2]
        watched: Child | None = None
        misses = 0
        while True:
            pause = asyncio.create_task(asyncio.sleep(CHECK_SECONDS))
            if self._service is not watched:
                watched, misses = self._service, 0
            if watched is not None:
                if await ask(reachable_host(host), port, "/healthz", CHECK_SECONDS) is not None:
                    misses = 0
                    self._check_graph(await ask(reachable_host(host), port, "/readyz", CHECK_SECONDS, self._probe))
                elif (misses := misses + 1) >= (MISSES if watched is self._started else START_MISSES):
                    log.error("the service (process %d) has not answered %d times; killing it", watched.pid, misses)
                    watched.kill()
            self._keep_joined(take_in())
            self._reap()
            await pause

    def _keep_joined(self, organisations: Sequence[str]) -> None:
        """Keep what was added, and have the service replaced by one that serves it too."""
        for organisation in organisations:
            log.info("organisation %s was added", organisation)
            self._joined.add(asyncio.create_task(self._others[organisation].keep()))
            self._renewal.set()

    def _check_graph(self, answer: tuple[int, bytes] | None) -> None:
        """Have a Neo4j replaced that runs, but the service finds that it does not work."""
        if answer is None:
            return
        try:
            found = json.loads(answer[1])
        except ValueError:
            # It is busy, which is no news of the graph.
            return
        if not self._others:
            if answer[0] == NOT_READY and "cause" not in found:
                return  # all connections are busy
            found = {DEFAULT_ORGANISATION: found if answer[0] == NOT_READY else None}
        for graph in self._graphs:
            if graph.organisation in found:
                graph.judge(found[graph.organisation])

    # -- signals and the end ---------------------------------------------------------------------------------

    def _renew_on_hangup(self) -> None:
        """SIGHUP asks for a new service, or, sent by a terminal that closes, for an orderly end."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # by nohup
        attended = _has_terminal() and not ignored

        def hang_up() -> None:
            if attended and not _has_terminal():
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                self._renewal.set()

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hang_up)

    def _abort(self) -> None:
        """The second signal to stop: end now. Neo4j recovers at its next start."""
        self._kill()
        os._exit(1)

    def _kill(self) -> None:
        for graph in self._graphs:
            graph.kill()

    def _reap(self) -> None:
        """Collect processes that have ended: a Neo4j, and in process 1 of a container those that lost their parent."""
        if any(graph.neo4j_changes for graph in self._graphs):
            return
        known = {child.pid for graph in self._graphs for child in graph.children}
        with suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in known:
                    break
                os.waitpid(ended.si_pid, 0)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
