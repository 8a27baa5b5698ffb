"""The state file of the running server, and the check that its process is still that server."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

from graph.server.files import write_atomic
from graph.server.layout import Layout
from graph.server.values import Mode

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
Phase = Literal["starting", "ready", "stopping"]

# Corrections of the system clock move create_time a little.
CLOCK_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class ServerState:
    """One started server. ``create_time`` is psutil's, in seconds since 1970.

    The phase is ``ready`` once the server has answered, and ``stopping`` from just before the signal to stop: such a server
    must not be joined.
    """

    pid: int
    create_time: float
    bolt_port: int
    http_port: int
    mode: Mode
    started_by: str
    phase: Phase = "starting"


def read_state(path: Path) -> ServerState | None:
    """The stored state; ``None`` if there is none or it is damaged."""
    with suppress(OSError, ValueError, TypeError):
        return ServerState(**json.loads(path.read_text(encoding="utf-8")))
    return None


def write_state(path: Path, state: ServerState) -> None:
    """Replace the stored state atomically."""
    write_atomic(path, json.dumps(asdict(state), indent=1))


def home_argument(layout: Layout) -> str:
    """The argument that identifies the server process of this home."""
    return f"--home-dir={layout.home}"


def find_server(layout: Layout) -> tuple[psutil.Process, ServerState | None] | None:
    """The running server of this home with its state; ``None`` if there is none.

    If the state file names no such process, all processes are searched: a crashgraph killed just after starting Java leaves
    a server without a state file.
    """
    state = read_state(layout.state)
    if state is not None:
        process = _process(state.pid)
        if process and is_server(process, layout) and _started_at(process, state.create_time):
            return process, state
    for candidate in psutil.process_iter():
        if is_server(candidate, layout):
            return candidate, None
    return None


def is_server(process: psutil.Process, layout: Layout) -> bool:
    """Whether this process is alive and is the Neo4j of this home."""
    try:
        command = process.cmdline()
        return home_argument(layout) in command and MAIN_CLASS in command and is_alive(process)
    except (psutil.Error, OSError):
        return False


def is_alive(process: psutil.Process) -> bool:
    """Whether the process is running and not a zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _started_at(process: psutil.Process, create_time: float) -> bool:
    try:
        return abs(process.create_time() - create_time) < CLOCK_SLACK_S
    except psutil.Error:
        return False


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except (psutil.Error, ValueError):
        return None
