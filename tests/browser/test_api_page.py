"""The page of the HTTP routes in a real Chromium: it shows them, asks no other server, and fits narrow and dark screens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn
from polling import wait_until
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crashgraph.access.callers import Access
from crashgraph.openapi.document import document
from crashgraph.page_routes import PageRoutes
from crashgraph.rest.routes import rest_route
from crashgraph.settings import Settings
from schema.app import graphql_app
from schema.context import Context
from schema.rest.json_schema import Components
from schema.rest.operation import operations


class Unlocked(Access):
    """No graph, so no users."""

    async def is_on(self, *, at_once: bool = False) -> bool:  # noqa: ARG002  # as the base has it
        return False


async def nothing(_request: Request) -> Response:
    return JSONResponse({})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    graphql = graphql_app(lambda _: Context(graph=None, matcher=None, receiver=None))  # type: ignore[arg-type]  # no graph
    pages = PageRoutes(graph=None, access=Unlocked(None, "default", Settings()))  # type: ignore[arg-type]  # likewise
    components = Components()
    described = document([rest_route(one, nothing, components) for one in operations()], components.schemas)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(described)

    app = Starlette(routes=[*pages.routes(graphql), Route("/openapi.json", openapi)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the page is served")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/api/docs"
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("width", [380, 1400])
def test_every_route_is_shown_without_another_server(browser, address: str, width: int) -> None:
    browser.size(width, 900)
    browser.open(address)
    browser.until(lambda: len(browser.all("#api .opblock")) == len(operations()), "the routes are shown")
    browser.find("#operations-patterns-listPatterns .opblock-summary-control").click()
    browser.until(lambda: browser.all("#operations-patterns-listPatterns .parameters"), "the parameters are shown")
    assert "Page size" in browser.find("#operations-patterns-listPatterns .parameters").text
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert {urlsplit(url).netloc for url in browser.requests()} <= {urlsplit(address).netloc, ""}
    assert browser.console() == []


def test_it_is_dark_where_that_is_wanted(browser, address: str) -> None:
    for scheme in ("dark", "light"):
        features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
        browser.open(address)
        browser.until(lambda: browser.all("#api .opblock"), "the routes are shown")
        colour = browser.run("return getComputedStyle(document.querySelector('#api .info .title')).color")
        brightness = sum(int(part) for part in colour[4:-1].split(",")[:3]) / 3
        assert (brightness > 128) is (scheme == "dark"), colour
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
