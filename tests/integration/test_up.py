"""``crashgraph up`` from an empty home to a served page; killed, started again, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest
from polling import wait_for_service, wait_until

UP = [sys.executable, "-m", "crashgraph", "up"]


class Running:
    """One ``crashgraph up`` on a port of its own."""

    started: ClassVar[list[Running]] = []

    def __init__(self, home: Path, port: int) -> None:
        self.started.append(self)
        self.base = f"http://127.0.0.1:{port}"
        self.log = home / "up.log"
        environment = {**os.environ, "CRASHGRAPH_HOME": str(home), "CRASHGRAPH_PORT": str(port)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(UP, env=environment, stdout=log, stderr=log, start_new_session=True)

    def wait(self, seconds: float = 150) -> None:
        wait_for_service(self.process, self.base, self.log, seconds)

    def ask(self, query: str, **variables: object) -> dict[str, object]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.base}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=100) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer
        return dict(answer["data"])

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        # A killed worker stays a zombie without a command line until its parent has waited for it.
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "worker" in (child.as_dict(["cmdline"])["cmdline"] or ())]

    def end(self, number: signal.Signals) -> int:
        """Signal its process group, as a terminal does."""
        os.killpg(self.process.pid, number)
        return self.process.wait(60)


def post(address: str, text: bytes) -> dict[str, Any]:
    """Post a report as plain text."""
    request = urllib.request.Request(address, text, {"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=150) as response:
        return dict(json.load(response))


@pytest.fixture
def fresh_home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for running in Running.started:
        running.process.kill()
        running.process.wait()
    for process in databases(tmp_path):
        process.kill()


def databases(home: Path) -> list[psutil.Process]:
    """Neo4j processes of this home."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(home) in line and "java" in line:
            found.append(process)
    return found


@pytest.mark.timeout(400)
def test_up_is_killed_starts_again_and_stops(fresh_home: Path, unused_tcp_port: int) -> None:
    first = Running(fresh_home, unused_tcp_port)
    first.wait()
    submit = "mutation ($report: String!) { submitCrash(input: {report: $report}) { __typename } }"
    first.ask(submit, report="all is well, so nothing has to be recognised")
    second = subprocess.run(
        UP, env={**os.environ, "CRASHGRAPH_HOME": str(fresh_home)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode != 0
    assert first.base in second.stderr
    (worker,) = first.workers()
    first.end(signal.SIGKILL)
    (orphan,) = databases(fresh_home)
    psutil.wait_procs([worker], timeout=30)
    assert not worker.is_running(), "a worker ends with the service that it belongs to"

    # A client that comes between the two waits for the second one.
    with ThreadPoolExecutor() as pool:
        early = pool.submit(post, f"{first.base}/api/reports", b"something else went wrong")
        again = Running(fresh_home, unused_tcp_port)
        again.wait()
        assert early.result()["receipts"][0]["status"] == "unparsed"
    assert [process.pid for process in databases(fresh_home)] == [orphan.pid]
    stored = again.ask("{ crashes(first: 5) { nodes { status } } }")
    assert stored == {"crashes": {"nodes": [{"status": "unparsed"}] * 2}}
    (worker,) = again.workers()
    worker.kill()
    restarted: list[psutil.Process] = []

    def replaced() -> bool:
        restarted[:] = [process for process in again.workers() if process.pid != worker.pid]
        return bool(restarted)

    wait_until(replaced, "a worker that died is replaced")
    assert again.end(signal.SIGINT) == 0, again.log.read_text()
    assert databases(fresh_home) == []
    assert not restarted[0].is_running()
    log = again.log.read_text()
    assert "Traceback" not in log
    assert "Aborted" not in log, "a worker that is still starting is not interrupted"
