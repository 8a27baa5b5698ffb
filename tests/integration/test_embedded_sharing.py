"""One server, several processes: joining, leaving, dying."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from polling import wait_until

from graph.model.errors import ServerError
from graph.server import EmbeddedServer, ServerSettings
from graph.server.bolt import bolt_answers

USE = """
import sys; from pathlib import Path; from graph.server import EmbeddedServer, ServerSettings
server = EmbeddedServer(ServerSettings(Path(sys.argv[1]), bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
print(server.acquire().bolt_uri, flush=True)
sys.stdin.read(); server.release(); print("left", flush=True)
"""


class User:
    """A process that uses the server until its standard input closes."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin
        assert self.process.stdout
        self._stdin, self._stdout = self.process.stdin, self.process.stdout

    def address(self) -> str:
        return self._stdout.readline().strip()

    def leave(self) -> None:
        self._stdin.close()
        assert self._stdout.readline().strip() == "left"
        self.process.wait()

    def die(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.die()
        self._stdin.close()
        self._stdout.close()


@contextmanager
def users(home: Path, count: int) -> Iterator[list[User]]:
    made = [User(home) for _ in range(count)]
    try:
        yield made
    finally:
        for user in made:
            user.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    found = EmbeddedServer(ServerSettings(tmp_path / "home", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
    yield found
    found.stop()


@pytest.mark.timeout(400)
def test_processes_share_one_server_and_survive_each_others_end(server: EmbeddedServer) -> None:
    home = server.settings.home
    with users(home, 2) as (first, second):
        # Both start at once: one starts the server, the other joins it.
        assert first.address() == second.address()
        running = server.status()
        assert running.answering
        assert running.mode == "transient"
        assert (home / "password").stat().st_mode & 0o777 == 0o600
        assert listening_addresses(running.pid) == {"127.0.0.1"}

        with pytest.raises(ServerError, match="cannot reset while another crashgraph uses the graph"):
            server.reset()

        # A process that leaves in order does not stop what another one still uses.
        first.leave()
        assert server.status().pid == running.pid

        # A killed process leaves the server behind; the next one takes it over and stops it when it leaves.
        second.die()
        assert server.status().answering
        assert server.acquire().bolt_uri.endswith(f":{running.bolt_port}")
        assert server.status().pid == running.pid
        server.release()
        assert not server.status().running
        assert running.pid is not None
        assert not psutil.pid_exists(running.pid) or psutil.Process(running.pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.timeout(400)
def test_a_persistent_server_outlives_its_users_and_a_hung_one_is_replaced(server: EmbeddedServer) -> None:
    server.start_persistent()
    first = server.status()
    server.acquire()
    server.release()
    assert server.status().pid == first.pid
    assert first.pid is not None
    assert os.getsid(first.pid) != os.getsid(0), "a Ctrl-C in the terminal would reach it"

    # The server hangs: the next user ends it and starts another.
    os.kill(first.pid, signal.SIGSTOP)
    bolt_port = first.bolt_port
    assert bolt_port is not None
    wait_until(lambda: not bolt_answers(bolt_port), "the stopped server is silent")
    next_user = EmbeddedServer(server.settings)
    next_user.acquire()
    second = next_user.status()
    assert second.pid != first.pid
    assert second.bolt_port is not None
    assert bolt_answers(second.bolt_port)
    assert next_user.stop()
    assert not next_user.stop()


def listening_addresses(pid: int | None) -> set[str]:
    connections = psutil.Process(pid).net_connections(kind="tcp")
    # Java writes IPv4 addresses as IPv6 ones.
    return {each.laddr.ip.removeprefix("::ffff:") for each in connections if each.status == psutil.CONN_LISTEN}
