"""Chooses ports on loopback and names the owner of a taken one."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import psutil

from graph.model.errors import PortTakenError
from graph.server.files import write_atomic

HOST = "127.0.0.1"
DEFAULT_BOLT_PORT = 7687
DEFAULT_HTTP_PORT = 7474


def choose_port(asked: int | None, default: int, purpose: str, note: Callable[[str], None], used: Collection[int] = ()) -> int:
    """The port to listen on.

    If ``asked`` is None, the default port, or a free one (with a note naming the default's owner); if 0, any free port;
    otherwise that port, or PortTakenError naming its owner.
    """
    if asked == 0:
        return free_port(used)
    port = default if asked is None else asked
    if port not in used and is_free(port):
        return port
    if asked is not None:
        raise PortTakenError(
            f"port {port}, requested for {purpose}, is used by {port_owner(port)}; stop it, or choose another port"
        )
    other = free_port(used)
    note(f"port {port} is used by {port_owner(port)}; {purpose} takes {other} instead")
    return other


def kept_ports(path: Path) -> tuple[int, int]:
    """The two ports that a file keeps if both are free, or else two others that are."""
    with suppress(OSError, ValueError, TypeError):
        first, second = map(int, json.loads(path.read_text(encoding="utf-8")))
        if first != second and is_free(first) and is_free(second):
            return first, second
    first = free_port()
    return first, free_port({first})


def keep_ports(path: Path, ports: tuple[int, int]) -> None:
    """Keep two ports for the next start."""
    write_atomic(path, json.dumps(ports))


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            # As Java does: ignore connections in TIME_WAIT.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(used: Collection[int] = ()) -> int:
    """A free port that is not in ``used``."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in used:
            return port


def port_owner(port: int) -> str:
    """The owner of the port as far as visible to this user: "process 812 (postgres)" or "another program"."""
    pid = _listener(port)
    if not pid:
        return "another program"
    try:
        return f"process {pid} ({psutil.Process(pid).name()})"
    except psutil.Error:
        return f"process {pid}"


def _listener(port: int) -> int | None:
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError, RuntimeError):
        # On macOS only root may list them.
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return connection.pid
    return None
