"""Serving HTTP, and running the worker, in this process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from crashgraph.listening import BACKLOG

if TYPE_CHECKING:
    from crashgraph.access.choice import Choice
    from crashgraph.app import AppDependencies
    from crashgraph.wiring import Container

FINISH_SECONDS = 10
"""Time for requests in progress at the end."""
MESSAGE_BYTES = 4 << 20
"""Maximum size of a message of a WebSocket; GraphQL takes up to a million characters."""
DRAIN_SECONDS = 1.0
DRAIN_POLL_SECONDS = 0.05


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, and with an end that cuts no client off."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler: whoever runs the server decides when to stop."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, and answer for a moment with ``Connection: close``.

        A connection that was accepted but not read yet, or that is used again at this moment, would otherwise be reset.
        """
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while True:
            await asyncio.sleep(DRAIN_POLL_SECONDS)
            if not self.server_state.connections or asyncio.get_running_loop().time() > deadline:
                break
        await super().shutdown(sockets)


@asynccontextmanager
async def serving(dependencies: AppDependencies, listening: socket.socket, choice: Choice | None = None) -> AsyncIterator[None]:
    """Serve HTTP while the context lasts; requests in progress are finished at its end.

    With ``choice``, other organisations are served too.
    """
    from crashgraph import connections
    from crashgraph.app import build_app, with_bounds

    app = build_app(dependencies)
    if choice is not None:
        choice.serve(dependencies.access.organisation, app)
    config = uvicorn.Config(
        app if choice is None else with_bounds(choice),
        http=connections.bounded_protocol(dependencies.container.settings.max_connections),
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        backlog=connections.ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=FINISH_SECONDS,
        timeout_keep_alive=int(connections.IDLE_SECONDS),
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  # uvicorn has only the flag
            await asyncio.sleep(0.01)
        if running.done():
            running.result()
        listening.listen(BACKLOG)  # the server has made the queue as short as what it accepts at once
        yield
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def running_worker(container: Container) -> AsyncIterator[None]:
    """Run the worker of scheduled jobs in this process while the context lasts."""
    from crashgraph.wiring import configured_jobs
    from jobs.worker import run_worker

    running = run_worker(container.graph, jobs=configured_jobs(), ports=container.ports)
    worker = asyncio.create_task(running, name="worker")
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
