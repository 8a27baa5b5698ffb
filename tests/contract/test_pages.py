"""Every page of the registry answers, uses the common shell, names no other origin, and has a query that returns its rows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from reports import submission
from starlette.applications import Starlette

from crashgraph.page_routes import PageRoutes
from crashgraph.pages import pages, view_file
from crashgraph.wiring import Container, build_access
from graph.model.errors import NotFoundError
from graph.model.statement import Statement
from schema.app import graphql_app
from schema.context import Context
from viz.assets import VIS_NETWORK
from viz.modules import wrapped
from viz.pages.registry import Page, declared_pages, registry

VIZ = Path(__file__).parents[2] / "viz"
WITHOUT_ROWS = {"api", "reference"}
"""Pages that show nothing of the graph, so there is nothing to query."""
OUTSIDE = re.compile(r"""(?:https?:)?//[a-z0-9.-]+\.[a-z0-9]+[^\s"'<)]*""", re.IGNORECASE)
ALLOWED = {"http://www.w3.org/2000/svg"}
EVERY_PAGE = pytest.mark.parametrize("name", sorted(pages()))
ONE_OF_EACH = Statement("MATCH (c:Crash) MATCH (p:Pattern) RETURN c.crash_id AS crash, p.pattern_id AS pattern LIMIT 1")


class Elements(HTMLParser):
    """Start tags with their attributes, and the text of the title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] and self.tags[-1][0] == "title":
            self.title += data.strip()

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest_asyncio.fixture
async def ids(container: Container) -> dict[str, str]:
    """The ids of a stored crash and its pattern."""
    await container.receiver.receive([submission(0)])
    (row,) = await container.graph.read(ONE_OF_EACH)
    return row


@pytest_asyncio.fixture
async def client(container: Container, ids: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Pages and GraphQL on a graph with one crash."""
    routes = PageRoutes(container.graph, build_access(container), container.endpoint.browser_url)
    graphql = graphql_app(lambda _: Context(graph=container.graph, matcher=container.matcher, receiver=container.receiver))
    transport = httpx.ASGITransport(Starlette(routes=routes.routes(graphql), exception_handlers=routes.handlers()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as opened:
        yield opened


def id_of(page: Page[object], ids: dict[str, str]) -> str:
    """The id for the path of a page about one crash or one pattern."""
    return ids["crash" if page.path.startswith("/crash") else "pattern"]


@EVERY_PAGE
async def test_a_page_answers_in_the_shell_and_names_no_other_origin(
    client: httpx.AsyncClient, container: Container, ids: dict[str, str], name: str
) -> None:
    page = pages()[name]
    path = page.path.replace("{id}", id_of(page, ids))
    first, second = [await client.get(path, headers={"Accept": "text/html,*/*"}) for _ in range(2)]
    assert first.status_code == 200
    policy = first.headers["Content-Security-Policy"]
    assert policy != second.headers["Content-Security-Policy"], "a nonce is used once"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    [nonce] = re.findall(r"script-src 'nonce-([^']+)'", policy)
    elements = Elements(first.text)
    assert elements.title == f"{page.title} · crashgraph"
    scripts = [attrs for attrs in elements.of("script") if attrs.get("type") != "application/json"]
    assert {(attrs["type"], attrs["nonce"]) for attrs in scripts} == {("module", nonce)}
    assert [attrs for attrs in elements.of("link") if attrs["href"].endswith("/static/base.css") and attrs["nonce"] == nonce]
    assert elements.of("style") == []
    assert not [attrs for _, attrs in elements.tags if any(key.startswith("on") or key == "style" for key in attrs)]
    assert {entry.menu for entry in pages().values() if entry.menu} <= set(re.findall(r">([^<>]+)</a>", first.text))
    own = {address for address in OUTSIDE.findall(first.text) if address.startswith(container.endpoint.browser_url)}
    assert set(OUTSIDE.findall(first.text)) - own <= ALLOWED


@EVERY_PAGE
async def test_a_page_has_a_query_that_returns_rows(
    client: httpx.AsyncClient, container: Container, ids: dict[str, str], name: str
) -> None:
    page = pages()[name]
    assert bool(page.graphql or page.cypher) != (name in WITHOUT_ROWS)
    values = await page.read(container.graph, {"id": id_of(page, ids)})
    if page.graphql:
        answer = (await client.post("/graphql", json={"query": page.graphql(values)})).json()
        assert "errors" not in answer
        assert answer["data"]
    if page.cypher:
        assert await container.graph.read(Statement(page.cypher(values)))


@EVERY_PAGE
async def test_a_standalone_page_is_one_file(container: Container, ids: dict[str, str], name: str) -> None:
    page = pages()[name]
    if not page.standalone:
        with pytest.raises(NotFoundError, match="the views are"):
            await view_file(container.graph, name, {})
        return
    text = await view_file(container.graph, name, {"id": id_of(page, ids)})
    elements = Elements(text)
    assert not [attrs for _, attrs in elements.tags if "src" in attrs]
    assert not [attrs for attrs in elements.of("link") if not attrs["href"].startswith("data:")]
    assert {attrs["href"][0] for attrs in elements.of("a")} <= {"#"}
    assert set(OUTSIDE.findall(text.replace(wrapped(VIS_NETWORK), ""))) <= ALLOWED


@pytest.mark.parametrize("page", declared_pages(), ids=lambda page: page.name)
def test_a_declaration_names_existing_files(page: Page[object]) -> None:
    assert page.help
    for file in (page.template, *page.scripts, *page.styles):
        assert (VIZ / file).is_file(), file


def test_a_page_without_a_read_function_is_refused() -> None:
    with pytest.raises(ValueError, match="no read function"):
        registry({})


async def test_the_graphql_path_answers_programs_as_before(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": "text/html"})
    assert answer.json()["data"] == {"__typename": "Query"}
    by_get = await client.get("/graphql", params={"query": "{ __typename }"}, headers={"Accept": "*/*"})
    assert by_get.json()["data"] == {"__typename": "Query"}
    page = await client.get("/graphql", headers={"Accept": "text/html"})
    assert 'id="type-Pattern"' in page.text
