"""The whole service in a real Chromium: reports in, a picture out, and equal rows from Cypher, GraphQL and the page."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import neo4j
import pytest
from reports import MARKUP, START, hostile_traceback, submission
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from served_graph import served

from crashgraph.wiring import Container
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.server import Endpoint
from graph.sources.submission import Submission
from jobs.runner import run_now

pytestmark = pytest.mark.timeout(400)

DAYS = 30
EACH = 40
HOSTILE_NAME = f"KeyError in pricing.{MARKUP}"
COPIED = (
    "const writeText = (text) => { window.taken = text; return Promise.resolve(); };"
    "Object.defineProperty(navigator, 'clipboard', {value: {writeText}, configurable: true});"
)


def crashes() -> list[Submission]:
    """Four bugs at four sites: one always follows the first, one follows the second half of the time; and a hostile one."""
    rng = random.Random(7)
    happened = []
    for number in range(4 * EACH):
        first, second, alone = (rng.uniform(0, DAYS * 24 * 60) for _ in range(3))
        third = second + rng.random() if number % 8 < 4 else alone
        minutes = (first, second, third, first + rng.random())
        happened += [submission(bug, site=f"site-{number % 4}", timestamp=when(at)) for bug, at in enumerate(minutes)]
    return [*happened, submission(0, report=hostile_traceback())]


def when(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


async def prepare(container: Container) -> None:
    """These crashes, and what the job finds in them."""
    await container.receiver.receive(crashes())
    run = await run_now(container.graph, "co_occurrence")
    assert run.state == "succeeded", run.error


@pytest.fixture(scope="module")
def base(endpoint: Endpoint, embedder: MiniLmEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the service."""
    with served(endpoint, embedder, tmp_path_factory.mktemp("served"), prepare) as address:
        yield address


@pytest.fixture
def page(browser, base: str):
    """Chromium. After every test: no foreign script ran, no other origin was asked, and the console is empty."""
    yield browser
    assert browser.run("return window.pwned === undefined"), "text of a crash ran as a script"
    assert browser.console() == []
    assert [asked for asked in browser.requests() if not asked.startswith((f"{base}/", "data:"))] == []


def shown(page) -> tuple[dict[str, tuple[Any, ...]], set[tuple[str, str, str]]]:
    """Patterns (name, severity, crashes by id) and relationships (source, target, type) that the page draws."""
    data = page.run("return {nodes: crashgraph.data.nodes, edges: crashgraph.data.edges}")
    nodes = {node["id"]: (node["label"], node["severity"], node["count"]) for node in data["nodes"]}
    return nodes, {(edge["from"], edge["to"], edge["type"]) for edge in data["edges"]}


def copied(page, kind: str) -> str:
    """The clipboard after a click on "Copy as …"."""
    page.run(COPIED)
    page.find(f"[data-copy='{kind}']").click()
    page.until(lambda: page.run("return window.taken"), f"{kind} is copied")
    return page.run("const taken = window.taken; delete window.taken; return taken")


def pattern_id(page, name: str) -> str:
    (found,) = (id for id, (caption, *_) in shown(page)[0].items() if caption == name)
    return found


def click_node(page, node: str) -> None:
    x, y = page.run(
        "const at = crashgraph.network.canvasToDOM(crashgraph.network.getPosition(arguments[0]));"
        "const box = document.getElementById('canvas').getBoundingClientRect();"
        "return [box.left + at.x, box.top + at.y]",
        node,
    )
    actions = ActionChains(page.driver)
    actions.w3c_actions.pointer_action.move_to_location(round(x), round(y)).click()
    actions.perform()
    page.until(lambda: page.find("#details").is_displayed(), "the details are shown")


def test_the_explorer_draws_received_crashes_and_found_relationships(page, base: str) -> None:
    page.open(f"{base}/")
    assert page.find(".counts").text == f"5 patterns, 2 relationships, {16 * EACH + 1} crashes"
    patterns, edges = shown(page)
    names = {id: name for id, (name, *_) in patterns.items()}
    assert {(kind, *sorted((names[source], names[target]))) for source, target, kind in edges} == {
        ("CO_OCCURS_WITH", "KeyError in pricing.tariff_of", "UnicodeDecodeError in feeds.decode"),
        ("CO_OCCURS_WITH", "AttributeError in grid.free", "ZeroDivisionError in stats.mean"),
    }
    source, target, _ = min(edges)
    click_node(page, source)
    details = page.find("#details").text
    assert names[source] in details
    assert names[target] in details
    assert f"{4 * EACH}" in details


def test_search_finds_a_hostile_pattern_and_shows_it_as_text(page, base: str) -> None:
    page.open(f"{base}/")
    page.find("#search").send_keys("img src")
    page.until(lambda: page.all("#matches [role=option]"), "a match is offered")
    page.find("#search").send_keys(Keys.ENTER)
    page.until(lambda: page.find("#details").is_displayed(), "the details are shown")
    assert page.find("#details h2").text == HOSTILE_NAME
    assert page.all("img[src='x']") == []


