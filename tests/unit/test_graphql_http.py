"""GraphQL over HTTP: refused requests, request ids and masked errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from schema import app as http
from schema.app import graphql_app
from schema.context import Context


def no_context(_request: object) -> Context:
    """Nothing here may read the graph."""
    return Context(graph=None, matcher=None, receiver=None)  # type: ignore[arg-type]  # nothing here reads them


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(graphql_app(no_context))
    async with httpx.AsyncClient(transport=transport, base_url="http://crashgraph") as made:
        yield made


async def test_queries_by_get_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": "{ __typename }"}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "GET" in answer.text


async def test_a_form_cannot_send_queries(client: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        body = '{"query": "{ __typename }"}'
        answer = await client.post("/graphql", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400


@pytest.mark.parametrize("body", ["", "{", "[1]", '"x"', "{}", '{"query": 1}', '{"query": "{ __typename }", "variables": []}'])
async def test_a_body_that_is_not_a_request_is_refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.text


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BODY_BYTES", 2 * 2**20)
    body = '{"query": "' + "x" * (2 * 2**20) + '"}'
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "2 MiB" in answer.text


async def test_introspection_is_on_and_answers_carry_a_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_failure_is_masked_with_the_request_id_that_the_header_has(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ crashes(first: 1) { nodes { id } } }"})
    error = answer.json()["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["X-Request-Id"]}
    assert "NoneType" not in answer.text
