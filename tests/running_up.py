"""``crashgraph up`` as a process, and the processes that belong to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from polling import wait_for_service, wait_until

UP = [sys.executable, "-m", "crashgraph", "up"]
HUNG_SECONDS = 100.0
"""For six questions without an answer, five seconds each, on a busy machine."""


def with_socket(listening: socket.socket, command: Sequence[str]) -> list[str]:
    """The command that hands in a socket as systemd does: it is descriptor 3, and variables name the process that gets it."""
    return ["bash", "-c", f'exec 3<&{listening.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "bash", *command]


class RunningUp:
    """One ``crashgraph up`` with its log in the home."""

    def __init__(
        self, home: Path, port: int, *arguments: str, handed_in: socket.socket | None = None, **variables: str
    ) -> None:
        self.home = home
        self.base = f"http://127.0.0.1:{port}"
        self.log = home / "up.log"
        environment = {**os.environ, "CRASHGRAPH_HOME": str(home), "CRASHGRAPH_PORT": str(port), **variables}
        command, descriptors = [*UP, *arguments], list[int]()
        if handed_in is not None:
            descriptors = [handed_in.fileno()]
            command = with_socket(handed_in, command)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, pass_fds=descriptors, start_new_session=True
            )

    def wait(self, seconds: float = 240) -> None:
        """Until it is ready."""
        wait_for_service(self.process, self.base, self.log, seconds)

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of a GraphQL query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.base}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=150) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return dict(answer["data"])

    def child(self, command: str) -> psutil.Process:
        """Its service or worker."""
        found: list[psutil.Process] = []

        def present() -> bool:
            found[:] = [child for child in psutil.Process(self.process.pid).children() if command in _command_line(child)]
            return len(found) == 1

        wait_until(present, f"one {command}")
        return found[0]

    def replaced(self, command: str, old: psutil.Process, seconds: float = 240) -> psutil.Process:
        """The service or worker after ``old``, which must end in time."""
        wait_until(lambda: not _runs(old), f"the end of the old {command}", seconds)
        return self.child(command)

    def end(self, number: signal.Signals) -> int:
        """Signal its process group, as a terminal does, and wait for the end."""
        os.killpg(self.process.pid, number)
        return self.process.wait(120)

    def clean_up(self) -> None:
        """Leave nothing behind, whatever happened."""
        for process in [*of_home(self.home), psutil.Process()]:
            if process.pid != os.getpid():
                process.kill()
        self.process.kill()
        self.process.wait()


def post(address: str, text: bytes) -> dict[str, Any]:
    """Post a report as plain text."""
    request = urllib.request.Request(address, text, {"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=150) as response:
        return dict(json.load(response))


def databases(home: Path) -> list[psutil.Process]:
    """Neo4j processes of this home."""
    return [process for process in of_home(home) if "org.neo4j.server.Neo4jCommunity" in _command_line(process)]


def of_home(home: Path) -> list[psutil.Process]:
    """All processes that work on this home."""
    return [process for process in psutil.process_iter() if _runs(process) and _belongs(process, home)]


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        environment = process.environ()
    except psutil.Error:
        environment = {}
    started_with = f"--home-dir={home}"
    return environment.get("CRASHGRAPH_HOME") == str(home) or any(
        one == started_with or one.startswith(f"{started_with}/organisations/") for one in _command_line(process)
    )


def _command_line(process: psutil.Process) -> list[str]:
    return process.as_dict(["cmdline"])["cmdline"] or []


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
