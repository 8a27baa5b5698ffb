"""The query page in a real Chromium: it runs queries, asks no other server, and shows text as text."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
import uvicorn
from polling import wait_until
from selenium.webdriver.common.keys import Keys
from starlette.applications import Starlette

from crashgraph.access.callers import Access
from crashgraph.page_routes import PageRoutes
from crashgraph.settings import Settings
from schema.app import graphql_app
from schema.context import Context

HOSTILE = '<img src=x onerror="document.title = 1">'
ECHO = "query($t: DateTime) { crashes(first: 1, filter: {since: $t}) { nodes { id } } }"


class Unlocked(Access):
    """No graph, so no users."""

    async def is_on(self, *, at_once: bool = False) -> bool:  # noqa: ARG002  # as the base has it
        return False


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A served page. The queries here are answered before anything is read, so there is no graph."""
    graphql = graphql_app(lambda _: Context(graph=None, matcher=None, receiver=None))  # type: ignore[arg-type]  # no graph
    pages = PageRoutes(graph=None, access=Unlocked(None, "default", Settings()))  # type: ignore[arg-type]  # likewise
    app = Starlette(routes=pages.routes(graphql), exception_handlers=pages.handlers())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the page is served")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/graphql"
    server.should_exit = True
    thread.join()


def write(browser, query: str, variables: str = "") -> None:
    browser.run(
        "document.getElementById('query').value = arguments[0]; document.getElementById('variables').value = arguments[1]",
        query,
        variables,
    )


def ran(browser) -> str:
    browser.until(lambda: "ms" in browser.find("#state").text, "the query is answered")
    return browser.find("#result").text


def test_a_query_runs_by_keyboard_and_nothing_else_is_asked(browser, address: str) -> None:
    browser.open(address)
    write(browser, "{ __schema { queryType { name } } }")
    browser.find("#query").send_keys(Keys.CONTROL, Keys.ENTER)
    assert json.loads(ran(browser))["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert {urlsplit(url).netloc for url in browser.requests()} <= {urlsplit(address).netloc, ""}
    assert browser.console() == []


def test_answers_are_shown_as_text(browser, address: str) -> None:
    browser.open(address)
    write(browser, ECHO, json.dumps({"t": HOSTILE}))
    browser.find("#run").click()
    assert "<img src=x" in ran(browser)
    assert browser.all("#result img") == []
    assert "failed" in browser.find("#result").get_attribute("class")
    assert browser.console() == []


def test_an_address_carries_the_query_and_its_variables(browser, address: str) -> None:
    browser.open(f"{address}#query={quote('{ __typename }')}&variables={quote('{}')}")
    assert browser.find("#query").get_attribute("value") == "{ __typename }"
    browser.find("#run").click()
    assert json.loads(ran(browser))["data"] == {"__typename": "Query"}


def test_variables_that_are_not_json_are_refused_before_anything_is_sent(browser, address: str) -> None:
    browser.open(address)
    write(browser, ECHO, "{t: 1}")
    browser.forget()
    browser.find("#run").click()
    browser.until(lambda: "not JSON" in browser.find("#result").text, "the mistake is shown")
    assert browser.requests() == []


def test_an_example_can_be_chosen(browser, address: str) -> None:
    browser.open(address)
    browser.find("#examples").send_keys("Search")
    browser.until(lambda: "query Search" in browser.find("#query").get_attribute("value"), "the example is shown")
    assert "filter" in json.loads(browser.find("#variables").get_attribute("value"))


def test_the_schema_can_be_searched_and_followed(browser, address: str) -> None:
    browser.open(address)
    browser.find("#find").send_keys("qvalue")
    shown = [block.get_attribute("id") for block in browser.all("#reference details") if block.is_displayed()]
    assert "type-Evidence" in shown
    assert "type-Pattern" not in shown
    browser.find("#type-Evidence dt:not([hidden]) a").click()
    assert browser.find("#find").get_attribute("value") == ""
    browser.until(lambda: browser.find("#type-Float").is_displayed(), "the type is shown")
    assert browser.find("#type-Float").get_attribute("open")
