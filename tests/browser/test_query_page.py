"""The query page of a real service in a real Chromium: it asks, follows, completes, and shows text as text."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from reports import submission, traceback
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from served_graph import served

from crashgraph.wiring import Container
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.model.actor import Scope, person
from graph.server import Endpoint
from jobs.runner import run_now
from schema.examples import examples

pytestmark = pytest.mark.timeout(300)

HOSTILE = '<img src=x onerror="document.title = 1">'
ECHO = "query($t: DateTime) { crashes(first: 1, filter: {since: $t}) { nodes { id } } }"
OWNER = person("owner")
PASSWORD = "correct horse battery staple"
ENDLESS = {"Crashes as they arrive", "Everything that happens"}


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def base(
    endpoint: Endpoint, embedder: MiniLmEmbedder, tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]
) -> Iterator[str]:
    """A service with twelve crashes of four patterns, a run, and users."""

    async def prepare(container: Container) -> None:
        await container.receiver.receive([submission(number % 4, number) for number in range(12)])
        await run_now(container.graph, "co_occurrence")
        await create_user(container.graph, OWNER, "ann", "admin", PASSWORD, organisation="default")
        until = datetime.now(UTC) + timedelta(days=1)
        for name, scopes in (("reader", [Scope.READ]), ("sender", [Scope.READ, Scope.REPORT])):
            made = await create_api_key(
                container.graph, OWNER, name, scopes, expires_at=until, user="ann", organisation="default"
            )
            keys[name] = made.token

    with served(endpoint, embedder, tmp_path_factory.mktemp("served"), prepare) as address:
        yield address


@pytest.fixture
def page(browser, base: str):
    """Chromium, signed in, on the query page. After every test: nothing else was asked, and the console is empty."""
    browser.driver.get(f"{base}/auth/login?next=/graphql")
    if browser.all("input[name=password]"):
        browser.find("input[name=name]").send_keys("ann")
        browser.find("input[name=password]").send_keys(PASSWORD, Keys.ENTER)
        browser.until(lambda: browser.all("#query"), "ann is signed in")
    browser.open(f"{base}/graphql")
    yield browser
    assert browser.console() == []
    assert [asked for asked in browser.requests() if not asked.startswith((f"{base}/", "data:"))] == []


def write(page, query: str, variables: str = "") -> None:
    page.run(
        "document.getElementById('query').value = arguments[0]; document.getElementById('variables').value = arguments[1];"
        "document.getElementById('query').setSelectionRange(arguments[0].length, arguments[0].length)",
        query,
        variables,
    )


def state(page) -> str:
    return page.find("#state").text


def ran(page) -> str:
    page.until(lambda: "ms" in state(page), "the query is answered")
    return page.find("#result").text


def choose(page, title: str) -> None:
    Select(page.find("#examples")).select_by_visible_text(title)
    page.until(lambda: '"@' not in page.find("#variables").get_attribute("value"), "the ids are filled in")


def problems(page) -> str:
    page.until(lambda: page.find("#problems").is_displayed(), "the problem is shown")
    return page.find("#problems").text


def suggested(page) -> list[str]:
    page.until(lambda: page.find("#completion").is_displayed(), "the completion opens")
    return [line.text for line in page.all("#completions code")]


def test_a_query_runs_by_keyboard_and_shows_its_cost(page) -> None:
    write(page, "{ patterns(first: 2) { nodes { name } } }")
    page.find("#query").send_keys(Keys.CONTROL, Keys.ENTER)
    assert len(json.loads(ran(page))["data"]["patterns"]["nodes"]) == 2
    assert "cost 2 nodes, 5 fields" in state(page)
    assert not page.find("#problems").is_displayed()


def test_answers_are_shown_as_text(page) -> None:
    write(page, ECHO, json.dumps({"t": HOSTILE}))
    page.find("#run").click()
    assert "<img src=x" in ran(page)
    assert "INVALID_QUERY" in problems(page)
    assert "<img src=x" in problems(page)
    assert page.all("#result img, #problems img") == []
    assert "failed" in page.find("#result").get_attribute("class")


def test_an_error_leads_to_its_place(page) -> None:
    write(page, "{\n  patterns(first: 1) { nodes { nome } }\n}")
    page.find("#run").click()
    assert "INVALID_QUERY Cannot query field 'nome'" in problems(page)
    page.find("#problems button").click()
    assert page.run("return document.getElementById('query').selectionStart") == 33


def test_an_address_carries_the_query_and_its_variables(page, base: str) -> None:
    page.open(f"{base}/graphql#query={quote('{ __typename }')}&variables={quote('{}')}")
    assert page.find("#query").get_attribute("value") == "{ __typename }"
    page.find("#run").click()
    assert json.loads(ran(page))["data"] == {"__typename": "Query"}


def test_variables_that_are_not_json_are_refused_before_anything_is_sent(page) -> None:
    write(page, ECHO, "{t: 1}")
    page.forget()
    page.find("#run").click()
    assert "not JSON" in problems(page)
    assert page.requests() == []


def test_the_operation_at_the_caret_runs(page) -> None:
    write(page, "query A { a: __typename }\nquery B { b: __typename }\n")
    page.run("document.getElementById('query').setSelectionRange(30, 30)")
    page.find("#run").click()
    assert json.loads(ran(page))["data"] == {"b": "Query"}


def test_the_cypher_behind_an_answer_is_shown_on_request(page) -> None:
    choose(page, "Cost and Cypher of an answer")
    page.find("#run").click()
    ran(page)
    assert "MATCH" in page.find("#cypher-texts").text
    assert "cypher" not in json.loads(page.find("#result").text)["extensions"]


def test_every_example_runs_without_an_error(page) -> None:
    for example in examples():
        choose(page, example.title)
        page.find("#run").click()
        if example.kind == "subscription":
            page.until(lambda: "ollowing" in state(page) or "received" in state(page), "it is followed")
            if example.title not in ENDLESS:
                page.until(lambda: "1 received" in state(page), "a result is received")
            if page.find("#stop").is_displayed():
                page.find("#stop").click()
        else:
            answer = json.loads(ran(page))
            assert answer["data"]
            parts = [part for part in answer["data"].values() if isinstance(part, dict)]
            assert not [part["userErrors"] for part in parts if part.get("userErrors")], example.title
        assert not page.find("#problems").is_displayed(), page.find("#problems").text


def test_every_example_explains_itself(page) -> None:
    assert [example.title for example in examples() if not example.query.startswith("# ")] == []
    assert {len(line) > 66 for example in examples() for line in example.query.splitlines()} == {False}
    groups = [group.get_attribute("label") for group in page.all("#examples optgroup")]
    assert groups == ["Read", "Report", "Teach", "Jobs", "Follow"]


def test_a_subscription_receives_what_happens_until_it_is_stopped(page, base: str, keys: dict[str, str]) -> None:
    choose(page, "Crashes as they arrive")
    page.find("#run").click()
    page.until(lambda: state(page) == "Following…", "it is followed")
    report(base, keys, "one")
    page.until(lambda: "Following, 1 received" in state(page), "the crash is received")
    shown = page.find("#result .next").text
    assert json.loads(shown.partition("\n")[2])["data"]["crashReceived"]["crash"]["site"] == "one"
    page.find("#stop").click()
    assert "Stopped, 1 received" in state(page)
    report(base, keys, "two")
    write(page, "{ __typename }")
    page.find("#run").click()
    assert "two" not in ran(page)


def report(base: str, keys: dict[str, str], site: str) -> None:
    headers = {"Authorization": f"Bearer {keys['sender']}", "Content-Type": "text/plain"}
    assert httpx.post(f"{base}/api/reports", params={"site": site}, content=traceback(1), headers=headers).status_code == 200


def test_a_key_takes_the_place_of_the_own_rights(page, keys: dict[str, str]) -> None:
    page.find("#key").send_keys(keys["reader"])
    write(page, "{ me { actor scopes } }")
    page.find("#run").click()
    assert json.loads(ran(page))["data"]["me"] == {"actor": "key:reader", "scopes": ["READ"]}
    choose(page, "Confirm a match")
    page.find("#run").click()
    assert "FORBIDDEN" in problems(page)
    choose(page, "Everything that happens")
    page.find("#run").click()
    page.until(lambda: "received" in state(page), "events are received with the key")
    page.find("#key").clear()
    page.find("#key").send_keys("cg_default_" + "x" * 43)
    page.find("#run").click()
    assert "ACCESS" in problems(page)
    assert "Sign in again, or give a valid key." in problems(page)
    page.console()


def test_ctrl_space_suggests_fields_with_their_descriptions(page) -> None:
    write(page, "{ patterns(first: 1) { nodes { ")
    page.find("#query").send_keys(Keys.CONTROL, Keys.SPACE)
    fields = suggested(page)
    assert {"name", "occurrenceCount", "crashes", "__typename"} <= set(fields)
    assert page.find("#completion-about").text
    page.find("#query").send_keys("occurr")
    page.until(lambda: suggested(page) == ["occurrenceCount"], "the matching field is left")
    page.find("#query").send_keys(Keys.ENTER)
    assert page.find("#query").get_attribute("value").endswith("{ occurrenceCount")
    assert not page.find("#completion").is_displayed()
    page.find("#query").send_keys(" } } }")
    page.find("#query").send_keys(Keys.CONTROL, Keys.ENTER)
    assert "occurrenceCount" in ran(page)


FITS: list[tuple[str, set[str], set[str]]] = [
    ("", {"query", "mutation", "subscription"}, {"name"}),
    ("mutation { ", {"submitCrash", "markSame"}, {"patterns"}),
    ("subscription { ", {"crashReceived"}, {"patterns"}),
    ("{ patterns(", {"first", "filter", "order"}, {"name"}),
    ("{ patterns(first: 1, order: ", {"OCCURRENCES", "CREATED"}, {"first"}),
    ("{ patterns(first: 1, filter: { ", {"severities", "search"}, {"first"}),
    ("{ patterns(first: 1, filter: { severities: [ ", {"CRITICAL"}, {"search"}),
    ("query Q($text: String!) { search(text: ", {"$text"}, {"first"}),
    ("query Q($filter: ", {"PatternFilterInput", "Severity", "ID"}, {"Pattern"}),
    ("{ node(id: 1) { ... on ", {"Pattern", "Site"}, {"PatternFilterInput"}),
    ("{ node(id: 1) { ... on Pattern { ", {"occurrenceCount"}, {"patterns"}),
    ("{ a: pattern(id: 1) { name related(first: 1) { edges { evidence { ", {"support"}, {"name"}),
    ("fragment F on Site { ", {"crashes"}, {"patterns_"}),
    ("{ pattern(id: 1) { name } ", {"patterns", "search"}, {"name"}),
    ("# { \n{ ", {"patterns"}, {"query"}),
]
"""Texts up to the caret, some options that must be offered there, and some that must not."""


def test_the_completion_knows_what_fits(page) -> None:
    for text, expected, absent in FITS:
        write(page, text)
        page.find("#query").send_keys(Keys.CONTROL, Keys.SPACE)
        options = set(suggested(page))
        assert expected <= options, text
        assert not absent & options, text
        page.find("#query").send_keys(Keys.ESCAPE)
        assert not page.find("#completion").is_displayed()


def test_nothing_is_suggested_in_strings_and_comments(page) -> None:
    for text in ('{ search(text: "pat', "# pat"):
        write(page, text)
        page.find("#query").send_keys("t")
        page.run("return new Promise(done => setTimeout(done, 300))")
        assert not page.find("#completion").is_displayed()


def test_the_schema_can_be_searched_and_followed(page) -> None:
    page.find("#find").send_keys("qvalue")
    shown = [block.get_attribute("id") for block in page.all("#reference details") if block.is_displayed()]
    assert "type-Evidence" in shown
    assert "type-Pattern" not in shown
    page.find("#type-Evidence dt:not([hidden]) a").click()
    assert page.find("#find").get_attribute("value") == ""
    page.until(lambda: page.find("#type-Float").is_displayed(), "the type is shown")
    assert page.find("#type-Float").get_attribute("open")


@pytest.mark.skipif("SCREENSHOTS" not in os.environ, reason="SCREENSHOTS names the folder for pictures")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 900, 1440])
def test_pictures(page, base: str, keys: dict[str, str], scheme: str, width: int) -> None:
    folder = Path(os.environ["SCREENSHOTS"])
    page.size(width, 900)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    choose(page, "Cost and Cypher of an answer")
    page.find("#run").click()
    ran(page)
    page.driver.save_screenshot(str(folder / f"answer-{scheme}-{width}.png"))
    page.run("document.getElementById('query').setSelectionRange(0, 1e6)")
    page.find("#query").send_keys("{ patterns(first: 1) {\n  nodes {\n    ")
    page.find("#query").send_keys(Keys.CONTROL, Keys.SPACE)
    suggested(page)
    page.driver.save_screenshot(str(folder / f"completion-{scheme}-{width}.png"))
    write(page, "{\n  patterns(first: 1) { nodes { nome } }\n}")
    page.find("#run").click()
    problems(page)
    page.driver.save_screenshot(str(folder / f"error-{scheme}-{width}.png"))
    choose(page, "Everything that happens")
    page.find("#run").click()
    page.until(lambda: "received" in state(page), "events are received")
    page.driver.save_screenshot(str(folder / f"following-{scheme}-{width}.png"))
    page.find("#stop").click()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
