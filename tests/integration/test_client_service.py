"""The client against the real service."""

from __future__ import annotations

import asyncio
import socket

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from crashgraph.app import AppDependencies
from crashgraph.client import CrashgraphMiddleware, Reporter
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.model.actor import person
from graph.model.statement import Statement

STORED = Statement("MATCH (c:Crash) RETURN c.title AS title, c.product AS product, c.report AS report, c.culprit AS culprit")


async def pay(request: Request) -> None:
    raise KeyError("no such tariff")


async def test_an_applications_exception_is_in_the_graph(container: Container) -> None:
    bound = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with (
        build_intake(container) as intake,
        serving(AppDependencies(container, intake, build_access(container)), bound),
    ):
        reporter = Reporter(url, product="shop")
        app = CrashgraphMiddleware(Starlette(routes=[Route("/orders/{number}", pay)]), reporter=reporter)
        scope = {"type": "http", "method": "GET", "path": "/orders/17", "headers": [], "query_string": b"", "root_path": ""}

        async def nothing(*_: object) -> dict[str, str]:
            return {"type": "http.disconnect"}

        with pytest.raises(KeyError):
            await app(scope, nothing, nothing)  # type: ignore[arg-type]  # a receiver and a sender in one
        assert await asyncio.to_thread(reporter.flush, 60)
    assert reporter.counts.sent == 1
    (row,) = await container.graph.read(STORED)
    assert (row["title"], row["product"]) == ("KeyError: 'no such tariff'", "shop")
    assert row["culprit"].endswith(".pay")
    assert "17" not in row["report"].partition("\n")[0]


async def test_where_there_are_users_the_client_needs_a_key(container: Container) -> None:
    owner = person("owner")
    await create_user(container.graph, owner, "ann", "admin", "correct horse battery staple")
    made = await create_api_key(container.graph, person("ann"), "shop", ["report"])
    bound = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with (
        build_intake(container) as intake,
        serving(AppDependencies(container, intake, build_access(container)), bound),
    ):
        stranger, known = Reporter(url), Reporter(url, key=made.token)
        for reporter in (stranger, known):
            reporter.report(KeyError("no such tariff"))
            assert await asyncio.to_thread(reporter.flush, 60)
    assert (stranger.counts.sent, stranger.counts.failed) == (0, 1)
    assert (known.counts.sent, known.counts.failed) == (1, 0)
