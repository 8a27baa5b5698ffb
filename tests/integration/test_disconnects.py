"""Disconnecting clients leave no trace in the log."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
import websockets
from websockets.typing import Subprotocol

from crashgraph.app import AppDependencies
from crashgraph.logs import configure_logging
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake

SECRET = "planted-secret-5f2c1d"
PROGRESS = f"subscription ($id: ID!) {{ jobProgress(runId: $id) {{ runId state }} }} # {SECRET}"
REQUEST = 'mutation { requestJob(input: {name: "co_occurrence", params: []}) { run { runId } } }'
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@asynccontextmanager
async def served(container: Container) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
        ):
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql"


async def abort(address: str, run_id: str, *, name: str, messages: int, pause: float) -> None:
    """Connect, send the first ``messages`` of several subscriptions, read nothing, and reset the connection."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.connect(("127.0.0.1", urlsplit(address).port))
    client = await websockets.connect(
        address,
        sock=connection,
        compression=None,
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"X-Api-Key": SECRET},
    )
    client.transport.pause_reading()
    subscribe = {"query": PROGRESS, "variables": {"id": run_id}}
    messages_sent = [
        {"type": "connection_init", "payload": {"token": SECRET}},
        *({"id": f"{number}-{name}", "type": "subscribe", "payload": subscribe} for number in range(9)),
    ]
    for message in messages_sent[:messages]:
        await client.send(json.dumps(message))
    if len(name) > len(SECRET):
        # The pong has to wait behind the answers, so that the server's write fails before it sees the reset.
        await asyncio.sleep(0.5)
        await client.send(json.dumps({"type": "ping"}))
    await asyncio.sleep(pause)  # the reset comes before, during or after the answers
    client.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    client.transport.abort()
    await client.wait_closed()


# The Neo4j driver leaves a socket to the garbage collector when it is cancelled while it connects.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_aborted_sockets_leave_no_trace_in_the_log(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug")
    # The server repeats the name in each answer: a long one fills its buffer, so that it is writing when the reset comes.
    names = (SECRET, SECRET + "x" * 900_000)
    async with served(container) as address:
        async with httpx.AsyncClient() as client:
            response = await client.post(f"http://{urlsplit(address).netloc}/graphql", json={"query": REQUEST})
        run_id = response.json()["data"]["requestJob"]["run"]["runId"]
        for name in names:
            for pause in (0.0, 0.01, 0.5):
                await asyncio.gather(
                    *(abort(address, run_id, name=name, messages=messages, pause=pause) for messages in (1, 3, 10))
                )
    # The server has stopped, so its log is complete.
    log = capsys.readouterr().err
    assert SECRET not in log
    assert "Traceback" not in log
    assert "Exception" not in log
    gc.collect()  # while those warnings are ignored


async def test_a_client_that_leaves_in_the_middle_of_a_report_leaves_no_trace(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("debug")
    async with served(container) as address:
        port = urlsplit(address).port
        for path in ("/api/reports", "/graphql", "/api/1/store/?sentry_key=x"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
            writer.write(head.encode() + SECRET.encode())
            await asyncio.sleep(0.3)
            writer.transport.abort()
        await asyncio.sleep(0.5)
    log = capsys.readouterr().err
    assert SECRET not in log
    assert "Traceback" not in log
    assert "Exception" not in log
