"""The Java process of one server: spawning it, waiting until it answers, ending it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from graph.model.errors import StartError
from graph.server.bolt import accepts, bolt_answers
from graph.server.command import java_environment, short_log
from graph.server.state import is_alive

LOG_KEEP_BYTES = 5_000_000
SHOWN_LINES = 15
POLL_S = 0.1


def spawn(command: Sequence[str], log: Path, directory: Path) -> psutil.Process:
    """Start it in a session of its own, so that a Ctrl-C in the terminal does not reach it before we stop it."""
    _rotate(log)
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own Java and arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=java_environment(),
            start_new_session=True,
        )
    process = psutil.Process(child.pid)
    # The server may outlive this process, and others stop it too: from here psutil watches it, and the
    # Popen object must not complain that its child still runs when it is collected.
    child.returncode = 0
    return process


def await_ready(process: psutil.Process, bolt_port: int, http_port: int, timeout: float, log: Path, log_start: int = 0) -> None:
    """Return when Bolt answers and the Browser's port accepts.

    Bolt comes first, and a server whose HTTP port is taken stops again after that. Raises StartError, with
    the log's last lines, when it ends or ``timeout`` seconds have passed.
    """
    deadline = time.monotonic() + timeout
    while not (
        bolt_answers(bolt_port, timeout=1.0)
        and accepts(http_port, timeout=1.0)
        and all(_is_listening(process, port) for port in (bolt_port, http_port))
    ):
        if not is_alive(process):
            raise StartError(f"Neo4j stopped while starting; its last words ({log}):{_tail(log, log_start)}")
        if time.monotonic() > deadline:
            raise StartError(f"Neo4j did not answer within {timeout:.0f} s; its last words ({log}):{_tail(log, log_start)}")
        time.sleep(POLL_S)


def _is_listening(process: psutil.Process, port: int) -> bool:
    """Whether it is this process that answers there, and not another server that was started in the same moment."""
    try:
        found = process.net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Where that cannot be seen, what answers is taken at its word.
        return True
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)


def end(process: psutil.Process, grace: float) -> bool:
    """Ask it to stop, wait ``grace`` seconds, then kill it. True when it went by itself."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        if process.status() == psutil.STATUS_STOPPED:
            # Halted by SIGSTOP it would sleep through the signal to end.
            process.resume()
        if _gone(process, grace):
            return True
        process.kill()
        _gone(process, 10.0)
        return False
    return True


def log_size(log: Path) -> int:
    """Where the next start's own lines begin."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def log_since(log: Path, start: int) -> str:
    """What was logged from a position on."""
    with suppress(OSError), log.open("rb") as file:
        # A log that was rotated meanwhile is shorter than the position.
        file.seek(start if start <= os.fstat(file.fileno()).st_size else 0)
        return file.read().decode("utf-8", "replace")
    return ""


def started_by() -> str:
    """Who starts the server, for people: "crashgraph up (process 812)"."""
    # Only words like "up": anything else may be private.
    words = [Path(sys.argv[0] or "python").name, *(word for word in sys.argv[1:2] if re.fullmatch(r"[a-z]+", word))]
    return f"{' '.join(words)} (process {os.getpid()})"


def _gone(process: psutil.Process, timeout: float) -> bool:
    try:
        process.wait(timeout)
    except psutil.TimeoutExpired:
        return not is_alive(process)
    except psutil.NoSuchProcess:
        pass
    return True


def _tail(log: Path, start: int) -> str:
    return short_log(log_since(log, start).splitlines(), SHOWN_LINES) or "\n  (it said nothing)"


def _rotate(log: Path) -> None:
    if log_size(log) > LOG_KEEP_BYTES:
        log.replace(log.with_suffix(".log.1"))
