"""``crashgraph up`` from an empty home to a served page; killed, started again, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from polling import wait_until
from running_up import HUNG_SECONDS, UP, RunningUp, databases, of_home, post

from graph.server import Endpoint

SUBMIT = "mutation ($report: String!) { submitCrash(input: {report: $report}) { __typename } }"
CRASHES = "{ crashes(first: 5) { nodes { status } } }"


@pytest.fixture
def started() -> Iterator[list[RunningUp]]:
    """What a test starts, ended with it."""
    running: list[RunningUp] = []
    yield running
    for each in running:
        each.clean_up()


@pytest.mark.timeout(600)
def test_up_is_killed_starts_again_and_stops(tmp_path: Path, unused_tcp_port: int, started: list[RunningUp]) -> None:
    first = RunningUp(tmp_path, unused_tcp_port)
    started.append(first)
    first.wait()
    first.ask(SUBMIT, report="all is well, so nothing has to be recognised")
    second = subprocess.run(
        UP, env={**os.environ, "CRASHGRAPH_HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode != 0
    assert first.base in second.stderr
    children = [first.child("serve"), first.child("worker")]
    first.end(signal.SIGKILL)
    # At once, so that the port may still be in use.
    again = RunningUp(tmp_path, unused_tcp_port)
    started.append(again)
    psutil.wait_procs(children, timeout=60)
    assert [child for child in children if child.is_running()] == [], "children end with their parent"
    (orphan,) = databases(tmp_path)
    again.wait()
    assert [process.pid for process in databases(tmp_path)] == [orphan.pid]
    # A busy machine stores later what is in the spool.
    wait_until(lambda: again.ask(CRASHES) == {"crashes": {"nodes": [{"status": "UNPARSED"}]}}, "the report is stored")
    assert post(f"{again.base}/api/reports", b"something else went wrong")["receipts"][0]["status"] in {"unparsed", "queued"}
    assert again.end(signal.SIGINT) == 0, again.log.read_text()
    assert of_home(tmp_path) == []
    log = again.log.read_text()
    assert "Traceback" not in log
    assert "Aborted" not in log, "a child that is still starting is not interrupted"


@pytest.mark.timeout(600)
def test_with_a_socket_handed_in_clients_wait_for_the_next_start(tmp_path: Path, started: list[RunningUp]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        port = listening.getsockname()[1]
        first = RunningUp(tmp_path, port, handed_in=listening)
        started.append(first)
        first.wait()
        first.end(signal.SIGKILL)
        wait_until(lambda: of_home(tmp_path) == databases(tmp_path), "only Neo4j is left")
        assert len(databases(tmp_path)) == 1
        with ThreadPoolExecutor() as pool:
            early = pool.submit(post, f"{first.base}/api/reports", b"sent while nothing runs")
            again = RunningUp(tmp_path, port, handed_in=listening)
            started.append(again)
            assert early.result()["receipts"][0]["status"] in {"unparsed", "queued"}
        assert again.end(signal.SIGTERM) == 0, again.log.read_text()


@pytest.mark.timeout(600)
def test_of_two_homes_that_want_one_port_at_the_same_moment_one_starts_and_the_other_names_the_first(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int], started: list[RunningUp]
) -> None:
    """Both find the port free; the service of the one whose Neo4j cannot bind it must not log in at the other's."""
    bolt = str(unused_tcp_port_factory())
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        started.append(RunningUp(tmp_path / name, unused_tcp_port_factory(), CRASHGRAPH_BOLT_PORT=bolt))
    wait_until(lambda: any(each.process.poll() is not None for each in started), "one of them ends", 300)
    (ended,) = (each for each in started if each.process.poll() is not None)
    (lives,) = (each for each in started if each is not ended)
    lives.wait()
    (neo4j,) = databases(lives.home)
    log = ended.log.read_text()
    assert ended.process.wait() == 1
    assert f"port {bolt}, requested for Neo4j's Bolt, is used by process {neo4j.pid}" in log, log
    assert "refused the user name or password" not in log
    assert of_home(ended.home) == []


@pytest.mark.timeout(600)
def test_with_a_neo4j_that_others_run_a_hung_service_is_replaced(
    endpoint: Endpoint, tmp_path: Path, unused_tcp_port: int, started: list[RunningUp]
) -> None:
    """As the container of docker-compose.yml runs."""
    running = RunningUp(
        tmp_path,
        unused_tcp_port,
        CRASHGRAPH_NEO4J_URI=endpoint.bolt_uri,
        CRASHGRAPH_NEO4J_PASSWORD=endpoint.password,
    )
    started.append(running)
    running.wait()
    assert databases(tmp_path) == []
    service = running.child("serve")
    service.suspend()
    running.replaced("serve", service, HUNG_SECONDS)
    running.wait()
    assert running.child("worker").is_running()
    assert running.end(signal.SIGTERM) == 0, running.log.read_text()
