"""A day of an organisation over all its ways in: the record has who did what, refusals included, and nothing else."""

from __future__ import annotations

import asyncio
import getpass
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import websockets
from polling import until
from reports import traceback
from websockets.typing import Subprotocol

from crashgraph.app import AppDependencies
from crashgraph.http_ingest.keys import Keys
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.model.statement import Statement
from jobs.correlate.co_occurrence import SPEC as CO_OCCURRENCE
from jobs.worker import WorkerSettings, run_worker
from resolvers.access import list_audit
from schema import event_stream
from schema import socket as graphql_socket

PASSWORD, SECRET = "correct horse battery staple", "Sesame77zq"
TEXT = {"Content-Type": "text/plain"}
SECONDS = 60
OPERATOR = f"person:{getpass.getuser()}"
"""Who gives the commands."""
SOCKET = [Subprotocol("graphql-transport-ws")]
FOLLOW = {"query": "subscription { event { position } }"}
QUERY = {"query": "{ patterns(first: 1) { nodes { key } } }"}


@pytest_asyncio.fixture
async def client(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=SECONDS) as opened,
        ):
            yield opened


@pytest.fixture
def commands(environment: dict[str, str], tmp_path: Path) -> Commands:
    return Commands({**environment, "CRASHGRAPH_HOME": str(tmp_path)})


class Commands:
    """``crashgraph`` on the command line of the same home."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    async def __call__(self, *arguments: str, given: str = "") -> str:
        command = [sys.executable, "-m", "crashgraph", *arguments]
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)


class Caller:
    """Someone with credentials, or without."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def change(self, field: str, fields: str = "", *, kind: str | None = None, **given: Any) -> Any:
        kind = kind or f"{field[0].upper()}{field[1:]}Input"
        text = f"mutation($input: {kind}!) {{ {field}(input: $input) {{ {fields} userErrors {{ code message }} }} }}"
        answer = (await self.send("/graphql", {"query": text, "variables": {"input": given}})).json()
        return answer["errors"] if "errors" in answer else answer["data"][field]

    async def send(self, path: str, body: Any) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self.headers)

    async def signed_in(self, name: str) -> Caller:
        answer = (await self.send("/auth/login", {"name": name, "password": PASSWORD})).json()
        return Caller(self.client, answer["accessToken"])


