"""The bytes of all bodies in progress are bounded, whatever their number, and small requests do not wait for large ones."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.error_responses import headers_of, status_of
from crashgraph.http_ingest import budget
from crashgraph.http_ingest.body import read_body
from crashgraph.http_ingest.budget import LARGE, SMALL, BodyBudget
from graph.model.errors import BusyError


class Service:
    """Reads bodies, and holds them while it is busy."""

    def __init__(self) -> None:
        self.bytes = self.most = 0
        self.go = asyncio.Event()
        routes = [Route("/", self.answer, methods=["POST"])]
        self.budget = BodyBudget(Starlette(routes=routes, exception_handlers={BusyError: refused}))

    async def answer(self, request: Request) -> Response:
        body = await read_body(request)
        self.bytes += len(body)
        self.most = max(self.most, self.bytes)
        if len(body) > SMALL:
            await self.go.wait()
        self.bytes -= len(body)
        return JSONResponse(len(body))

    @property
    def used(self) -> int:
        return self.budget.medium.used + self.budget.large.used


def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, BusyError)
    return JSONResponse({"code": error.code}, status_code=status_of(error), headers=headers_of(error))


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LARGE_BUDGET", 6 * LARGE)
    monkeypatch.setattr(budget, "MEDIUM_BUDGET", 10 * SMALL)
    monkeypatch.setattr(budget, "WAIT_SECONDS", 30.0)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service.budget)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
        yield client


def post(client: httpx.AsyncClient, content: Any, **headers: str) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(client.post("/", content=content, headers=headers))


async def test_large_bodies_wait_for_each_other_and_others_do_not(service: Service, client: httpx.AsyncClient) -> None:
    large = [post(client, b"x" * (2 * LARGE)) for _ in range(32)]
    await asyncio.sleep(0.2)
    assert service.used == 6 * LARGE
    assert (await client.post("/", content=b"small")).json() == 5
    medium = post(client, b"x" * (2 * SMALL))
    await asyncio.sleep(0.05)
    assert service.bytes == 6 * LARGE + 2 * SMALL, "a medium one is in progress beside the large ones"
    service.go.set()
    assert [(await one).json() for one in large] == [2 * LARGE] * 32
    assert (await medium).json() == 2 * SMALL
    assert service.most <= 6 * LARGE + 2 * SMALL
    assert service.used == 0


async def test_who_waits_too_long_is_told_when_to_come_again(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "WAIT_SECONDS", 0.2)
    first = post(client, b"x" * (5 * LARGE))
    await asyncio.sleep(0.05)
    second = await client.post("/", content=b"x" * (3 * LARGE))
    assert (second.status_code, second.json()["code"]) == (429, "BUSY")
    assert int(second.headers["Retry-After"]) >= 1
    third = post(client, b"x" * LARGE)
    service.go.set()
    assert [(await one).status_code for one in (first, third)] == [200, 200]
    assert service.used == 0


async def test_a_body_above_the_budget_is_read_alone(service: Service, client: httpx.AsyncClient) -> None:
    service.go.set()
    assert (await client.post("/", content=b"x" * (8 * LARGE))).json() == 8 * LARGE


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, SMALL):
        yield b"x" * SMALL


async def test_a_body_without_length_is_refused_when_it_has_no_room(service: Service, client: httpx.AsyncClient) -> None:
    sent = [post(client, chunks(4 * LARGE)) for _ in range(4)]
    while len([one for one in sent if one.done()]) < 3:
        await asyncio.sleep(0.01)
    assert service.most <= 6 * LARGE
    service.go.set()
    answers = [await one for one in sent]
    assert sorted(one.status_code for one in answers) == [200, 429, 429, 429]
    assert all(one.headers["Retry-After"] for one in answers if one.status_code == 429)
    assert service.used == 0


def bombs() -> Iterator[bytes]:
    return (gzip.compress(b"x" * (4 * LARGE)) for _ in range(4))


async def test_what_a_body_unpacks_to_counts(service: Service, client: httpx.AsyncClient) -> None:
    first, *others = [post(client, bomb, **{"Content-Encoding": "gzip"}) for bomb in bombs()]
    answers = [await one for one in others]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(429, "BUSY")] * 3
    service.go.set()
    assert (await first).json() == 4 * LARGE
    assert service.used == 0
