"""The explorer in a real Chromium, used by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from graph.model.severity import SEVERITIES
from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from viz.pages.network import PAGE, cypher, graphql
from viz.pages.network import explorer as explorer_of
from viz.render import Surroundings, file_page, live_page

NASTY = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'> \"href\" \u202etxt"
SHOWN = NASTY.replace("\u202e", "\\u202e")


def made(number: int = 24, query: NetworkQuery | None = None) -> Network:
    """A ring of patterns, one of them hostile, and two without relationships."""
    nodes = tuple(
        NetworkNode(
            id=f"pat_{i}",
            label="Pattern",
            caption=NASTY if i == 1 else f"KeyError in module{i}.load",
            severity=SEVERITIES[i % 4],
            status="resolved" if i == 5 else "open",
            size=1 + (number - i) ** 2,
            details={"first seen": "2026-01-02 03:04 UTC", "message": NASTY},
            hidden_neighbours=12 if i == 3 else 0,
        )
        for i in range(number)
    )
    edges = tuple(
        NetworkEdge(
            f"pat_{i}",
            f"pat_{(i + 1) % (number - 2)}",
            "CO_OCCURS_WITH",
            0.4 + i / (3 * number),
            False,
            {"algorithm": "co_occurrence", "run_id": f"run_{i}", "support": "7", "q_value": "0.001", "note": NASTY}
            | ({"state": "refuted"} if i == 9 else {}),
        )
        for i in range(number - 2)
    )
    return Network(query or NetworkQuery(), nodes, edges, number + 800, len(edges) + 40)


def live(network: Network) -> str:
    return live_page(PAGE, explorer_of(network), Surroundings({PAGE.name: PAGE}, "http://127.0.0.1:1/browser/"), "test-nonce")


@pytest.fixture(scope="session")
def address(pages: Callable[[str, str], str]) -> str:
    return pages("/", live(made()))


@pytest.fixture
def explorer(browser, address: str):
    browser.open(address)
    yield browser
    assert browser.run("return window.pwned === undefined"), "text of a crash ran as a script"
    assert browser.console() == []
    assert [asked for asked in browser.requests() if not asked.startswith((address, "data:"))] == []


def point(explorer, node: str) -> tuple[int, int]:
    """Position of a node in the window, in px."""
    x, y = explorer.run(
        "const at = crashgraph.network.canvasToDOM(crashgraph.network.getPosition(arguments[0]));"
        "const box = document.getElementById('canvas').getBoundingClientRect();"
        "return [box.left + at.x, box.top + at.y]",
        node,
    )
    return round(x), round(y)


def click_at(explorer, x: int, y: int) -> None:
    actions = ActionChains(explorer.driver)
    actions.w3c_actions.pointer_action.move_to_location(x, y).click()
    actions.perform()


def choose(explorer, node: str) -> None:
    click_at(explorer, *point(explorer, node))
    explorer.until(lambda: explorer.find("#details").is_displayed(), "the details are shown")


def pixels(explorer) -> int:
    """Number of distinct colours in the picture."""
    return explorer.run(
        "const c = document.querySelector('#canvas canvas');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "const seen = new Set(); for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i+1] << 8 | d[i+2]);"
        "return seen.size"
    )


def test_the_network_is_drawn_with_captions_and_marked_interactive(explorer) -> None:
    assert pixels(explorer) > 20
    assert explorer.run("return crashgraph.captions") > 5
    assert explorer.run("return performance.getEntriesByName('crashgraph-interactive').length") == 1


def test_a_click_on_a_node_shows_all_its_details_as_text(explorer) -> None:
    choose(explorer, "pat_1")
    text = explorer.find("#details").text
    assert SHOWN in text
    assert "2026-01-02 03:04 UTC" in text
    assert explorer.all("#details img") == explorer.all("#details script") == []
    assert "node=pat_1" in explorer.driver.current_url


def test_a_click_on_an_edge_shows_its_evidence(explorer) -> None:
    (ax, ay), (bx, by) = point(explorer, "pat_6"), point(explorer, "pat_7")
    click_at(explorer, (ax + bx) // 2, (ay + by) // 2)
    explorer.until(lambda: explorer.find("#details").is_displayed(), "the details are shown")
    text = explorer.find("#details").text
    for part in ("co-occurs with", "co_occurrence", "run_6", "Support", "0.001", "module6", "module7", SHOWN):
        assert part.lower() in text.lower()


def test_a_refuted_edge_is_faint_and_marked(explorer) -> None:
    choose(explorer, "pat_9")
    assert "refuted" in explorer.find("#details .related").text
    explorer.find("#details .related button").click()
    found = explorer.run(
        "return [9, 8].map((i) => crashgraph.data.edges.find((edge) => edge.from === `pat_${i}`))"
        ".map((edge) => [edge.refuted, crashgraph.network.body.edges[edge.id].options.color.color])"
    )
    assert [refuted for refuted, _ in found] == [True, False]
    assert found[0][1] != found[1][1]


def test_the_details_lead_to_a_neighbour_and_to_the_neighbourhood(explorer) -> None:
    choose(explorer, "pat_3")
    assert "12 more neighbours" in explorer.find("#details").text
    link = explorer.find("#details .further a").get_attribute("href")
    assert link.endswith("/?focus=pat_3&depth=1")
    explorer.find("#details .related button").click()
    assert explorer.find("#details .kind").text.startswith("Relationship")


def test_escape_and_the_close_button_hide_the_details(explorer) -> None:
    choose(explorer, "pat_2")
    explorer.find("#details .close").click()
    assert not explorer.find("#details").is_displayed()
    choose(explorer, "pat_2")
    explorer.find("#canvas").send_keys(Keys.ESCAPE)
    assert not explorer.find("#details").is_displayed()


def test_search_offers_matches_and_enter_goes_there(explorer) -> None:
    explorer.find("body").send_keys("/")
    box = explorer.find("#search")
    assert explorer.driver.switch_to.active_element == box
    box.send_keys("keyerror module1")
    options = [option.text for option in explorer.all("#matches [role=option]")]
    assert options
    assert all("module1" in option for option in options)
    assert explorer.run("return crashgraph.inFront().size") >= len(options)
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    assert explorer.run("return crashgraph.state.node") == "pat_11"
    assert "module11" in explorer.find("#details h2").text


def test_search_without_a_match_offers_the_whole_graph(explorer) -> None:
    box = explorer.find("#search")
    box.send_keys("<b>nothing")
    assert "No match" in explorer.find("#matches").text
    assert explorer.find("#matches a").get_attribute("href").endswith("/?search=%3Cb%3Enothing")
    box.send_keys(Keys.ESCAPE)
    assert not explorer.find("#matches").is_displayed()


def test_the_legend_filters_and_counts_what_it_hides(explorer) -> None:
    explorer.find("[data-hides='severity:low']").click()
    assert explorer.run("return crashgraph.network.body.nodes['pat_3'].options.hidden") is True
    assert explorer.run("return crashgraph.network.body.nodes['pat_2'].options.hidden") is False
    assert "6 patterns and 10 relationships" in explorer.find("#filtered").text
    assert "hide=severity" in explorer.driver.current_url
    explorer.find("#filtered button").click()
    assert not explorer.find("#filtered").is_displayed()
    explorer.find("[data-hides='type:CO_OCCURS_WITH']").click()
    assert "22 relationships" in explorer.find("#filtered").text


def test_switching_everything_off_is_explained(explorer) -> None:
    for severity in SEVERITIES:
        explorer.find(f"[data-hides='severity:{severity}']").click()
    assert explorer.find("#all-hidden").is_displayed()


def test_a_row_of_the_table_goes_to_its_node(explorer) -> None:
    explorer.find("#tables summary").click()
    explorer.find("#patterns tr[data-node='pat_1'] button").click()
    assert explorer.run("return crashgraph.network.getSelectedNodes()") == ["pat_1"]
    assert SHOWN in explorer.find("#details h2").text
    assert explorer.find("#patterns tr[data-node='pat_1']").get_attribute("aria-current") == "true"
    explorer.find("#relationships tbody tr button").click()
    assert "Evidence" in explorer.find("#details").text


def test_tables_sort_and_follow_the_filter(explorer) -> None:
    explorer.find("#tables summary").click()
    header = explorer.find("#patterns thead th:nth-child(4) button")
    header.click()
    counts = [int(cell.text.replace(",", "")) for cell in explorer.all("#patterns tbody td.number:nth-child(4)")]
    assert counts == sorted(counts)
    explorer.run("document.querySelector(\"[data-hides='severity:high']\").click()")
    assert explorer.find("#patterns caption").text.startswith("18 of 24 patterns")


def test_the_address_carries_the_state(explorer, address: str) -> None:
    explorer.open(f"{address}#node=pat_4&hide=severity%3Alow")
    assert "module4" in explorer.find("#details h2").text
    assert explorer.find("[data-hides='severity:low']").get_attribute("aria-pressed") == "false"
    explorer.run("location.hash = '#node=pat_6'")
    explorer.until(lambda: "module6" in explorer.find("#details h2").text, "the page follows its address")
    assert explorer.find("[data-hides='severity:low']").get_attribute("aria-pressed") == "true"


def test_going_back_undoes_a_choice(explorer) -> None:
    def shown(node: str) -> None:
        # The browser records a page's own history steps a moment later.
        explorer.until(lambda: explorer.driver.current_url.endswith(f"node={node}"), f"the address names {node}")
        explorer.until(lambda: f"module{node[4:]}" in explorer.find("#details h2").text, f"{node} is shown")

    # The steps of earlier tests do not count; a browser keeps fifty.
    explorer.driver.execute_cdp_cmd("Page.resetNavigationHistory", {})
    for node in ("pat_4", "pat_6"):
        explorer.run("crashgraph.focusOn(arguments[0])", node)
        shown(node)
    explorer.driver.back()
    shown("pat_4")
    explorer.driver.back()
    explorer.until(lambda: not explorer.find("#details").is_displayed(), "nothing is chosen again")


def test_the_picture_works_by_keyboard(explorer) -> None:
    canvas = explorer.find("#canvas")
    before = explorer.run("return [crashgraph.network.getScale(), crashgraph.network.getViewPosition().x]")
    canvas.send_keys(Keys.ARROW_RIGHT)
    assert explorer.run("return crashgraph.network.getViewPosition().x") > before[1]
    canvas.send_keys("+")
    explorer.until(lambda: explorer.run("return crashgraph.network.getScale()") > before[0] * 1.2, "it has zoomed in")
    canvas.send_keys("0")
    explorer.until(lambda: abs(explorer.run("return crashgraph.network.getScale()") - before[0]) < 0.01, "it fits again")


def test_hovering_names_a_node_as_text(explorer) -> None:
    actions = ActionChains(explorer.driver)
    actions.w3c_actions.pointer_action.move_to_location(*point(explorer, "pat_1"))
    actions.perform()
    explorer.until(lambda: explorer.find("#tip").is_displayed(), "the tooltip is shown")
    assert SHOWN in explorer.find("#tip").text


def test_copying_takes_the_cypher_and_graphql_of_the_page(explorer) -> None:
    explorer.run(
        "const writeText = (text) => { window.taken = text; return Promise.resolve(); };"
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText}});"
    )
    values = explorer_of(made())
    for kind, text in (("cypher", cypher(values)), ("graphql", graphql(values))):
        explorer.find(f"[data-copy='{kind}']").click()
        explorer.until(lambda text=text: explorer.run("return window.taken") == text, f"{kind} is copied")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (390, 844), (800, 900), (1440, 900), (3840, 2160)])
def test_the_page_fits_the_width(explorer, address: str, width: int, height: int) -> None:
    explorer.size(width, height)
    explorer.open(f"{address}#node=pat_1")
    explorer.run("document.getElementById('tables').open = true")
    assert explorer.run("return document.documentElement.scrollWidth") <= width
    assert explorer.run("return document.getElementById('canvas').clientHeight") > 200
    covered = explorer.run(
        "const a = document.getElementById('canvas').getBoundingClientRect();"
        "const d = document.getElementById('details').getBoundingClientRect();"
        "const p = crashgraph.network.canvasToDOM(crashgraph.network.getPosition('pat_1'));"
        "return a.left + p.x > d.left && a.left + p.x < d.right && a.top + p.y > d.top && a.top + p.y < d.bottom"
    )
    assert not covered, "the details cover the selected node"


def test_an_empty_graph_opens_without_errors(browser, pages: Callable[[str, str], str]) -> None:
    empty = Network(NetworkQuery(), (), (), 0, 0)
    browser.open(pages("/empty", live(empty)))
    assert "crashgraph up --sample" in browser.find("main").text
    assert browser.console() == []


def test_the_standalone_file_works_from_disk(browser, tmp_path: Path) -> None:
    file = tmp_path / "network é.html"
    file.write_text(file_page(PAGE, explorer_of(made())), encoding="utf-8")
    browser.open(file.as_uri())
    assert pixels(browser) > 20
    choose(browser, "pat_1")
    assert SHOWN in browser.find("#details").text
    assert browser.all("#details .further a") == []
    assert browser.run("return window.pwned === undefined")
    assert browser.console() == []
    assert [asked for asked in browser.requests() if not asked.startswith(("file:", "data:"))] == []
