"""The listening socket of the service: its own, or one handed in by systemd."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from crashgraph.settings import handed_in_sockets
from graph.model.errors import InvalidInputError, PortTakenError
from graph.server.ports import port_owner

if TYPE_CHECKING:
    from crashgraph.settings import Settings

DEFAULT_PORT = 8321
BACKLOG = 2048
FIRST_DESCRIPTOR = 3
"""Of the sockets that are handed in (sd_listen_fds(3))."""
RELEASE_SECONDS = 10.0
"""A service that lost its supervisor lets go of the port within this time."""
POLL_SECONDS = 0.1


def listening_socket(settings: Settings, note: Callable[[str], None], *, left_behind: str = "") -> socket.socket:
    """The socket to listen on: one that was handed in, or a new one.

    If the default port is taken, a free one is used; if a configured port is taken, raises ``PortTakenError``. A port that
    ``left_behind``, the address of a killed ``crashgraph up`` of this home, names is waited for.
    """
    if handed_in := handed_in_sockets():
        return _handed_in(handed_in)
    port = settings.port or DEFAULT_PORT
    try:
        return _listen_soon(settings.host, port, RELEASE_SECONDS if left_behind == service_url(settings.host, port) else 0)
    except OSError as error:
        owner = port_owner(port)
        if settings.port is not None:
            raise PortTakenError(
                f"cannot listen on {settings.host}:{port}, set by CRASHGRAPH_PORT ({error.strerror}); it is used by {owner}"
            ) from error
    listening = _listen(settings.host, 0)
    note(f"port {port} is used by {owner}; using {listening.getsockname()[1]} instead")
    return listening


def inherited_socket(descriptor: int) -> socket.socket:
    """The socket behind a descriptor that the parent process passed on; processes started from here do not get it."""
    os.set_inheritable(descriptor, False)
    return socket.socket(fileno=descriptor)


def at_socket(settings: Settings, listening: socket.socket) -> Settings:
    """The settings with the address of a socket, which may have been handed in."""
    return settings.model_copy(update={"host": listening.getsockname()[0]})


def reachable_host(host: str) -> str:
    """The address at which programs on this machine reach a service that listens on ``host``."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound


def service_url(host: str, port: int) -> str:
    """The base URL of the service for programs on this machine."""
    reached = reachable_host(host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def _handed_in(count: int) -> socket.socket:
    if count != 1:
        raise InvalidInputError(f"{count} sockets were handed in by LISTEN_FDS; crashgraph listens on one")
    listening = inherited_socket(FIRST_DESCRIPTOR)
    is_listening = listening.type == socket.SOCK_STREAM and listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if listening.family not in {socket.AF_INET, socket.AF_INET6} or not is_listening:
        raise InvalidInputError("the socket handed in by LISTEN_FDS is not a listening TCP socket")
    return listening


def _listen_soon(host: str, port: int, seconds: float) -> socket.socket:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _listen(host, port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


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