def test_the_standalone_file_works_like_the_live_page(page, base: str) -> None:
    page.open(f"{base}/view/network")
    assert {name for name, *_ in shown(page)[0].values()} >= {HOSTILE_NAME, "ZeroDivisionError in stats.mean"}
    click_node(page, pattern_id(page, HOSTILE_NAME))
    assert page.find("#details h2").text == HOSTILE_NAME
    assert [asked for asked in page.requests() if not asked.startswith(("data:", f"{base}/view/network"))] == []


def test_a_query_in_the_graphql_page_is_answered_from_the_graph(page, base: str) -> None:
    page.open(f"{base}/graphql")
    page.find("#query").clear()
    page.find("#query").send_keys("{ patterns(first: 9) { nodes { name occurrenceCount } } }")
    page.run("document.getElementById('variables').value = ''")
    page.find("#query").send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: "ms" in page.find("#state").text, "the query is answered")
    rows = json.loads(page.find("#result").text)["data"]["patterns"]["nodes"]
    assert {"name": "KeyError in pricing.tariff_of", "occurrenceCount": 4 * EACH} in rows
    assert {"name": HOSTILE_NAME, "occurrenceCount": 1} in rows
    assert page.all("#result img") == []


def test_the_reference_lists_paths_and_links_to_the_explorer(page, base: str) -> None:
    page.forget()
    page.driver.get(f"{base}/docs")
    text = page.find("main").text
    for part in ("GET /view/network", "POST /graphql", "min_score"):
        assert part in text
    page.find("a[href='/']").click()
    page.until(lambda: page.run("return document.documentElement.dataset.ready === 'true'"), "the explorer is shown again")


@pytest.mark.parametrize("width", [360, 800, 1440])
def test_every_page_fits_the_width(page, base: str, width: int) -> None:
    page.size(width, 800)
    for path in ("/", "/graphql", "/docs", "/?search=nothing+like+it"):
        page.driver.get(f"{base}{path}")
        page.until(lambda: page.run("return document.readyState === 'complete'"), f"{path} is loaded")
        assert page.run("return document.documentElement.scrollWidth") <= width, path


QUERIES = {
    "": (5, 2),
    "?first=3": (3, 1),
    "?search=pricing": (2, 0),
    "?severities=medium": (5, 2),
    "?min_score=0.99": (5, 1),
    "?edges=1": (5, 1),
    "?focus={}&depth=2": (2, 1),
}
"""Expected patterns and relationships by query string; ``{}`` takes the id of the focus."""


@pytest.mark.parametrize("asked", QUERIES)
def test_copied_queries_return_the_rows_of_the_page(page, base: str, endpoint: Endpoint, asked: str) -> None:
    page.open(f"{base}/")
    page.open(f"{base}/{asked.format(pattern_id(page, 'KeyError in pricing.tariff_of'))}")
    patterns, edges = shown(page)
    assert (len(patterns), len(edges)) == QUERIES[asked]
    assert by_cypher(endpoint, copied(page, "cypher")) == (patterns, edges)
    assert by_graphql(base, copied(page, "graphql")) == (patterns, edges)


def by_cypher(endpoint: Endpoint, text: str):
    """The nodes and relationships that the Neo4j Browser would draw, in the form of :func:`shown`."""
    with neo4j.GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
        drawn = driver.execute_query(text, result_transformer_=neo4j.Result.graph)
    assert {label for node in drawn.nodes for label in node.labels} == {"Pattern"}
    nodes = {node["pattern_id"]: (node["name"], node["severity"], node["occurrence_count"]) for node in drawn.nodes}
    edges = set()
    for edge in drawn.relationships:
        source, target = (node["pattern_id"] for node in edge.nodes if node)
        edges.add((source, target, edge.type))
    return nodes, edges


def bare(id: str) -> str:
    """The pattern id within a global GraphQL id."""
    return id.removeprefix("Pattern:")


def by_graphql(base: str, document: str):
    """The rows of the document, in the form of :func:`shown`."""
    answer = httpx.post(f"{base}/graphql", json={"query": document}).json()
    assert "errors" not in answer, answer
    network = answer["data"]["network"]
    nodes = {bare(node["id"]): (node["caption"], node["severity"].lower(), node["size"]) for node in network["nodes"]}
    return nodes, {(bare(edge["source"]), bare(edge["target"]), edge["type"]) for edge in network["edges"]}


def test_the_link_to_the_neo4j_browser_carries_the_query(page, base: str, endpoint: Endpoint) -> None:
    page.open(f"{base}/")
    link = page.find(".take a[target='_blank']").get_attribute("href")
    assert link.startswith(endpoint.browser_url)
    assert parse_qs(urlsplit(link).query)["arg"] == [copied(page, "cypher")]
