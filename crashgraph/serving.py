"""Run the server and the worker until somebody says stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from crashgraph.door import Connection, Door, Left, path_of, taken_over
from graph.model.errors import PortTakenError
from graph.server.ports import port_owner

if TYPE_CHECKING:
    from crashgraph.app import Service
    from crashgraph.settings import Settings

log = logging.getLogger(__name__)

DEFAULT_PORT = 8321
BACKLOG = 2048
ECHO_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to us: the worker and Neo4j must be stopped too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def listening_socket(settings: Settings, note: Callable[[str], None]) -> Left:
    """A listening socket for the service, with what a service that was killed left at it.

    The default port gives way to a free one when it is taken; ``PortTakenError`` when the port was asked for.
    """
    left = _left_open(settings)
    if left is not None:
        return left
    return Left(_own_socket(settings, note))


def _own_socket(settings: Settings, note: Callable[[str], None]) -> socket.socket:
    if settings.port is not None:
        try:
            return _bound(settings.host, settings.port)
        except OSError as error:
            raise PortTakenError(
                f"{settings.host}:{settings.port}, asked for with CRASHGRAPH_PORT, cannot be listened on "
                f"({error.strerror}); it is used by {port_owner(settings.port)}"
            ) from error
    try:
        return _bound(settings.host, DEFAULT_PORT)
    except OSError:
        bound = _bound(settings.host, 0)
        note(f"port {DEFAULT_PORT} is used by {port_owner(DEFAULT_PORT)}; the service takes {bound.getsockname()[1]} instead")
        return bound


def _left_open(settings: Settings) -> Left | None:
    """The socket of a service that was killed, where clients may wait already."""
    port = settings.port or DEFAULT_PORT
    left = taken_over(path_of(settings.home, port))
    if left is not None and left.listening.getsockname()[:2] != (settings.host, port):
        left.listening.close()
        return None
    return left


def address_of(host: str, port: int) -> str:
    """The address of the service for programs on this machine."""
    reached = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # Clients that come while the service still starts wait; they are not refused.
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


@asynccontextmanager
async def serving(
    service: Service, bound: socket.socket, door: Door | None = None, left: Iterable[Connection] = ()
) -> AsyncIterator[None]:
    """The HTTP server, answering for as long as the context lasts; requests in progress are finished.

    ``door`` is told of the connections; those that were ``left`` by a service that was killed are gone on with.
    """
    from crashgraph.app import build_app
    from crashgraph.connections import protocol, resume

    config = uvicorn.Config(
        build_app(service),
        http=protocol(door or Door()),
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[bound]), name="http")
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  # uvicorn has only the flag
            await asyncio.sleep(0.01)
        if running.done():
            running.result()
        if resumed := await resume(partial(_made, config, server), left):
            log.info("%d connections of a service that was killed are gone on with", resumed)
        yield
    finally:
        server.should_exit = True
        await running


def _made(config: uvicorn.Config, server: uvicorn.Server) -> asyncio.Protocol:
    """The protocol of a connection, as uvicorn makes it for those that it accepts itself."""
    made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]
        config=config, server_state=server.server_state, app_state=server.lifespan.state
    )
    return made


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """The worker of the scheduled jobs, for as long as the context lasts."""
    from crashgraph.wiring import jobs_in_force
    from jobs.worker import run_worker

    worker = asyncio.create_task(run_worker(service.parts.graph, jobs=jobs_in_force()), name="worker")
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def until_stopped() -> str:
    """Wait for SIGINT or SIGTERM; the name of the one that came.

    A later one ends the process at once; one that comes with the first is only its echo: a terminal signals the whole
    process group, and some parents pass theirs on as well.
    """
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[str] = loop.create_future()

    def stop(number: signal.Signals) -> None:
        if not stopped.done():
            stopped.set_result(number.name)
            for each in STOP_SIGNALS:
                loop.call_later(ECHO_SECONDS, loop.remove_signal_handler, each)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    return await stopped
