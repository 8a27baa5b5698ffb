"""Clients of others, unchanged, against a real service: gql over HTTP and WebSocket, and introspection."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import build_client_schema, get_introspection_query, lexicographic_sort_schema, print_schema
from reports import submission, traceback

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.model.actor import Scope, person
from schema.app import build_schema

ANN = person("ann")
PASSWORD = "correct horse battery staple"
SECONDS = 60
SUBMIT = "mutation ($input: SubmitCrashInput!) { submitCrash(input: $input) { receipts { status } userErrors { code } } }"
PATTERNS = "query ($first: Int!) { patterns(first: $first) { nodes { name } pageInfo { hasNextPage } } }"
RECEIVED = gql("subscription { crashReceived(after: 0) { position crash { site } } }")
INTROSPECTIONS = {
    "GraphiQL": {"schema_description": True, "input_value_deprecation": True},
    "Altair": {"descriptions": True, "specified_by_url": False, "input_value_deprecation": True},
    "every option": dict.fromkeys(
        (
            "descriptions", "specified_by_url", "directive_is_repeatable", "schema_description", "input_value_deprecation",
            "one_of",
        ),
        True,
    ),
    "the oldest": dict.fromkeys(("descriptions", "specified_by_url", "directive_is_repeatable"), False),
}  # fmt: skip


@pytest_asyncio.fixture
async def address(container: Container) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
        ):
            yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest_asyncio.fixture
async def token(container: Container) -> str:
    """A key that may read and report."""
    await create_user(container.graph, person("owner"), "ann", "admin", PASSWORD)
    return (await create_api_key(container.graph, ANN, "tools", [Scope.READ, Scope.REPORT])).token


def over_http(address: str, token: str) -> HTTPXAsyncTransport:
    return HTTPXAsyncTransport(f"http://{address}/graphql", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)


async def test_gql_reads_writes_and_reports_errors_over_http(address: str, token: str) -> None:
    async with Client(
        transport=over_http(address, token), fetch_schema_from_transport=True, execute_timeout=SECONDS
    ) as session:
        done = await session.execute(GraphQLRequest(SUBMIT, variable_values={"input": {"report": traceback(0)}}))
        assert done == {"submitCrash": {"receipts": [{"status": "MATCHED"}], "userErrors": []}}
        [pattern] = (await session.execute(GraphQLRequest(PATTERNS, variable_values={"first": 5})))["patterns"]["nodes"]
        assert "KeyError" in pattern["name"]
        with pytest.raises(TransportQueryError, match="100") as refused:
            await session.execute(GraphQLRequest(PATTERNS, variable_values={"first": 101}))
        assert refused.value.errors is not None
        assert refused.value.errors[0]["extensions"]["code"] == "LIMIT"
        with pytest.raises(TransportQueryError) as forbidden:
            await session.execute(gql("{ users(first: 1) { nodes { name } } }"))
        assert forbidden.value.errors is not None
        assert forbidden.value.errors[0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("as_header", [True, False], ids=["header", "first message"])
async def test_gql_follows_over_a_websocket(container: Container, address: str, token: str, *, as_header: bool) -> None:
    await container.receiver.receive([submission(0, 1), submission(0, 2)])
    stated = {"Authorization": f"Bearer {token}"}
    given: dict[str, Any] = {"headers": stated} if as_header else {"init_payload": stated}
    transport = WebsocketsTransport(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"], **given)
    async with asyncio.timeout(SECONDS), Client(transport=transport, execute_timeout=SECONDS) as session:
        found = []
        async for one in session.subscribe(RECEIVED):
            found.append(one["crashReceived"]["crash"]["site"])
            if len(found) == 2:
                break
        assert found == ["site-1", "site-2"]
        pages = [session.execute(GraphQLRequest(PATTERNS, variable_values={"first": first})) for first in (1, 2, 3)]
        assert all(page["patterns"]["nodes"] for page in await asyncio.gather(*pages))
        with pytest.raises(TransportQueryError, match="send mutations by POST"):
            await session.execute(GraphQLRequest(SUBMIT, variable_values={"input": {"report": traceback(0)}}))


async def test_events_are_separated_as_urql_reads_them(container: Container, address: str, token: str) -> None:
    """Its client looks for an empty line that ends with LF alone; the specification of server-sent events allows others."""
    await container.receiver.receive([submission(0, 1), submission(0, 2)])
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream, multipart/mixed"}
    body = {"query": "subscription { crashReceived(after: 0) { crash { site } } }"}
    text = ""
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(timeout=SECONDS) as client,
        client.stream("POST", f"http://{address}/graphql", json=body, headers=headers) as response,
    ):
        async for part in response.aiter_text():
            text += part
            if text.count("site-") == 2:
                break
    events = [event.split("\n") for event in text.split("\n\n") if event.startswith("event: next")]
    assert [json.loads(data.removeprefix("data: "))["data"]["crashReceived"]["crash"]["site"] for _, data in events] == [
        "site-1",
        "site-2",
    ]


@pytest.mark.parametrize("options", INTROSPECTIONS.values(), ids=INTROSPECTIONS)
async def test_tools_read_the_whole_schema(address: str, token: str, options: dict[str, bool]) -> None:
    query = get_introspection_query(**options)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS) as client:
        answer = (await client.post(f"http://{address}/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer["errors"]
    read = build_client_schema(answer["data"])
    if options.get("descriptions", True) and options.get("schema_description") and options.get("specified_by_url"):
        expected = print_schema(lexicographic_sort_schema(build_schema()._schema))
        assert print_schema(lexicographic_sort_schema(read)) == expected
