"""Sentry's own SDK for Python, unmodified, against the real service."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sentry_sdk
from polling import wait_for_service
from running_up import with_socket

from crashgraph.app import AppDependencies
from crashgraph.http_ingest.keys import Keys, dsn
from crashgraph.serving import serving
from crashgraph.settings import Settings
from crashgraph.wiring import Container, build_access, build_intake
from graph.model.statement import Statement
from graph.store import Neo4jGraph

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, str(ROOT / "benchmarks" / "sentry_python.py")]
STORED = Statement(
    "MATCH (c:Crash {product: 'bench-python'}) RETURN c.external_id AS id, c.culprit AS culprit, c.format AS format"
)


def start(environment: dict[str, str], listening: socket.socket, log: Path) -> subprocess.Popen[bytes]:
    """``crashgraph serve`` on a socket that outlives it, ready."""
    port = listening.getsockname()[1]
    command = with_socket(listening, [sys.executable, "-m", "crashgraph", "serve"])
    variables, descriptors = {**environment, "CRASHGRAPH_PORT": str(port)}, [listening.fileno()]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=variables, stdout=out, stderr=out, cwd=ROOT, pass_fds=descriptors)
    wait_for_service(process, f"http://127.0.0.1:{port}", log)
    return process


@pytest.mark.timeout(400)
async def test_no_event_is_lost_when_the_service_is_killed_and_started_again(
    graph: Neo4jGraph, environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    """But the one that the service had read and not yet answered: Sentry's SDK does not send it again."""
    log = tmp_path / "serve.log"
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    address = dsn(f"http://127.0.0.1:{listening.getsockname()[1]}", Keys(Settings(home=home)).first)
    service = await asyncio.to_thread(start, environment, listening, log)
    program = subprocess.Popen([*PROGRAM, address, "100", "0.02", "0"], stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert program.stdout is not None
    try:
        assert program.stdout is not None
        assert (await asyncio.to_thread(program.stdout.readline)).strip() == "half"
        service.send_signal(signal.SIGKILL)
        service.wait()
        service = await asyncio.to_thread(start, environment, listening, log)
        summary = json.loads((await asyncio.to_thread(program.stdout.read)).strip().splitlines()[-1])
    finally:
        program.stdout.close()
        program.wait()
        listening.close()
        service.send_signal(signal.SIGINT)
        assert service.wait(60) == 0, log.read_text()
    rows = await graph.read(STORED)
    captured, answered = set(summary["captured"]), {id for id, status in summary["answers"].items() if status == 200}
    assert len(captured) == 100
    assert answered <= {row["id"] for row in rows}
    assert len(captured - {row["id"] for row in rows}) <= 1
    assert {(row["format"], row["culprit"]) for row in rows} == {("sentry", "sentry_python.price")}


async def test_the_sdk_pauses_when_the_spool_is_full(container: Container) -> None:
    bound = socket.create_server(("127.0.0.1", 0))
    address = dsn(f"http://127.0.0.1:{bound.getsockname()[1]}", Keys(container.settings).first)
    async with (
        build_intake(container) as intake,
        serving(AppDependencies(container, intake, build_access(container)), bound),
    ):
        client = sentry_sdk.Client(address, default_integrations=False)
        intake._spool.bytes = 1 << 30
        client.capture_event({"message": "it broke", "level": "error"})
        await asyncio.to_thread(client.flush, 20)
        assert client.transport is not None
        (until,) = (when for category, when in client.transport._disabled_until.items() if category == "error")  # type: ignore[attr-defined]  # of HttpTransport
        assert 0 < (until - datetime.now(UTC)).total_seconds() <= 60
        intake._spool.bytes = 0
        await asyncio.to_thread(client.close, 5)
