"""Listening, serving HTTP and waiting for a signal to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from crashgraph.socket_holder import (
    HolderClient,
    TakenConnection,
    Takeover,
    mirrored_protocol,
    resume_connections,
    socket_path,
    take_over,
)
from graph.model.errors import PortTakenError
from graph.server.ports import port_owner

if TYPE_CHECKING:
    from crashgraph.app import AppDependencies
    from crashgraph.settings import Settings
    from crashgraph.wiring import Container

log = logging.getLogger(__name__)

DEFAULT_PORT = 8321
BACKLOG = 2048
ECHO_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: a signal must stop the worker and Neo4j as well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handler."""
        yield


def listening_socket(settings: Settings, note: Callable[[str], None]) -> Takeover:
    """The socket to listen on, with whatever a killed service left.

    If the default port is taken, a free one is used; if a configured port is taken, raises ``PortTakenError``.
    """
    return _take_over(settings) or Takeover(_new_socket(settings, note))


def _new_socket(settings: Settings, note: Callable[[str], None]) -> socket.socket:
    if settings.port is not None:
        try:
            return _listen(settings.host, settings.port)
        except OSError as error:
            raise PortTakenError(
                f"cannot listen on {settings.host}:{settings.port}, set by CRASHGRAPH_PORT "
                f"({error.strerror}); it is used by {port_owner(settings.port)}"
            ) from error
    try:
        return _listen(settings.host, DEFAULT_PORT)
    except OSError:
        listening = _listen(settings.host, 0)
        note(f"port {DEFAULT_PORT} is used by {port_owner(DEFAULT_PORT)}; using {listening.getsockname()[1]} instead")
        return listening


def _take_over(settings: Settings) -> Takeover | None:
    """The socket of a killed service; its clients may be waiting."""
    port = settings.port or DEFAULT_PORT
    takeover = take_over(socket_path(settings.home, port))
    if takeover is not None and takeover.listening.getsockname()[:2] != (settings.host, port):
        takeover.listening.close()
        return None
    return takeover


def reachable_host(host: str) -> str:
    """The address at which programs on this machine reach a service that listens on ``host``."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound


def service_url(host: str, port: int) -> str:
    """The base URL of the service for programs on this machine."""
    reached = reachable_host(host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets with the TCP protocol number; with 0 every answer on a kept
    # connection waits 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Clients that connect while the service is still starting wait; they are not refused.
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


@asynccontextmanager
async def serving(
    dependencies: AppDependencies,
    listening: socket.socket,
    holder: HolderClient | None = None,
    connections: Iterable[TakenConnection] = (),
) -> AsyncIterator[None]:
    """Serve HTTP while the context lasts; requests in progress are finished at its end.

    ``holder`` mirrors the connections; ``connections`` are those of a killed service, which are resumed.
    """
    from crashgraph.app import build_app

    config = uvicorn.Config(
        build_app(dependencies),
        http=mirrored_protocol(holder or HolderClient()),
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  # uvicorn has only the flag
            await asyncio.sleep(0.01)
        if running.done():
            running.result()
        if resumed := await resume_connections(partial(_new_protocol, config, server), connections):
            log.info("resumed %d connections of a killed service", resumed)
        yield
    finally:
        server.should_exit = True
        await running


def _new_protocol(config: uvicorn.Config, server: uvicorn.Server) -> asyncio.Protocol:
    """A protocol instance as uvicorn makes it for the connections it accepts itself."""
    protocol: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]  # typed as any Protocol
        config=config, server_state=server.server_state, app_state=server.lifespan.state
    )
    return protocol


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


async def until_stopped() -> str:
    """Wait for SIGINT or SIGTERM; returns the signal's name.

    A later signal ends the process at once. One within a second of the first is an echo: a terminal signals the whole
    process group, and some parents forward the signal as well.
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


async def until_input_closes() -> str:
    """Wait until standard input, a pipe from the parent process, is closed, or for SIGTERM.

    The parent closes it when it stops, and the kernel if it is killed.
    """
    loop = asyncio.get_running_loop()
    closed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not os.read(0, 1024) and not closed.done():
            closed.set_result("end of input")

    def stop() -> None:
        if not closed.done():
            closed.set_result("SIGTERM")

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_reader(0, read)
    try:
        return await closed
    finally:
        loop.remove_reader(0)
