"""``crashgraph up`` from an empty home to a served page; killed, started again, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from polling import wait_until
from running_up import UP, RunningUp, databases, of_home, post

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
    assert again.ask(CRASHES) == {"crashes": {"nodes": [{"status": "unparsed"}]}}
    assert post(f"{again.base}/api/reports", b"something else went wrong")["receipts"][0]["status"] == "unparsed"
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
