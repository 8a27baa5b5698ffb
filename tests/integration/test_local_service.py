"""Commands use a running service of their home, and print the same as without one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from polling import wait_for_service
from reports import json_lines, traceback

from graph.model.statement import Statement
from graph.store import Neo4jGraph

EMPTY = Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS", name="empty the graph")
HEAVY = {"igraph", "neo4j", "numpy", "rich", "scipy", "structlog", "torch", "uvicorn"}
MATCHES = (
    ("known.txt", "--explain", "--candidates", "2"),
    ("new.txt", "--format", "python", "--output", "jsonl"),
    ("broken.jsonl", "--candidates", "0"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "known.txt").write_text(traceback(0))
    (tmp_path / "new.txt").write_text(traceback(1).replace("ZeroDivisionError", "ZebraError").replace("stats", "zebra"))
    (tmp_path / "prose.txt").write_text("all is well")
    (tmp_path / "reports.jsonl").write_text("".join(json_lines(9)))
    (tmp_path / "broken.jsonl").write_text('{"report": 7}\n' + "".join(json_lines(2)))
    return tmp_path


@contextmanager
def running(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A service; killed at the end unless it was before."""
    log_path = Path(environment["CRASHGRAPH_HOME"], "serve.log")
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "crashgraph", "serve"],
            env={**environment, "CRASHGRAPH_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for_service(process, f"http://127.0.0.1:{port}", log_path, 400)
        yield process
    finally:
        process.kill()
        process.wait(20)


def run(environment: dict[str, str], folder: Path, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes]:
    """Exit code and standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "crashgraph", *arguments],
        env=environment,
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=400,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.timeout(900)
async def test_commands_print_the_same_with_and_without_a_service(
    environment: dict[str, str], graph: Neo4jGraph, folder: Path, unused_tcp_port: int
) -> None:
    ingests = (
        ("ingest", "reports.jsonl", "--output", "jsonl", "--candidates", "3"),
        ("ingest", "-", "--jsonl", "--site", "north"),
    )
    broken = (folder / "broken.jsonl").read_bytes()

    async def outputs() -> list[tuple[int, bytes]]:
        await graph.run_implicit(EMPTY)
        stored = [await asyncio.to_thread(run, environment, folder, *each, stdin=broken) for each in ingests]
        matched = [await asyncio.to_thread(run, environment, folder, "match", *each) for each in MATCHES]
        return [*stored, *matched]

    alone = await outputs()
    assert [code for code, _ in alone] == [0, 3, *[0] * len(MATCHES)]
    with running(environment, unused_tcp_port) as service:
        assert await outputs() == alone
        heavy = await asyncio.to_thread(imported, environment, folder, "match", "new.txt")
        assert heavy == set(), "nothing heavy is loaded by a command that asks the service"
        # An error keeps its message and its exit code.
        assert (await asyncio.to_thread(run, environment, folder, "match", "missing.txt"))[0] == 2
        os.kill(service.pid, signal.SIGKILL)
        service.wait(20)
        assert await asyncio.to_thread(run, environment, folder, "match", *MATCHES[0]) == alone[len(ingests)]


def imported(environment: dict[str, str], folder: Path, *arguments: str) -> set[str]:
    """Which of the heavy packages a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "crashgraph", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    return names & HEAVY


@pytest.mark.timeout(900)
def test_the_service_answers_only_with_its_token(environment: dict[str, str], graph: Neo4jGraph, unused_tcp_port: int) -> None:
    with running(environment, unused_tcp_port):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            body = json.dumps({"options": {}, "submissions": []}).encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{unused_tcp_port}/api/local/reports", body, {**headers, "Content-Type": "application/json"}
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=20)
            with refused.value:
                assert refused.value.code in {401, 403}
