"""``crashgraph up`` as systemd runs it: the socket is handed in, and a parent that ends is started again."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Self

import psutil

from crashgraph.settings import Settings
from crashgraph.wiring import open_container
from graph.model.statement import Statement
from graph.server.ports import free_port

ROOT = Path(__file__).parents[2]
PARENT, SERVICE, WORKER, NEO4J = "parent", "service", "worker", "neo4j"
NAMES = (SERVICE, WORKER, PARENT, NEO4J)
COMMANDS = {SERVICE: "serve", WORKER: "worker"}
"""What is in the command lines of the parent's children."""
Work = Callable[[threading.Event], None]
"""Runs until the event is set."""
RESTART_SECONDS = 0.1
"""As systemd waits."""
POLL_SECONDS = 0.2
STOP_SECONDS = 150.0
IDS = Statement("MATCH (c:Crash) WHERE c.external_id IS NOT NULL RETURN c.external_id AS id, count(*) AS count")


class Supervised:
    """One ``crashgraph up`` in a home. Use as a context manager; leaving it ends every process of the home."""

    def __init__(self, home: Path, *, code: Path = ROOT, handed_in: bool = True, **variables: str) -> None:
        """``code`` is the tree that runs. Without ``handed_in`` the parent opens the socket itself."""
        self.home = home
        self.log = home / "up.log"
        self.ends: list[int] = []
        """Exit statuses of parents that nothing here ended."""
        self._code = code
        self._expected: set[int] = set()
        self._closing = False
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = int(self._listening.getsockname()[1])
        if not handed_in:
            self._listening.close()
        self._handed_in = handed_in
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "CRASHGRAPH_HOME": str(home),
            "CRASHGRAPH_PORT": str(self.port),
            # No other Neo4j of this machine takes them while this one is dead.
            "CRASHGRAPH_BOLT_PORT": str(free_port()),
            "CRASHGRAPH_HTTP_PORT": str(free_port()),
            "PYTHONPATH": str(code),
            **variables,
        }
        self.process = self._start()
        self._guard = threading.Thread(target=self._restart, daemon=True)
        self._guard.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing = True
        self.process.kill()
        for process in of_home(self.home):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._guard.join()
        self._listening.close()

    def wait_ready(self, seconds: float = 300) -> float:
        """Seconds until ``/readyz`` answers 200."""
        return until(self.is_ready, seconds, lambda: self.log.read_text(errors="replace")[-4_000:])

    def is_ready(self) -> bool:
        """Whether ``/readyz`` answers 200 now."""
        return self.get("/readyz") is not None

    def get(self, path: str, seconds: float = 10.0) -> bytes | None:
        """The body of an answer 200."""
        with suppress(OSError), urllib.request.urlopen(f"{self.base}{path}", timeout=seconds) as response:
            return bytes(response.read())
        return None

    def processes(self) -> dict[str, psutil.Process]:
        """The processes that run, by name."""
        running = {PARENT: self.process.pid}
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                line = command_line(child)
                running.update({name: child.pid for name, command in COMMANDS.items() if command in line})
        for process in of_home(self.home):
            if "Neo4jCommunity" in " ".join(command_line(process)):
                running[NEO4J] = process.pid
        found = dict[str, psutil.Process]()
        for name, pid in running.items():
            with suppress(psutil.NoSuchProcess):
                found[name] = psutil.Process(pid)
        return found

    def kill(self, names: Sequence[str], randomness: random.Random) -> dict[str, int]:
        """Kill processes, in random order; what was killed."""
        running = self.processes()
        killed = {name: running[name].pid for name in names if name in running}
        if PARENT in killed:
            self._expected.add(killed[PARENT])
        for name in randomness.sample(sorted(killed), len(killed)):
            with suppress(ProcessLookupError):
                os.kill(killed[name], signal.SIGKILL)
        return killed

    def signal_parent(self, number: signal.Signals) -> dict[str, int]:
        """Ask for an orderly restart; the processes that will end by it."""
        running = self.processes()
        # Neo4j goes on if a command uses it at that moment.
        ending = (SERVICE,) if number is signal.SIGHUP else (PARENT, SERVICE, WORKER)
        if number is not signal.SIGHUP:
            self._expected.add(self.process.pid)
        os.kill(self.process.pid, number)
        return {name: running[name].pid for name in ending if name in running}

    def wait_replaced(self, killed: dict[str, int], seconds: float = 300) -> float:
        """Seconds until another process runs in place of each."""

        def replaced() -> bool:
            running = self.processes()
            return all(name in running and running[name].pid != pid for name, pid in killed.items())

        return until(replaced, seconds, lambda: f"{killed} not replaced; {self.log.read_text(errors='replace')[-4_000:]}")

    def wait_drained(self, seconds: float = 300, *, most: int = 0) -> None:
        """Wait until every accepted report is in the graph, but for ``most`` that clients send all the time."""
        until(
            lambda: (waiting := self.waiting()) is not None and waiting <= most,
            seconds,
            lambda: f"{self.waiting()} reports still wait",
        )

    def wait_falling(self, seconds: float = 300) -> float:
        """Wait until every accepted report is in the graph, as long as they become fewer; how many waited at first."""
        first = least = self.waiting() or 0.0
        while least:
            before = least

            def fewer(before: float = before) -> bool:
                now = self.waiting()
                return now is not None and now < before

            until(fewer, seconds, lambda: f"{self.waiting()} reports still wait, and do not become fewer")
            least = self.waiting() or 0.0
        return first

    def waiting(self) -> float | None:
        """Accepted reports that are not in the graph yet; ``None`` without an answer."""
        page = self.get("/metrics")
        found = re.search(r"^crashgraph_reports_waiting (\S+)$", page.decode(), re.MULTILINE) if page else None
        return float(found[1]) if found else None

    @cached_property
    def dsn(self) -> str:
        """What a Sentry SDK needs."""
        return self.run("dsn").stdout.strip()

    def run(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of crashgraph in this home."""
        command = [sys.executable, "-m", "crashgraph", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self._code, input=text, capture_output=True, text=True, check=False
        )

    def stop(self) -> int:
        """End it in order; the exit status."""
        self._closing = True
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "crashgraph", "up"]
        descriptors = list[int]()
        if self._handed_in:
            # The socket is descriptor 3, and the variables name the process that gets it, as systemd does it.
            descriptors = [self._listening.fileno()]
            command = ["bash", "-c", f'exec 3<&{descriptors[0]}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "bash", *command]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                env=self.environment,
                cwd=self._code,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                start_new_session=True,
            )

    def _restart(self) -> None:
        while True:
            status = self.process.wait()
            if self._closing:
                return
            if self.process.pid not in self._expected:
                self.ends.append(status)
            time.sleep(RESTART_SECONDS)
            self.process = self._start()


async def stored_ids(home: Path) -> Counter[str]:
    """How often each external id is in the graph of a home."""
    async with open_container(Settings(home=home)) as container:
        return Counter({row["id"]: row["count"] for row in await container.graph.read(IDS)})


def of_home(home: Path) -> list[psutil.Process]:
    """All processes that work on a home, except this one."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _works_on(process, home)]


def command_line(process: psutil.Process) -> list[str]:
    """Its command line; empty once it has ended."""
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def until(condition: Callable[[], bool], seconds: float, failure: Callable[[], str]) -> float:
    """Seconds until the condition holds; ``TimeoutError`` with the text of ``failure`` otherwise."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {failure()}")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


@contextmanager
def threads(*work: Work) -> Iterator[None]:
    """Run functions that end when the event is set, which leaving this does."""
    stop = threading.Event()
    running = [threading.Thread(target=each, args=(stop,), daemon=True) for each in work]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in running:
            thread.join(STOP_SECONDS)


def _works_on(process: psutil.Process, home: Path) -> bool:
    if any(str(home) in part for part in command_line(process) if part.startswith(("--home-dir", "-D"))):
        return True
    with suppress(psutil.Error):
        return process.environ().get("CRASHGRAPH_HOME") == str(home)
    return False
