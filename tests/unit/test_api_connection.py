"""The client's connection: retries of what may be sent again, errors, and subscriptions that break off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from crashgraph.api import ApiError, Client, UnreachableError, checked, enums, inputs
from crashgraph.api import connection as api_connection
from crashgraph.api.generated.fragments import Problem
from crashgraph.api.generated.resolve_pattern import ResolvePatternResolvePattern

Answering = Callable[[dict[str, object]], bytes | None]
QUERY = "{ __typename }"
DATA = {"data": {"__typename": "Query"}}


def http(status: int, content: object, *headers: str, kind: str = "application/json") -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def answered(answer: Answering) -> AsyncIterator[tuple[str, list[dict[str, object]]]]:
    """A service that answers each request as `answer` does, or closes the connection; and the bodies that it received."""
    bodies: list[dict[str, object]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0])
        bodies.append(json.loads(await reader.readexactly(length)) | {"head": head})
        if (content := answer(bodies[-1])) is not None:
            writer.write(content)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", bodies


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which are not waited for."""
    seen: list[float] = []
    wait = asyncio.sleep

    async def noted(seconds: float) -> None:
        seen.append(seconds)
        await wait(0)

    monkeypatch.setattr(api_connection.asyncio, "sleep", noted)
    return seen


async def test_a_query_is_sent_again_after_lost_connections_and_busy_answers(pauses: list[float]) -> None:
    answers = iter([None, http(503, {}), http(429, {}, "Retry-After: 7"), http(200, DATA)])
    async with answered(lambda _: next(answers)) as (url, bodies), Client(url, key="cg_default_x") as client:
        assert await client.ask(QUERY) == DATA["data"]
    assert len(bodies) == 4
    assert pauses[-1] == 7
    assert "authorization: bearer cg_default_x" in str(bodies[0]["head"])


async def test_a_mutation_is_sent_again_with_the_same_id() -> None:
    payload: dict[str, object] = {"data": {"resolvePattern": {"pattern": None, "userErrors": []}}}
    answers = iter([None, http(200, payload), http(200, payload)])
    async with answered(lambda _: next(answers)) as (url, bodies), Client(url) as client:
        await client.resolve_pattern(inputs.ResolvePatternInput(pattern="p"))
        await client.resolve_pattern(inputs.ResolvePatternInput(pattern="p", client_mutation_id="mine"))
    ids = [body["variables"]["input"].pop("clientMutationId") for body in bodies]  # type: ignore[index]  # as sent
    assert ids[0] == ids[1] != ids[2] == "mine"
    assert {json.dumps(body["variables"]) for body in bodies} == {'{"input": {"pattern": "p"}}'}


async def test_a_refusal_is_not_sent_again_and_has_its_codes() -> None:
    refused = {
        "errors": [{"message": "no pattern 'x'", "path": ["pattern"], "extensions": {"code": "NOT_FOUND"}}],
        "data": {"pattern": None},
    }
    async with answered(lambda _: http(200, refused)) as (url, bodies), Client(url) as client:
        with pytest.raises(ApiError, match="NOT_FOUND: no pattern 'x'") as caught:
            await client.pattern("x")
    assert len(bodies) == 1
    assert (caught.value.codes, caught.value.status, caught.value.data) == (("NOT_FOUND",), 200, {"pattern": None})


@pytest.mark.parametrize(
    "answer", [http(502, b"<html>", kind="text/html"), http(200, b"[]"), http(500, {"code": "INTERNAL", "message": "m"})]
)
async def test_an_answer_that_is_not_graphql_is_an_error(answer: bytes) -> None:
    async with answered(lambda _: answer) as (url, _), Client(url, attempts=2) as client:
        with pytest.raises(ApiError, match=r"status|INTERNAL: m"):
            await client.ask(QUERY)


async def test_a_service_that_does_not_answer_is_an_error_after_all_attempts() -> None:
    async with answered(lambda _: None) as (url, bodies), Client(url, attempts=3) as client:
        with pytest.raises(UnreachableError, match="does not answer"):
            await client.ask(QUERY)
    assert len(bodies) == 3


async def test_a_subscription_ends_with_the_event_and_not_without() -> None:
    event = {"data": {"event": {"position": 3, "kind": "CRASHES_STORED", "at": "2026-03-01T00:00:00+00:00", "actor": "a",
                                "onBehalfOf": None, "subjects": [], "count": 1, "payload": {"a": 1}}}}  # fmt: skip
    whole = f"event: next\r\ndata: {json.dumps(event)}\r\n\r\n: alive\r\n\r\n".encode()
    ended = whole + b"event: complete\r\ndata: \r\n\r\n"
    async with answered(lambda _: http(200, ended, kind="text/event-stream")) as (url, bodies), Client(url) as client:
        [seen] = [one async for one in client.event(after=2)]
    assert (seen.position, seen.kind, seen.at) == (3, enums.EventKind.CRASHES_STORED, datetime(2026, 3, 1, tzinfo=UTC))
    assert bodies[0]["variables"] == {"after": 2}
    async with answered(lambda _: http(200, whole, kind="text/event-stream")) as (url, _), Client(url) as client:
        following = client.event()
        assert (await anext(following)).position == 3
        with pytest.raises(UnreachableError, match="subscription ended"):
            await anext(following)


async def test_a_refused_subscription_has_its_code() -> None:
    refused = {"errors": [{"message": "log in", "extensions": {"code": "ACCESS"}}]}
    async with answered(lambda _: http(401, refused)) as (url, _), Client(url) as client:
        with pytest.raises(ApiError, match="ACCESS"):
            await anext(client.event())


def test_user_errors_can_be_raised() -> None:
    problem = Problem(code="NOT_FOUND", message="no pattern", field="pattern")
    with pytest.raises(ApiError, match="NOT_FOUND: no pattern"):
        checked(ResolvePatternResolvePattern.model_construct(pattern=None, user_errors=[problem]))
    payload = ResolvePatternResolvePattern.model_construct(pattern=None, user_errors=[])
    assert checked(payload) is payload


def test_misspelt_names_of_inputs_are_refused() -> None:
    with pytest.raises(ValidationError):
        inputs.ResolvePatternInput(pattern="p", vresion="1")  # type: ignore[call-arg]  # the mistake
    with pytest.raises(ValueError, match="is not an address"):
        Client("crashes.example")


def test_a_value_of_a_newer_service_is_kept() -> None:
    known = enums.Severity("CRITICAL")
    assert known is enums.Severity.CRITICAL
    new = enums.Severity("APOCALYPTIC")
    assert (new, new.value, new.name) == ("APOCALYPTIC", "APOCALYPTIC", "APOCALYPTIC")
