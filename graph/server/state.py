"""What is written down about the running server, and whether the process it names is still that server."""

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

# The system clock may be corrected between two looks, which moves create_time a little.
CLOCK_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class ServerState:
    """One started server. ``create_time`` is psutil's, in seconds since 1970.

    The phase is ``ready`` once it has answered, and ``stopping`` from before it is told to stop: whoever
    finds that must not join any more.
    """

    pid: int
    create_time: float
    bolt_port: int
    http_port: int
    mode: Mode
    started_by: str
    phase: Phase = "starting"


def read_state(path: Path) -> ServerState | None:
    """What was written last, or None; a damaged file counts as none."""
    with suppress(OSError, ValueError, TypeError):
        return ServerState(**json.loads(path.read_text(encoding="utf-8")))
    return None


def write_state(path: Path, state: ServerState) -> None:
    """Replace what was written; readers see the old or the new one whole."""
    write_atomic(path, json.dumps(asdict(state), indent=1))


def home_argument(layout: Layout) -> str:
    """What the process of this home's server, and no other, has on its command line."""
    return f"--home-dir={layout.home}"


def find_server(layout: Layout) -> tuple[psutil.Process, ServerState | None] | None:
    """The live server of this home, with what is known about it; None when none runs.

    The state file leads to it. When that names no such process, the processes are searched, because a
    crashgraph killed in the instant after starting Java leaves a server that nothing names.
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
    """Whether this live process is Neo4j on exactly this home."""
    try:
        command = process.cmdline()
        return home_argument(layout) in command and MAIN_CLASS in command and is_alive(process)
    except (psutil.Error, OSError):
        return False


def is_alive(process: psutil.Process) -> bool:
    """Running, and not merely waiting for its parent to notice its end."""
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
