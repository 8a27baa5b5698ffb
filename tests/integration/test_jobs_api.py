"""Jobs through GraphQL on a served port: asked for, listed, cancelled, and followed over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from jobs.claims import claim_run, read_run
from jobs.params import NoParams
from jobs.runner import execute
from jobs.spec import JobEdge, JobSpec, Work
from schema.listeners import Listeners
from schema.operations import jobs as schema_jobs
from schema.socket import MAX_SUBSCRIPTIONS

PROTOCOL = Subprotocol("graphql-transport-ws")
PROGRESS = "subscription ($id: ID!) { jobProgress(runId: $id) { runId state progressDone progressTotal progressWhat error } }"
REQUEST = (
    "mutation ($name: String!, $params: [JobParamInput!]) { requestJob(input: {name: $name, params: $params})"
    " { run { runId job state params } errors { code message } } }"
)


@pytest_asyncio.fixture
async def address(container: Container) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), bound),
        ):
            yield f"127.0.0.1:{port}"


async def ask(address: str, query: str, **variables: object) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"http://{address}/graphql", json={"query": query, "variables": variables})
    found = answer.json()
    assert "errors" not in found, found
    return found["data"]


async def requested(address: str, **params: object) -> dict[str, Any]:
    given = [{"name": name, "value": str(value)} for name, value in params.items()]
    return (await ask(address, REQUEST, name="co_occurrence", params=given))["requestJob"]


@asynccontextmanager
async def connected(address: str, **options: Any) -> AsyncIterator[ClientConnection]:
    options.setdefault("subprotocols", [PROTOCOL])
    async with websockets.connect(f"ws://{address}/graphql", **options) as client:
        yield client


async def receive(client: ClientConnection) -> dict[str, Any]:
    text = await asyncio.wait_for(client.recv(), 60)
    assert isinstance(text, str), "browsers read frames of text"
    return json.loads(text)


async def begin(client: ClientConnection) -> None:
    await client.send(json.dumps({"type": "connection_init"}))
    assert await receive(client) == {"type": "connection_ack"}


async def listen(client: ClientConnection, run_id: str, name: str = "1", query: str = PROGRESS) -> None:
    payload = {"query": query, "variables": {"id": run_id}}
    await client.send(json.dumps({"id": name, "type": "subscribe", "payload": payload}))


def gated(go_on: asyncio.Event) -> JobSpec[NoParams]:
    async def run(work: Work[NoParams]) -> AsyncIterator[Sequence[JobEdge]]:
        work.progress(2, 5, "halfway")
        await go_on.wait()
        yield []

    return JobSpec("co_occurrence", "1", "Test job.", "off", NoParams, (), (), run)


async def test_jobs_are_listed_with_description_and_last_run(address: str, container: Container) -> None:
    found = await ask(
        address,
        "{ jobs { name version help limitations schedule afterIngest timeoutSeconds maxAttempts writes nextDueAt"
        " params { name type default help } lastRun { runId state } lastSuccess { runId } } }",
    )
    by_name = {job["name"]: job for job in found["jobs"]}
    job = by_name["co_occurrence"]
    assert job["writes"] == ["CO_OCCURS_WITH"]
    assert job["afterIngest"]
    assert job["lastRun"] is None
    assert {"name": "min_support", "type": "int", "default": "5"}.items() <= next(
        param for param in job["params"] if param["name"] == "min_support"
    ).items()
    run_id = (await requested(address))["run"]["runId"]
    assert await claim_run(container.graph, run_id, "worker")
    found = await ask(address, "{ jobs { name lastRun { runId state } lastSuccess { runId } } }")
    last = next(job for job in found["jobs"] if job["name"] == "co_occurrence")
    assert (last["lastRun"], last["lastSuccess"]) == ({"runId": run_id, "state": "RUNNING"}, None)


async def test_a_run_is_asked_for_once_and_wrong_words_are_refused(address: str) -> None:
    first = await requested(address, min_support=9)
    assert first["errors"] == []
    assert first["run"]["state"] == "REQUESTED"
    assert first["run"]["params"] == {"min_support": 9}
    assert (await requested(address, min_support="9"))["run"]["runId"] == first["run"]["runId"]
    wrong = await requested(address, depth=1)
    assert wrong["run"] is None
    assert wrong["errors"][0]["code"] == "INVALID_INPUT"
    assert "no parameter depth; it takes: window_seconds" in wrong["errors"][0]["message"]
    assert "at least 1" in (await requested(address, min_support=0))["errors"][0]["message"]
    unknown = (await ask(address, REQUEST, name="co_occurence"))["requestJob"]
    assert unknown["errors"][0]["code"] == "NOT_FOUND"
    twice = [{"name": "min_support", "value": "1"}] * 2
    assert "twice" in (await ask(address, REQUEST, name="co_occurrence", params=twice))["requestJob"]["errors"][0]["message"]


async def test_runs_come_in_pages_newest_first(address: str) -> None:
    asked = [(await requested(address, min_support=number))["run"]["runId"] for number in range(1, 6)]
    pages, after = [], None
    while True:
        document = (
            'query ($after: String) { jobRuns(job: "co_occurrence", first: 2, after: $after)'
            " { nodes { runId } pageInfo { hasNextPage endCursor } } }"
        )
        page = (await ask(address, document, after=after))["jobRuns"]
        pages.append([node["runId"] for node in page["nodes"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == [asked[:2:-1], asked[2:0:-1], asked[:1]]
    one = await ask(address, "query ($id: ID!) { jobRun(id: $id) { job state } }", id=f"JobRun:{asked[0]}")
    assert one["jobRun"] == {"job": "co_occurrence", "state": "REQUESTED"}


async def test_a_run_is_followed_to_its_end(address: str, container: Container) -> None:
    go_on = asyncio.Event()
    run_id = (await requested(address))["run"]["runId"]
    async with connected(address) as client:
        await begin(client)
        await listen(client, run_id)
        first = await receive(client)
        assert (first["id"], first["type"]) == ("1", "next")
        assert first["payload"]["data"]["jobProgress"]["state"] == "REQUESTED"
        claimed = await claim_run(container.graph, run_id, "worker", jobs=(gated(go_on),))
        assert claimed
        running = asyncio.create_task(execute(container.graph, claimed, heartbeat_seconds=0.1))
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["progressWhat"] != "halfway":
            seen.append((await receive(client))["payload"]["data"]["jobProgress"])
        assert (seen[-1]["state"], seen[-1]["progressDone"], seen[-1]["progressTotal"]) == ("RUNNING", 2, 5)
        go_on.set()
        await running
        assert (await receive(client))["payload"]["data"]["jobProgress"]["state"] == "SUCCEEDED"
        assert await receive(client) == {"id": "1", "type": "complete"}
        # A run that has ended is sent once.
        await listen(client, run_id, "2")
        assert (await receive(client))["payload"]["data"]["jobProgress"]["state"] == "SUCCEEDED"
        assert await receive(client) == {"id": "2", "type": "complete"}


async def test_a_cancelled_run_ends_its_subscriptions(address: str, container: Container) -> None:
    run_id = (await requested(address))["run"]["runId"]
    async with connected(address) as client:
        await begin(client)
        await listen(client, run_id)
        await receive(client)
        cancel = "mutation ($id: ID!) { cancelJob(input: {runId: $id}) { run { state } errors { code } } }"
        assert (await ask(address, cancel, id=run_id))["cancelJob"] == {"run": {"state": "CANCELLED"}, "errors": []}
        assert (await receive(client))["payload"]["data"]["jobProgress"]["state"] == "CANCELLED"
        assert (await receive(client))["type"] == "complete"
        assert (await ask(address, cancel, id="nobody"))["cancelJob"]["errors"] == [{"code": "NOT_FOUND"}]
    assert (await read_run(container.graph, run_id)).state == "cancelled"


async def test_errors_reach_the_subscriber_without_secrets(address: str) -> None:
    async with connected(address) as client:
        await begin(client)
        await listen(client, "nobody")
        [error] = (await receive(client))["payload"]["errors"]
        assert error["extensions"] == {"code": "NOT_FOUND"}
        assert (await receive(client))["type"] == "complete"
        others = ["mutation { cancelJob(input: {runId: 1}) { run { state } } }", "nonsense", " " * 100_001]
        for number, query in enumerate(others):
            await listen(client, "x", f"q{number}", query)
            answer = await receive(client)
            assert (answer["id"], answer["type"]) == (f"q{number}", "error")
            assert answer["payload"][0]["extensions"]["code"] == ("INVALID_QUERY" if number < 2 else "LIMIT")
        many = "subscription { " + " ".join(f"a{n}: jobProgress(runId: 1) {{ state }}" for n in range(60)) + " }"
        await listen(client, "x", "many", many)
        assert (await receive(client))["type"] == "error"


async def test_listeners_are_bounded_and_let_go(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listeners = Listeners(2)
    monkeypatch.setattr(schema_jobs, "_LISTENERS", listeners)
    run_id = (await requested(address))["run"]["runId"]
    async with connected(address) as client:
        await begin(client)
        for name in ("1", "2"):
            await listen(client, run_id, name)
            assert (await receive(client))["type"] == "next"
        await listen(client, run_id, "3")
        [error] = (await receive(client))["payload"]["errors"]
        assert error["extensions"] == {"code": "BUSY", "retryAfter": 5}
        assert (await receive(client))["type"] == "complete"
        await client.send(json.dumps({"id": "1", "type": "complete"}))
        async with asyncio.timeout(30):
            while listeners.count != 1:
                await asyncio.sleep(0.02)
    async with asyncio.timeout(30):
        while listeners.count:
            await asyncio.sleep(0.02)


async def test_a_socket_has_so_many_subscriptions_and_says_so_with_a_code(address: str) -> None:
    async with connected(address) as client:
        await begin(client)
        for number in range(MAX_SUBSCRIPTIONS):
            await listen(client, "", f"s{number}", "subscription { events { position } }")
        await listen(client, "", "more", "subscription { events { position } }")
        answer = await receive(client)
        assert (answer["id"], answer["type"]) == ("more", "error")
        assert answer["payload"][0]["extensions"] == {"code": "LIMIT"}


EVENTS = "subscription($after: Int) { events(kinds: [JOB_ENDED], after: $after) { position kind actor subjects } }"


async def test_events_are_subscribed_to_from_a_position_on(address: str) -> None:
    first = (await requested(address))["run"]["runId"]
    await ask(address, "mutation($id: ID!) { cancelJob(input: {runId: $id}) { run { state } } }", id=first)
    async with connected(address) as client:
        await begin(client)
        await client.send(json.dumps({"id": "e", "type": "subscribe", "payload": {"query": EVENTS, "variables": {"after": 0}}}))
        missed = (await receive(client))["payload"]["data"]["events"]
        assert (missed["kind"], missed["subjects"], missed["actor"]) == ("JOB_ENDED", [f"JobRun:{first}"], "person:anonymous")
        second = (await requested(address))["run"]["runId"]
        await ask(address, "mutation($id: ID!) { cancelJob(input: {runId: $id}) { run { state } } }", id=second)
        live = (await receive(client))["payload"]["data"]["events"]
        assert (live["position"], live["subjects"]) == (missed["position"] + 1, [f"JobRun:{second}"])


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "[]", "1", '{"no": "type"}', '{"type": 3}', '{"type": "subscribe"}', "[" * 20_000, b'{"type": "ping"}',
     '{"type": "subscribe", "id": "1", "payload": {"query": 5}}', '{"type": "subscribe", "id": "1", "payload": []}',
     '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": 3}}', '{"type": "shout"}'],
)  # fmt: skip
async def test_what_is_no_message_closes_the_socket(address: str, message: str | bytes) -> None:
    async with connected(address) as client:
        await begin(client)
        await client.send(message)
        await asyncio.wait_for(client.wait_closed(), 60)
        assert client.close_code == 4400


async def test_only_our_own_pages_and_the_one_protocol_get_a_socket(address: str) -> None:
    for refused in ({"origin": "https://elsewhere.example"}, {"subprotocols": ["graphql-ws"]}):
        with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed, websockets.NegotiationError)):
            async with connected(address, **refused) as client:
                await begin(client)
    async with connected(address, origin=f"http://{address}") as client:
        await begin(client)


async def test_the_service_stops_while_somebody_listens(container: Container) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        where = f"127.0.0.1:{bound.getsockname()[1]}"
        async with build_intake(container) as intake:
            async with serving(AppDependencies(container, intake, build_access(container)), bound):
                run_id = (await requested(where))["run"]["runId"]
                client = await websockets.connect(f"ws://{where}/graphql", subprotocols=[PROTOCOL])
                await begin(client)
                await listen(client, run_id)
                await receive(client)
                began = asyncio.get_running_loop().time()
            assert asyncio.get_running_loop().time() - began < 9
            await asyncio.wait_for(client.wait_closed(), 30)
