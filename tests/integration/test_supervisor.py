"""Children of ``crashgraph up`` are killed or hang, alone and together, and everything works again without a hand."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self
from urllib.parse import urlsplit

import pytest
from polling import wait_until
from running_up import HUNG_SECONDS, RunningUp, databases, post

from graph.server import EmbeddedServer, ServerSettings
from graph.server.ports import free_port, is_free

pytestmark = [pytest.mark.timeout(900)]
CRASHES = "{ crashes(first: 100) { nodes { message } } }"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningUp]:
    started = RunningUp(tmp_path_factory.mktemp("supervised"), free_port())
    try:
        started.wait()
        yield started
    finally:
        started.clean_up()


def submit(running: RunningUp, text: str) -> str:
    """Store a report; its id."""
    return str(post(f"{running.base}/api/reports", text.encode())["receipts"][0]["crash_id"])


def wait_until_stored(running: RunningUp, crash: str) -> None:
    """Until the crash can be read: a busy machine stores later what is in the spool."""
    query = "{ crashes(first: 100) { nodes { crashId } } }"
    wait_until(lambda: {"crashId": crash} in running.ask(query)["crashes"]["nodes"], f"crash {crash} is stored")


def test_a_killed_service_is_replaced_on_the_same_socket(running: RunningUp) -> None:
    crash = submit(running, "before the service is killed")
    service = running.child("serve")
    service.kill()
    # Connected at once, and answered by the next one: nothing is refused meanwhile.
    assert submit(running, "while there is no service")
    assert running.replaced("serve", service).pid != service.pid
    running.wait()
    wait_until_stored(running, crash)


def test_a_killed_worker_is_replaced(running: RunningUp) -> None:
    worker = running.child("worker")
    worker.kill()
    assert running.replaced("worker", worker).pid != worker.pid


def test_a_killed_neo4j_is_started_again_on_its_ports(running: RunningUp) -> None:
    crash = submit(running, "before Neo4j is killed")
    (neo4j,) = databases(running.home)
    ports = listening_ports(neo4j.pid)
    service = running.child("serve")
    neo4j.kill()
    wait_until(lambda: [each.pid for each in databases(running.home)] not in ([], [neo4j.pid]), "another Neo4j")
    running.wait()
    (other,) = databases(running.home)
    assert listening_ports(other.pid) == ports
    assert running.child("serve").pid == service.pid, "the service lives on without Neo4j"
    wait_until_stored(running, crash)


def test_a_stranger_that_takes_the_port_of_a_killed_neo4j_is_left_alone(running: RunningUp) -> None:
    crash = submit(running, "before the port is lost")
    (neo4j,) = databases(running.home)
    port = bolt_port(running)
    assert port is not None
    neo4j.kill()
    wait_until(lambda: is_free(port), "the port is free")
    with socket.create_server(("127.0.0.1", port)):
        wait_until(lambda: bolt_port(running) not in {None, port}, "another port", 240)
        running.wait()
        wait_until_stored(running, crash)
        assert running.process.poll() is None


def test_a_service_killed_with_neo4j_comes_back(running: RunningUp) -> None:
    crash = submit(running, "before both are killed")
    (neo4j,) = databases(running.home)
    service = running.child("serve")
    neo4j.kill()
    service.kill()
    running.replaced("serve", service)
    running.wait()
    wait_until_stored(running, crash)


def test_a_planned_restart_refuses_and_loses_no_request(running: RunningUp) -> None:
    service = running.child("serve")
    running.wait()
    with Load(running) as load:
        wait_until(lambda: load.answered > 50, "some answers before")
        os.kill(running.process.pid, signal.SIGHUP)
        running.replaced("serve", service)
        before = load.answered
        wait_until(lambda: load.answered > before + 50, "some answers after")
    assert load.failures == []
    assert load.crashes
    for crash in load.crashes[-20:]:
        wait_until_stored(running, crash)


def test_a_service_that_hangs_is_replaced(running: RunningUp) -> None:
    running.wait()
    service = running.child("serve")
    service.suspend()
    running.replaced("serve", service, HUNG_SECONDS)
    running.wait()


def test_a_neo4j_that_hangs_is_replaced(running: RunningUp) -> None:
    running.wait()
    (neo4j,) = databases(running.home)
    neo4j.suspend()
    wait_until(lambda: [each.pid for each in databases(running.home)] not in ([], [neo4j.pid]), "another Neo4j", 400)
    running.wait()


def test_a_service_that_cannot_start_ends_everything_with_its_last_words(running: RunningUp) -> None:
    """The last test of this file: it leaves nothing running."""
    running.wait()
    key = running.home / "redaction.key"
    key.unlink()
    key.mkdir()
    running.child("serve").kill()
    assert running.process.wait(400) == 1
    last = running.log.read_text()[-2_000:]
    assert "the service failed at 5 starts in a row" in last
    assert str(key) in last
    assert databases(running.home) == []


class Load:
    """Clients that send without a pause: on kept connections and on new ones."""

    def __init__(self, running: RunningUp) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self.crashes: list[str] = []
        self._running = running
        self._stop = threading.Event()
        self._kept_connections: list[http.client.HTTPConnection] = []
        work = [self._kept, self._kept, self._new, self._new, self._send]
        self._threads = [threading.Thread(target=self._repeat, args=(each(),)) for each in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for connection in self._kept_connections:
            connection.close()

    def _repeat(self, once: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                once()
                self.answered += 1
            except Exception as error:  # noqa: BLE001  # whatever a client sees counts
                self.failures.append(repr(error))
            time.sleep(0.002)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self._running.base).netloc, timeout=60)

    def _kept(self) -> Callable[[], None]:
        connection = self._connection()
        self._kept_connections.append(connection)
        return lambda: self._ping(connection)

    def _new(self) -> Callable[[], None]:
        return lambda: self._ping(self._connection(), close=True)

    def _send(self) -> Callable[[], None]:
        def send() -> None:
            self.crashes.append(submit(self._running, f"report {len(self.crashes)} under load"))

        return send

    def _ping(self, connection: http.client.HTTPConnection, *, close: bool = False) -> None:
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
        if close:
            connection.close()


def bolt_port(running: RunningUp) -> int | None:
    """The port of its Neo4j, if it runs."""
    return EmbeddedServer(ServerSettings(home=running.home)).status().bolt_port


def listening_ports(pid: int) -> set[int]:
    """Ports on which a process listens."""
    import psutil

    return {each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if each.status == psutil.CONN_LISTEN}
