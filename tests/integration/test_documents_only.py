"""Roles that may ask for stored documents only, and stored documents over a socket, in a whole service."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
import websockets
from reports import submission
from websockets.typing import Subprotocol

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.settings import Settings
from crashgraph.wiring import build_access, build_container, build_intake
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.model.actor import Scope, person
from graph.model.errors import UsageError
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph

NAMES = "{ patterns(first: 1) { nodes { name } } }"
EVENTS = "subscription { event(after: 0) { kind } }"
OTHER = "{ patterns(first: 1) { nodes { id } } }"
DENIED = Statement("MATCH (a:AuditEvent {outcome: 'denied'}) RETURN a.actor AS actor, a.action AS action")


@pytest_asyncio.fixture
async def address(graph: Neo4jGraph, endpoint: Endpoint, embedder: MiniLmEmbedder, tmp_path: Path) -> AsyncIterator[str]:
    """A service where viewers may ask for two documents."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "names.graphql").write_text(NAMES)
    (folder / "follow.graphql").write_text(EVENTS)
    settings = Settings(home=tmp_path, documents=folder, documents_only="viewer")
    container = build_container(settings, graph, endpoint, embedder)
    await container.receiver.receive([submission(0)])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), bound),
        ):
            yield f"127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def asking(graph: Neo4jGraph, address: str, name: str, role: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key of a user of this role."""
    for user, theirs in (("ann", "admin"), (name, role)):
        with suppress(UsageError):
            await create_user(graph, person("owner"), user, theirs, "correct horse battery staple")
    until = datetime.now(UTC) + timedelta(days=1)
    made = await create_api_key(graph, person(name), f"{name}-key", [Scope.READ], expires_at=until)
    async with httpx.AsyncClient(
        base_url=f"http://{address}", headers={"Authorization": f"Bearer {made.token}"}, timeout=30
    ) as client:
        yield client


async def test_a_role_is_answered_stored_documents_only_whichever_way_it_asks(graph: Neo4jGraph, address: str) -> None:
    async with asking(graph, address, "vera", "viewer") as client:
        ways: list[tuple[str, dict[str, Any]]] = [
            ("POST", {"json": {"query": OTHER}}),
            ("GET", {"params": {"query": OTHER}}),
            ("POST", {"json": {"query": "{ no such }"}}),
            ("POST", {"json": {"query": OTHER}, "headers": {"Accept": "text/event-stream"}}),
            ("POST", {"json": {"query": "subscription { event { at } }"}, "headers": {"Accept": "text/event-stream"}}),
        ]
        for method, asked in ways:
            answer = await client.request(method, "/graphql", **asked)
            assert '"FORBIDDEN"' in answer.text, asked
            assert '"data"' not in answer.text
        for stored in ({"documentId": "names"}, {"query": NAMES}):
            answer = await client.post("/graphql", json=stored)
            assert len(answer.json()["data"]["patterns"]["nodes"]) == 1
        assert (await client.get("/graphql", params={"documentId": "names"})).json() == answer.json()
        denied = await graph.read(DENIED)
        assert {(row["actor"], row["action"]) for row in denied} == {("key:vera-key", "graphql.document")}
    async with asking(graph, address, "rob", "responder") as client:
        assert (await client.post("/graphql", json={"query": OTHER})).json()["data"]


async def test_a_stored_subscription_is_followed_over_a_socket(address: str) -> None:
    async with websockets.connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as client:
        await client.send(json.dumps({"type": "connection_init"}))
        await client.recv()
        await client.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"documentId": "none"}}))
        refused = json.loads(await client.recv())
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "DOCUMENT_NOT_FOUND")
        await client.send(json.dumps({"id": "2", "type": "subscribe", "payload": {"documentId": "follow"}}))
        event = json.loads(await client.recv())
        assert (event["type"], event["id"], set(event["payload"]["data"])) == ("next", "2", {"event"})
