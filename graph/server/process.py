"""The Java process of one server: spawn, wait for readiness, end."""

from __future__ import annotations

import os
import re
import signal
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
    """Start the process in its own session, so that Ctrl-C in a terminal does not reach it before us."""
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
    # The server may outlive this process, and others may stop it, so psutil watches it from here on. The Popen object must
    # not warn about a running child when it is collected.
    child.returncode = 0
    return process


def await_ready(process: psutil.Process, bolt_port: int, http_port: int, timeout: float, log: Path, log_start: int = 0) -> None:
    """Wait until Bolt answers and the Browser's port accepts connections.

    Both, since a server whose HTTP port is taken answers Bolt for a moment and then stops. Raises StartError with the last
    log lines if the process ends or after ``timeout`` seconds.
    """
    deadline = time.monotonic() + timeout
    while not (
        bolt_answers(bolt_port, timeout=1.0)
        and accepts(http_port, timeout=1.0)
        and all(_is_listening(process, port) for port in (bolt_port, http_port))
    ):
        if not is_alive(process):
            raise StartError(
                f"Neo4j stopped while starting; end of its log ({log}):{_tail(log, log_start)}", killed=_was_killed(process)
            )
        if time.monotonic() > deadline:
            raise StartError(f"Neo4j did not answer within {timeout:.0f} s; end of its log ({log}):{_tail(log, log_start)}")
        time.sleep(POLL_S)


def _was_killed(process: psutil.Process) -> bool:
    """Whether our child was ended by SIGKILL, as by a person or for lack of memory."""
    try:
        return bool(process.wait(0) == -signal.SIGKILL)
    except (psutil.Error, ValueError):
        return False


def _is_listening(process: psutil.Process, port: int) -> bool:
    """Whether this process listens there, rather than another server started at the same moment."""
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Without permission to look, assume that it is this process.
        return True
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def end(process: psutil.Process, grace: float) -> bool:
    """Terminate the process, and kill it after ``grace`` seconds. True if it ended without being killed."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        if process.status() == psutil.STATUS_STOPPED:
            # A process halted by SIGSTOP would not handle the signal.
            process.resume()
        if _gone(process, grace):
            return True
        process.kill()
        _gone(process, 10.0)
        return False
    return True


def log_size(log: Path) -> int:
    """Size of the log in bytes: the position at which the next start begins."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def log_since(log: Path, start: int) -> str:
    """The log from a position on."""
    with suppress(OSError), log.open("rb") as file:
        # A log rotated meanwhile is shorter.
        file.seek(start if start <= os.fstat(file.fileno()).st_size else 0)
        return file.read().decode("utf-8", "replace")
    return ""


def started_by() -> str:
    """A description of this process, such as "crashgraph up (process 812)"."""
    # Only plain words such as "up": other arguments may be private.
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
    return short_log(log_since(log, start).splitlines(), SHOWN_LINES) or "\n  (it is empty)"


def _rotate(log: Path) -> None:
    if log_size(log) > LOG_KEEP_BYTES:
        log.replace(log.with_suffix(".log.1"))
