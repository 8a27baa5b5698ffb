"""Keeps Neo4j, the service and the worker running, from a start to an orderly end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from crashgraph.listening import reachable_host
from crashgraph.stopping import until_stopped
from crashgraph.supervisor.attached import LISTENS, LOADED, READY, STARTED
from crashgraph.supervisor.child import Child
from crashgraph.supervisor.health import ask
from crashgraph.supervisor.neo4j_process import Neo4jProcess
from crashgraph.supervisor.restarts import Restarts
from graph.model.errors import InsecureError, StartError

if TYPE_CHECKING:
    from graph.server import Endpoint

CHECK_SECONDS = 5.0
"""Time for one answer of the service, and between two questions."""
MISSES = 6
"""Checks in a row that fail before the service, or Neo4j, counts as hung."""
START_MISSES = 36
"""As above, for a service that does not say yet that it serves, and a Neo4j that has only been slow since its start."""

NOT_READY = 503

log = logging.getLogger(__name__)


class Supervisor:
    """The three children, on one listening socket."""

    def __init__(
        self, listening: socket.socket, announce: Callable[[Endpoint], None], *, sample: bool = False, first: str = ""
    ) -> None:
        """``announce`` is called once, when everything works for the first time; ``sample``: after loading the sample set.

        ``first`` is the token of the link that makes the first administrator.
        """
        self._listening = listening
        self._announce: Callable[[Endpoint], None] | None = announce
        self._sample = sample
        self._first = first
        self._endpoint: Endpoint | None = None
        self._connected = asyncio.Event()
        self._listens = True
        """The Neo4j that we run has its ports; before, another program may have taken them."""
        self._neo4j: Neo4jProcess | None = None
        self._children: set[Child] = set()
        self._service: Child | None = None
        """The one that serves, or will in a moment."""
        self._started: Child | None = None
        """The last one that said it serves."""
        self._ready = asyncio.Event()
        """The service reaches a graph that works; otherwise no worker is started."""
        self._renewal = asyncio.Event()
        self._unready = 0
        self._question: asyncio.Task[bool] | None = None
        """What the parent itself asks a Neo4j that does not work."""

    def run_neo4j(self, process: Neo4jProcess) -> None:
        """Run this Neo4j as well; without it, :meth:`connect` names one that others run."""
        self._neo4j = process
        self._listens = False
        process.on_change = self._neo4j_changed

    def connect(self, endpoint: Endpoint) -> None:
        """Use this Neo4j; children that use another one are replaced."""
        if self._endpoint not in {None, endpoint}:
            self._kill()
        self._endpoint = endpoint
        self._connected.set()

    def _neo4j_changed(self, listens: bool) -> None:
        self._listens = listens
        if not listens:
            # A worker that starts without a graph would fail.
            self._ready.clear()
        elif self._service is not None:
            self._service.say(LISTENS)

    async def run(self) -> str:
        """Run until a signal, and return its name; ``CrashgraphError`` when a child cannot be kept running."""
        self._renew_on_hangup()
        stopped = asyncio.create_task(until_stopped(self._abort))
        keeping = {asyncio.create_task(task) for task in (self._keep_service(), self._keep_worker(), self._watch())}
        if self._neo4j is not None:
            keeping.add(asyncio.create_task(self._neo4j.keep()))
        try:
            done, _ = await asyncio.wait({stopped, *keeping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done & keeping:
                task.result()
            log.info("%s: stopping", stopped.result())
            return stopped.result()
        finally:
            for task in {stopped, *keeping}:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            for child in sorted(self._children, key=lambda child: child.command == "worker"):
                await child.stop()
            if self._neo4j is not None:
                await self._neo4j.release()

    # -- the service and the worker ------------------------------------------------------------------------

    async def _keep_service(self) -> None:
        restarts = Restarts("the service")
        restarts.began()
        service = await self._load_service()
        while True:
            if service.loaded:
                address = await self._neo4j_address()
                service.send(
                    address,
                    listen=self._listening.fileno(),
                    sample=self._sample,
                    listens=self._listens,
                    first=self._first,
                )
                self._service = service
            becoming = asyncio.create_task(self._until_ready(service, restarts))
            successor = await self._ended_or_renewed(service)
            becoming.cancel()
            self._service = None
            if successor is None:
                await self._pause(restarts, service)
                restarts.began()
                successor = await self._load_service()
            else:
                restarts.began()
                # Clients wait in the queue of the socket from the end of the one to the start of the other.
                await service.stop()
                self._children.discard(service)
            service = successor

    async def _load_service(self) -> Child:
        service = await self._spawn("serve", self._listening.fileno())
        service.loaded = await service.says(LOADED)
        return service

    async def _until_ready(self, service: Child, restarts: Restarts) -> None:
        if await service.says(STARTED):
            self._started = service
            restarts.works()
        if await service.says(READY):
            restarts.succeeded()
            self._graph_works()
            self._sample = False
            if self._announce is not None:
                announce, self._announce = self._announce, None
                announce(await self._neo4j_address())

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
                self._children.discard(successor)
                log.error("the new service did not start, so the old one goes on; %s", successor.last_words)
        return None

    async def _keep_worker(self) -> None:
        restarts = Restarts("the worker")
        while True:
            await self._ready.wait()
            restarts.began()
            worker = await self._spawn("worker")
            worker.send(await self._neo4j_address())
            if await worker.says(READY):
                restarts.succeeded()
            await worker.wait()
            # A worker that cannot start since the graph has gone away meanwhile is in order.
            if not (graph_works := self._ready.is_set()):
                restarts.works()
            await self._pause(restarts, worker, own_fault=graph_works)

    async def _spawn(self, command: str, *descriptors: int) -> Child:
        child = await Child.spawn(command, descriptors)
        self._children.add(child)
        return child

    async def _neo4j_address(self) -> Endpoint:
        await self._connected.wait()
        assert self._endpoint is not None
        return self._endpoint

    async def _pause(self, restarts: Restarts, child: Child, *, own_fault: bool = True) -> None:
        status = await child.wait()
        self._children.discard(child)
        if status == InsecureError.exit_code:
            raise InsecureError(child.last_words)
        seconds = restarts.pause(child.last_words, own_fault=own_fault and status >= 0)
        log.warning("%s ended with status %d; starting it again in %.1f s", restarts.name, status, seconds)
        await asyncio.sleep(seconds)

    # -- health ----------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
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
                    await self._check_graph(await ask(reachable_host(host), port, "/readyz", CHECK_SECONDS))
                elif (misses := misses + 1) >= (MISSES if watched is self._started else START_MISSES):
                    log.error("the service (process %d) has not answered %d times; killing it", watched.pid, misses)
                    watched.kill()
            self._reap()
            await pause

    async def _check_graph(self, answer: tuple[int, bytes] | None) -> None:
        """Have Neo4j replaced if it runs, but the service finds that it does not work."""
        if answer is None:
            return
        if answer[0] != NOT_READY:
            self._forget()
            self._graph_works()
            return
        try:
            problem = json.loads(answer[1])
        except ValueError:
            # It is busy, which is no news of the graph.
            return
        self._ready.clear()
        if problem["cause"] == "starting" or (self._neo4j is not None and self._neo4j.changes):
            return
        self._unready += 1
        if self._unready == 1:
            log.warning("the service is not ready: %s", problem["reason"])
        if self._neo4j is not None:
            self._judge(self._neo4j, slow=problem["cause"] == "slow")

    def _judge(self, neo4j: Neo4jProcess, *, slow: bool) -> None:
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
            if self._announce is not None:
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

    def _graph_works(self) -> None:
        self._ready.set()
        if self._neo4j is not None:
            self._neo4j.succeeded()

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
        for child in self._children:
            child.kill()

    def _reap(self) -> None:
        """Collect processes that have ended: a Neo4j, and in process 1 of a container those that lost their parent."""
        if self._neo4j is not None and self._neo4j.changes:
            return
        known = {child.pid for child in self._children}
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
