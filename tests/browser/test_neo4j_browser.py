"""The README's first Cypher query in the Neo4j Browser, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from reports import BUGS, MARKUP, hostile_traceback, submission

from crashgraph.wiring import Container
from graph.model.statement import Statement
from graph.server import Endpoint
from viz.render import browser_query

README = Path(__file__).parents[2] / "README.md"
SLOW = 90
"""Seconds that a busy machine may take to load the Browser, to log in, or to draw."""
LABEL = "property-details-overview-node-label-"

pytestmark = pytest.mark.timeout(400)


def first_query() -> str:
    """The first Cypher block of the README."""
    block = re.search(r"^```cypher\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert block, "README.md has no Cypher block"
    return block.group(1).strip()


@pytest_asyncio.fixture
async def stored(container: Container) -> dict[str, int]:
    """Ten crashes in the graph, one of them hostile; returns node counts by label of the query."""
    crashes = [submission(number % len(BUGS), number) for number in range(9)]
    await container.receiver.receive([*crashes, submission(0, 9, report=hostile_traceback())])
    text = "UNWIND ['Crash', 'Pattern', 'Environment', 'Signature'] AS label RETURN label, COUNT { (:$(label)) } AS nodes"
    return {row["label"]: row["nodes"] for row in await container.graph.read(Statement(text))}


@pytest.fixture
def offline(browser) -> Iterator:
    """Chromium that reaches this machine only; the Browser would request fonts and the like elsewhere."""
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["https://*"]})
    yield browser
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    browser.driver.get("about:blank")


def part(name: str) -> str:
    """Selector of an element by the Browser's test id."""
    return f"[data-testid='{name}']"


def texts(browser, selector: str) -> list[str]:
    """Read in one step, since the Browser replaces elements at any time."""
    return browser.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector)


def log_in(browser, endpoint: Endpoint, query: str) -> None:
    """Open the Browser with a query in its editor and log in on its connect form."""
    address = browser_query(endpoint.browser_url, query)
    assert address
    browser.driver.get(address)
    browser.until(lambda: browser.all(part("password")), "the Browser asks for a password", SLOW)
    assert browser.find(part("boltaddress")).get_attribute("value") == endpoint.bolt_uri.removeprefix("bolt://")
    browser.find(part("username")).send_keys(endpoint.user)
    browser.find(part("password")).send_keys(endpoint.password)
    browser.find(part("connect")).click()
    browser.until(
        lambda: "You are connected as user" in "".join(texts(browser, part("stream"))), "the Browser is connected", SLOW
    )


def run_query(browser, query: str) -> None:
    """Press the editor's button and wait until the newest frame shows the graph."""

    def squeezed(lines: list[str]) -> str:
        return re.sub(r"[\s\u200b]|^\$", "", "".join(lines))

    browser.until(
        lambda: squeezed([query]) in squeezed(texts(browser, part("activeEditor"))), "the query is in the editor", SLOW
    )
    browser.find(part("editor-Run")).click()
    browser.until(lambda: texts(browser, f"{part('vizInspector')} {part(LABEL + '*')}"), "the graph is drawn", SLOW)


def test_the_first_query_of_the_readme_draws_crashes_patterns_and_environments(
    stored: dict[str, int], offline, endpoint: Endpoint
) -> None:
    browser, query = offline, first_query()
    log_in(browser, endpoint, query)
    run_query(browser, query)
    assert stored["Crash"] == 10
    assert stored["Pattern"] == len(BUGS) + 1
    for label, nodes in stored.items():
        assert texts(browser, part(LABEL + label)) == [f"{label} ({nodes})"]
    everything = sum(stored.values())
    browser.until(lambda: len(browser.all(f"{part('frame')} svg g.node")) == everything, "every node is drawn")
    captions = " ".join(texts(browser, f"{part('frame')} svg g.node text"))
    for caption in ("ZeroDiv", "KeyError", "desk 1.0", "site-1"):
        assert caption in captions

    browser.run("document.querySelector(arguments[0]).click()", part("cypherFrameSidebarTable"))
    browser.until(lambda: MARKUP in " ".join(texts(browser, part("frameContents"))), "the table shows the markup as text")
    assert browser.all(f"{part('frameContents')} img[src='x']") == []
    assert browser.run("return window.pwned === undefined"), "text of a crash ran as a script"