async def test_the_record_of_a_day_over_all_ways_in(
    container: Container, client: httpx.AsyncClient, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, graph = Caller(client), container.graph
    await commands("user", "add", "ann", "--role", "admin", "--password-stdin", given=f"{PASSWORD}\n")
    wrong = await stranger.send("/auth/login", {"name": "ann", "password": f"wrong {SECRET} wrong"})
    assert (wrong.status_code, (await stranger.send("/graphql", QUERY)).status_code) == (403, 401), wrong.text
    ann = await stranger.signed_in("ann")
    for name, role in (("rob", "RESPONDER"), ("vera", "VIEWER")):
        await ann.change("createUser", name=name, role=role, password=PASSWORD)
    rob, vera = await stranger.signed_in("rob"), await stranger.signed_in("vera")
    made = await rob.change("createApiKey", "token apiKey { id }", name="builds", scopes=["REPORT", "READ"])
    builds = Caller(client, made["token"])

    sent = await client.post("/api/reports", content=traceback(0), headers={**builds.headers, **TEXT})
    [receipt] = sent.json()["receipts"]
    event = {"event_id": "7" * 32, "exception": {"values": [{"type": "TimeoutError", "value": f"password={SECRET}"}]}}
    key = Keys(container.settings).first
    assert (await client.post(f"/api/1/store/?sentry_key={key}", json=event)).status_code == 200
    assert (await builds.change("submitCrash", report=traceback(1)))["userErrors"] == []
    await commands("ingest", "-", given=traceback(2))

    pattern = receipt["pattern_id"]
    solution = await rob.change(
        "recordSolution", "solution { key }", kind="SolutionInput", pattern=pattern, description=f"token={SECRET}"
    )
    used = {"solution": solution["solution"]["key"], "pattern": pattern, "worked": True}
    assert (await rob.change("recordUse", kind="UseInput", **used, onBehalfOf="Ben"))["userErrors"] == []
    assert (await rob.change("resolvePattern", pattern=pattern, reason=f"password={SECRET}"))["userErrors"] == []
    for refused in (
        await vera.change("reopenPattern", pattern=pattern),
        await builds.change("reopenPattern", pattern=pattern),
        await rob.change("deleteCrashes", crashes=[receipt["crash_id"]]),
    ):
        assert refused[0]["extensions"]["code"] == "FORBIDDEN"
    assert (await client.post("/api/reports", content=traceback(3), headers={**vera.headers, **TEXT})).status_code == 403
    run = await rob.change("requestJob", "run { key }", name=CO_OCCURRENCE.name)
    await worked(container, run["run"]["key"])
    await commands("job", "run", CO_OCCURRENCE.name)
    await ann.change("deleteCrashes", crashes=[receipt["crash_id"]])
    await ann.change("setUserRole", user="rob", role="VIEWER")
    await ends_with_its_key(ann, builds, made["apiKey"]["id"], monkeypatch)
    await rob.change("logout")

    entries = [*reversed((await list_audit(graph, 100)).items)]
    assert [(one.actor, one.action, str(one.outcome)) for one in entries] == [
        (OPERATOR, "create_user", "done"),
        ("person:anonymous", "log_in", "denied"),
        ("person:anonymous", "graphql.document", "denied"),
        ("person:ann", "log_in", "done"),
        ("person:ann", "create_user", "done"),
        ("person:ann", "create_user", "done"),
        ("person:rob", "log_in", "done"),
        ("person:vera", "log_in", "done"),
        ("person:rob", "create_api_key", "done"),
        ("key:builds", "crashes_stored", "done"),
        ("key:sentry", "crashes_stored", "done"),
        ("key:builds", "crashes_stored", "done"),
        (OPERATOR, "crashes_stored", "done"),
        ("person:rob", "record_solution", "done"),
        ("person:rob", "solution_used", "done"),
        ("person:rob", "status_changed", "done"),
        ("person:vera", "graphql.reopenPattern", "denied"),
        ("key:builds", "graphql.reopenPattern", "denied"),
        ("person:rob", "graphql.deleteCrashes", "denied"),
        ("person:vera", "/api/reports", "denied"),
        ("person:rob", "request_job", "done"),
        (OPERATOR, "run_job", "done"),
        ("person:ann", "crashes_deleted", "done"),
        ("person:ann", "set_role", "done"),
        ("person:ann", "revoke_api_key", "done"),
        ("person:rob", "log_out", "done"),
    ]
    assert {one.address for one in entries if one.actor != OPERATOR} == {"127.0.0.1"}
    assert {one.on_behalf_of for one in entries if one.action == "solution_used"} == {"Ben"}
    assert {one.on_behalf_of for one in entries if one.actor == "key:builds"} == {"rob"}
    everything = await graph.read(Statement("MATCH (n) RETURN n {.*, report: null, embedding: null} AS properties"))
    text = json.dumps(everything, default=str)
    assert SECRET not in text
    assert PASSWORD not in text
    assert made["token"] not in text


async def worked(container: Container, run: str) -> None:
    """Let a worker do a requested run, and nothing else."""
    quick = WorkerSettings(poll_seconds=0.1, heartbeat_seconds=0.2, stale_seconds=30, grace_seconds=0.2)
    worker = asyncio.create_task(run_worker(container.graph, quick, jobs=(CO_OCCURRENCE,), consumers=(), ports=container.ports))

    async def is_done() -> bool:
        text = "MATCH (r:JobRun {run_id: $run}) RETURN r.state AS state"
        rows = await container.graph.read(Statement(text, {"run": run}))
        return rows == [{"state": "succeeded"}]

    await until(is_done)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker


async def ends_with_its_key(ann: Caller, builds: Caller, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is revoked opens nothing from the next request on; what it holds open is closed soon."""
    for module in (graphql_socket, event_stream):
        monkeypatch.setattr(module, "CHECK_SECONDS", 0.5)
    address = str(ann.client.base_url).removeprefix("http://")
    stream = {**builds.headers, "Accept": "text/event-stream"}
    async with (
        asyncio.timeout(SECONDS),
        websockets.connect(f"ws://{address}/graphql", subprotocols=SOCKET, additional_headers=builds.headers) as line,
        ann.client.stream("POST", "/graphql", json=FOLLOW, headers=stream) as events,
    ):
        await line.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await line.recv())["type"] == "connection_ack"
        await line.send(json.dumps({"id": "1", "type": "subscribe", "payload": FOLLOW}))
        assert events.status_code == 200
        assert (await builds.send("/graphql", QUERY)).status_code == 200
        assert (await ann.change("revokeApiKey", kind="ApiKeyInput", apiKey=key))["userErrors"] == []
        assert (await builds.send("/graphql", QUERY)).status_code == 401
        assert (await ann.client.post("/api/reports", content="x", headers={**builds.headers, **TEXT})).status_code == 401
        assert "ACCESS" in "".join([text async for text in events.aiter_text()])
        await line.wait_closed()
        assert line.close_code == graphql_socket.FORBIDDEN
