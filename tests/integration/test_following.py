"""Following what happens, over a WebSocket and as server-sent events."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
import websockets
from reports import pattern_of, submission
from websockets.typing import Subprotocol

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.erasure.deletion import delete_crashes
from graph.erasure.targets import DeletionTarget, TargetKind
from graph.knowledge.events import events_since, latest_watermark
from graph.knowledge.pattern_status import resolve
from graph.model.actor import person
from graph.model.events import EventKind
from graph.model.statement import Statement
from schema import app, event_stream

ANN = person("ann")
RECEIVED = """subscription ($filter: CrashFilterInput, $after: Int) {
  crashReceived(filter: $filter, after: $after) { position at crash { crashId site pattern { patternId name } } } }"""
DISCOVERED = """subscription ($after: Int) {
  patternDiscovered(after: $after) { position patternId name pattern { name status } } }"""
REGRESSED = """subscription ($after: Int) {
  patternRegressed(after: $after) { position patternId version pattern { status } crashId crash { version } } }"""
SECONDS = 60


@pytest_asyncio.fixture
async def address(container: Container) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
        ):
            yield f"127.0.0.1:{listening.getsockname()[1]}"


class Events:
    """Server-sent events of one subscription."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """Name and JSON of the next event, signs of life omitted."""
        name, data = "", ""
        async with asyncio.timeout(SECONDS):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = line.removeprefix("data: ")
                elif not line and name:
                    return name, json.loads(data) if data.strip() else None
        raise EOFError

    async def value(self) -> Any:
        """The only field of the next result."""
        name, answer = await self.next()
        assert name == "next", answer
        assert "errors" not in answer, answer
        [found] = answer["data"].values()
        return found


@asynccontextmanager
async def followed(address: str, query: str, **variables: Any) -> AsyncIterator[Events]:
    headers = {"Accept": "text/event-stream"}
    body = {"query": query, "variables": variables}
    async with (
        httpx.AsyncClient(timeout=SECONDS) as client,
        client.stream("POST", f"http://{address}/graphql", json=body, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Events(response)


async def joined(address: str) -> None:
    """Return once the service reads events for a subscriber who was there before."""
    async with followed(address, "subscription { event(kinds: [JOB_ENDED], after: 0) { position } }"):
        await asyncio.sleep(1.5)


async def test_crashes_are_followed_with_their_patterns_as_events_and_over_a_socket(container: Container, address: str) -> None:
    async with (
        followed(address, RECEIVED, filter={"site": "site-1"}) as events,
        websockets.connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as client,
    ):
        await client.send(json.dumps({"type": "connection_init"}))
        await client.recv()
        await client.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": RECEIVED}}))
        await joined(address)
        receipts = await container.receiver.receive([submission(0, number) for number in range(4)])
        crash = await events.value()
        assert crash["crash"] == {
            "crashId": receipts[1].crash_id,
            "site": "site-1",
            "pattern": {"patternId": pattern_of(receipts[1]), "name": crash["crash"]["pattern"]["name"]},
        }
        async with asyncio.timeout(SECONDS):
            seen = [json.loads(await client.recv())["payload"]["data"]["crashReceived"] for _ in range(4)]
        assert [one["crash"]["crashId"] for one in seen] == [receipt.crash_id for receipt in receipts]
        assert {one["position"] for one in seen} == {crash["position"]}


async def test_every_crash_of_a_large_batch_is_seen_and_a_reconnect_misses_none(container: Container, address: str) -> None:
    receipts = await container.receiver.receive([submission(0, number) for number in range(250)])
    sent = [receipt.crash_id for receipt in receipts]
    stored = (await events_since(container.graph, 0, [EventKind.CRASHES_STORED])).events
    assert [one.count for one in stored] == [100, 100, 50]
    seen: list[str] = []
    async with followed(address, RECEIVED, after=0) as events:
        while len(seen) < 130:
            crash = await events.value()
            seen.append(crash["crash"]["crashId"])
    # The position of the last event that was received whole.
    async with followed(address, RECEIVED, after=crash["position"] - 1) as events:
        again = [(await events.value())["crash"]["crashId"] for _ in range(150)]
    assert seen == sent[:130]
    assert again == sent[100:]
    entries = await container.graph.read(Statement("MATCH (a:AuditEvent {action: 'crashes_stored'}) RETURN a.count AS count"))
    assert [row["count"] for row in entries] in ([], [250])


async def test_patterns_are_followed_as_they_are_founded_and_regress(container: Container, address: str) -> None:
    [receipt] = await container.receiver.receive([submission(0)])
    id = pattern_of(receipt)
    async with followed(address, DISCOVERED, after=0) as founded, followed(address, REGRESSED, after=0) as regressed:
        found = await founded.value()
        assert (found["patternId"], found["pattern"]["status"]) == (id, "OPEN")
        assert found["name"] == found["pattern"]["name"]
        await resolve(container.graph, id, actor=ANN)
        await container.receiver.receive([submission(0, 2, timestamp=datetime.now(UTC) + timedelta(minutes=1))])
        seen = await regressed.value()
        assert (seen["patternId"], seen["version"], seen["pattern"], seen["crash"]) == (
            id, "1.2", {"status": "REGRESSED"}, {"version": "1.2"},
        )  # fmt: skip


async def test_what_was_merged_or_deleted_meanwhile_is_as_it_is_now(container: Container, address: str) -> None:
    one, other, third = await container.receiver.receive([submission(0), submission(1), submission(2)])
    await container.verdicts.merge([pattern_of(one), pattern_of(other)], actor=ANN, reason="one bug")
    await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (third.crash_id,)), ANN, container.waiting)
    async with followed(address, DISCOVERED, after=0) as founded:
        seen = [await founded.value() for _ in range(2)]
        assert {found["patternId"]: found["pattern"]["status"] for found in seen} == {
            pattern_of(one): "OPEN",
            pattern_of(other): "MERGED",
        }


async def test_a_position_whose_events_were_removed_is_refused(container: Container, address: str) -> None:
    for number in range(3):
        await container.receiver.receive([submission(0, number)])
    last = await latest_watermark(container.graph)
    removed = Statement("MATCH (e:Event) WHERE e.position < $last DELETE e", {"last": last})
    log = Statement("MATCH (l:EventLog {name: 'events'}) SET l.removed = $last - 1", {"last": last})
    await container.graph.write(removed, log)
    async with followed(address, "subscription { event(after: 1) { position } }") as events:
        name, answer = await events.next()
        assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", "INVALID_INPUT")
        assert (await events.next())[0] == "complete"
    async with followed(address, "subscription { event(after: 0) { position } }") as events:
        assert (await events.value())["position"] == last


async def test_words_cannot_be_followed_and_streams_are_bounded(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with followed(address, RECEIVED, filter={"search": "KeyError"}) as events:
        assert (await events.next())[1]["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    monkeypatch.setattr(app, "MAX_STREAMS", 0)
    async with followed(address, "{ jobs { name } }") as events:
        assert len(await events.value()) > 5, "a query may be answered as events too"


async def test_a_stream_ends_when_its_sender_may_not_read_any_more(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crashgraph.access.callers import Access
    from graph.model.errors import AccessError

    monkeypatch.setattr(event_stream, "CHECK_SECONDS", 0.2)

    async def revoked(*_: object) -> None:
        raise AccessError("the key was revoked")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
        ):
            where = f"127.0.0.1:{listening.getsockname()[1]}"
            async with followed(where, RECEIVED) as events:
                monkeypatch.setattr(Access, "renewed", revoked)
                name, answer = await events.next()
                assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", "ACCESS")
                assert (await events.next())[0] == "complete"
