"""GraphQL over HTTP: refused requests, request ids and masked errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from schema import body
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


GRAPHQL_JSON = "application/graphql-response+json"
REQUEST_JOB = 'mutation { requestJob(name: "x") { run { runId } } }'
EVENTS = "subscription { events { kind } }"


def code_of(answer: httpx.Response) -> str:
    """The code of the only error of an answer that has nothing else."""
    content = answer.json()
    assert set(content) <= {"errors", "extensions"}, content
    (error,) = content["errors"]
    assert error["message"]
    return str(error["extensions"]["code"])


async def test_queries_may_come_by_get(client: httpx.AsyncClient) -> None:
    params = {"query": "query A($n: Boolean!) { __typename @include(if: $n) } query B { x: __typename }"}
    named = {**params, "operationName": "A", "variables": '{"n": true}'}
    answer = await client.get("/graphql", params=named)
    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})
    assert (await client.get("/graphql", params={**params, "operationName": "B"})).json()["data"] == {"x": "Query"}


async def test_mutations_and_subscriptions_are_refused_by_get(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", params={"query": REQUEST_JOB})
    assert (answer.status_code, answer.headers["Allow"], code_of(answer)) == (405, "POST", "INVALID_QUERY")
    answer = await client.get("/graphql", params={"query": EVENTS})
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_QUERY")
    assert "text/event-stream" in answer.text


async def test_a_subscription_by_post_says_how_to_ask_for_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": EVENTS})
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_QUERY")
    assert "text/event-stream" in answer.text


async def test_every_refusal_is_json_that_clients_of_graphql_read(client: httpx.AsyncClient) -> None:
    two = "query A { __typename } query B { __typename }"
    refused = [
        await client.get("/graphql"),
        await client.get("/graphql", params={"query": "{ __typename }", "variables": "{"}),
        await client.get("/graphql", params={"query": "{ __typename }", "variables": "[1]"}),
        await client.post("/graphql", json={"query": two}, headers={"Accept": GRAPHQL_JSON}),
        await client.post("/graphql", json={"query": two, "operationName": "C"}),
        await client.post("/graphql", json={}),
        await client.post("/graphql", json=[{"query": two}]),
        await client.post("/graphql", content="x", headers={"Content-Type": "text/plain"}),
        await client.put("/graphql", json={"query": two}),
        await client.head("/graphql"),
    ]
    for answer in refused[:-1]:
        assert 400 <= answer.status_code < 500, answer.text
        assert code_of(answer) in {"INVALID_QUERY", "INVALID_INPUT"}, answer.text
    assert [answer.status_code for answer in refused[-2:]] == [405, 405]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, application/json", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8, application/json; charset=utf-8", GRAPHQL_JSON),
        (f"application/json, {GRAPHQL_JSON};q=0.9", "application/json"),
        (f"{GRAPHQL_JSON};q=0, */*", "application/json"),
        (f"{GRAPHQL_JSON};q=x", "application/json"),
        (f"{GRAPHQL_JSON}, application/graphql+json, application/json, text/event-stream;q=0", GRAPHQL_JSON),
    ],
)
async def test_the_media_type_is_the_one_asked_for(client: httpx.AsyncClient, accept: str, kind: str) -> None:
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert answer.json()["data"] == {"__typename": "Query"}


async def test_the_status_of_the_newer_media_type_shows_whether_the_operation_ran(client: httpx.AsyncClient) -> None:
    async def status(query: str, accept: str) -> int:
        answer = await client.post("/graphql", json={"query": query}, headers={"Accept": accept})
        assert ("data" in answer.json()) is (query in {FAILS, "{ __typename }"})
        return answer.status_code

    for query, expected in (("{", 400), ("{ nothing }", 400), (FAILS, 200), ("{ __typename }", 200)):
        assert await status(query, GRAPHQL_JSON) == expected
        assert await status(query, "application/json") == 200


async def test_an_answer_has_its_cost(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": FAILS})
    assert answer.json()["extensions"]["cost"] == {"nodes": 1, "fields": 3, "depth": 3, "aliases": 0}


FAILS = "{ crashes(first: 1) { nodes { id } } }"


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
    monkeypatch.setattr(body, "MAX_BODY_BYTES", 2 * 2**20)
    sent = '{"query": "' + "x" * (2 * 2**20) + '"}'
    answer = await client.post("/graphql", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "2 MiB" in answer.text


async def test_introspection_is_on_and_answers_carry_a_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert answer.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_failure_is_masked_with_the_request_id_that_the_header_has(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ crashes(first: 1) { nodes { id } } }"})
    error = answer.json()["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["X-Request-Id"]}
    assert "NoneType" not in answer.text
