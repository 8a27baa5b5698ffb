"""The network page as HTML: text of crashes stays text, and nothing names another origin."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from viz import modules
from viz.assets import VIS_NETWORK, files, static_files, version
from viz.modules import bundle, needed, wrapped
from viz.pages.network import PAGE, Explorer, explorer
from viz.pages.registry import Page
from viz.render import (
    Surroundings,
    content_security_policy,
    entries_of,
    file_page,
    live_page,
    prose,
    script_json,
)

ROOT = Path(__file__).parents[2]
NASTY = '</script><script>window.pwned=1</script><img src=x onerror=alert(1)> "href" \' {{ 7*7 }} \u2028 \u202e'
CYPHER = "MATCH (p:Pattern)\nRETURN p // <b>"
BROWSER = "http://localhost:7474/browser/"


def network(query: NetworkQuery | None = None, *, hidden: int = 0) -> Network:
    nodes = tuple(
        NetworkNode(
            id=f"pat_{i}<&\"'",
            label="Pattern",
            caption=f"{NASTY} {i}",
            severity="high",
            status="open",
            size=i + 1,
            details={NASTY: NASTY},
            hidden_neighbours=hidden,
        )
        for i in range(3)
    )
    edges = (NetworkEdge(nodes[0].id, nodes[1].id, "CO_OCCURS_WITH", 0.5, False, {"run_id": NASTY}),)
    return Network(query or NetworkQuery(), nodes, edges, 3 + hidden, 1 + hidden)


def with_cypher(text: str) -> Page[Explorer]:
    """The network page with this text to copy."""
    return replace(PAGE, cypher=lambda _values: text)


def live(given: Network | None = None, *, cypher: str = CYPHER, browser_url: str = BROWSER) -> str:
    page = with_cypher(cypher)
    return live_page(page, explorer(given or network()), Surroundings({PAGE.name: page}, browser_url), "n0nce")


def plain(given: Network | None = None) -> str:
    return file_page(with_cypher(CYPHER), explorer(given or network()))


class Tags(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def data_of(page: str, id: str = "data") -> dict[str, Any]:
    found = re.search(rf'<script type="application/json" id="{id}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("page", [live, plain])
def test_crash_text_is_text(page: Callable[[], str]) -> None:
    text = page()
    tags = Tags(text).found
    assert "pwned" not in "".join(str(attrs) for tag, attrs in tags if tag in ("script", "img"))
    assert not [attrs for tag, attrs in tags if tag == "img"]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
    assert "<script>window.pwned" not in text
    assert "49" not in text.split("7*7")[1][:20]
    assert "\u202e" not in text


@pytest.mark.parametrize("page", [live, plain])
def test_the_data_holds_the_network(page: Callable[[], str]) -> None:
    data = data_of(page())
    assert {node["id"] for node in data["nodes"]} == {f"pat_{i}<&\"'" for i in range(3)}
    assert data["nodes"][0]["details"][0][1].startswith("</script><script>window.pwned=1")
    assert data["edges"][0]["evidence"][0][0] == "run_id"
    assert data["options"]["physics"] == {"enabled": False}
    assert data_of(page(), "page")["cypher"] == CYPHER
    assert "title" not in data["nodes"][0]


def test_every_script_and_style_of_the_live_page_is_ours_and_carries_the_nonce() -> None:
    tags = Tags(live()).found
    scripts = [attrs for tag, attrs in tags if tag == "script" and attrs.get("type") != "application/json"]
    preloads = [attrs for tag, attrs in tags if attrs.get("rel") == "modulepreload"]
    served = {
        (address or "").removeprefix(f"/static/{version()}/")
        for address in [*(each["src"] for each in scripts), *(each["href"] for each in preloads)]
    }
    assert served == set(needed(entries_of(PAGE)))
    assert {(attrs["type"], attrs["nonce"]) for attrs in scripts} == {("module", "n0nce")}
    assert {attrs["nonce"] for attrs in preloads} == {"n0nce"}
    styles = [attrs for tag, attrs in tags if attrs.get("rel") == "stylesheet"]
    assert [(attrs["nonce"], attrs["href"]) for attrs in styles] == [
        ("n0nce", f"/static/{version()}/{name}") for name in ("static/base.css", "pages/network/page.css")
    ]
    assert not [tag for tag, _ in tags if tag == "style"]


def test_the_policy_lets_only_our_own_in() -> None:
    policy = content_security_policy("n0nce")
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-n0nce';" in policy
    assert "unsafe" not in policy


def test_the_file_needs_nothing_else() -> None:
    text = plain()
    tags = Tags(text).found
    assert not [attrs for _, attrs in tags if "src" in attrs]
    links = [attrs.get("href") or "" for tag, attrs in tags if tag in ("a", "link")]
    assert all(link.startswith(("#", "data:")) for link in links)
    policy = next(attrs["content"] for _, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.count("'sha256-") == 2
    scripts = [attrs for tag, attrs in tags if tag == "script" and attrs.get("type") != "application/json"]
    assert scripts == [{"type": "module"}]
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("page", [live, plain])
def test_no_outside_address(page: Callable[[], str]) -> None:
    text = page().replace(wrapped(VIS_NETWORK), "")
    outside = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'<)]*", text, re.IGNORECASE))
    assert outside - {"http://www.w3.org/2000/svg"} == set()
    assert set(re.findall(r"https?://[^/\"'\s]+", text)) <= {"http://www.w3.org", "http://localhost:7474"}


def test_vis_network_fetches_nothing() -> None:
    text = files()[VIS_NETWORK].read_text(encoding="utf-8")
    for call in ("fetch(", "XMLHttpRequest", "importScripts", "sendBeacon", "WebSocket("):
        assert call not in text


def test_static_files_exist_and_are_named_by_their_content() -> None:
    assert set(static_files().values()) == set(files().values())
    for name, path in static_files().items():
        assert path.is_file()
        assert re.fullmatch(r"[0-9a-f]{12}/(static|pages/[a-z]+)/[a-z-]+(\.min)?\.(js|css)", name)


def test_omissions_are_stated_with_a_link() -> None:
    text = live(network(hidden=812))
    assert "812 more patterns" in text
    assert "812 more relationships" in text
    assert "3 patterns have more neighbours" in text
    assert 'href="/?first=500&amp;edges=1000"' in text


def test_an_empty_graph_shows_how_to_fill_it() -> None:
    text = live(Network(NetworkQuery(), (), (), 0, 0))
    assert "crashgraph ingest FILE" in text
    assert "crashgraph up --sample" in text


def test_a_query_without_results_links_to_the_whole_network() -> None:
    text = live(Network(NetworkQuery(search="<x>"), (), (), 0, 0))
    assert "Nothing matches" in text
    assert "&lt;x&gt;" in text
    assert "Show the whole network" in text
    assert "crashgraph ingest" not in text


def test_a_neighbourhood_names_its_focus_and_offers_other_depths() -> None:
    text = live(network(NetworkQuery(focus="pat_1<&\"'", depth=1)))
    assert "Around “&lt;/script&gt;" in text
    assert "depth=2" in text
    assert 'aria-current="true">1<' in text


def test_the_cypher_opens_in_the_browser_when_it_is_short_enough() -> None:
    assert "http://localhost:7474/browser/?cmd=edit&amp;arg=MATCH%20%28p%3APattern%29%0ARETURN" in live()
    assert "cmd=edit" not in live(cypher="RETURN 1 //" + "x" * 9000)
    assert "Browser" not in live(browser_url="")


def test_the_tables_list_every_node_and_edge() -> None:
    tags = Tags(live()).found
    assert {attrs["data-node"] for tag, attrs in tags if tag == "tr" and "data-node" in attrs} == {
        f"pat_{i}<&\"'" for i in range(3)
    }
    assert len([attrs for tag, attrs in tags if "data-edge" in attrs]) == 1


def test_json_cannot_leave_its_tag_and_refuses_nan() -> None:
    assert script_json({"a": "</script>&\u2028"}) == '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'
    with pytest.raises(ValueError, match="JSON"):
        script_json(float("nan"))


def test_inlined_scripts_cannot_close_their_tag() -> None:
    text = bundle(entries_of(PAGE))
    assert "</script" not in text
    assert "<!--" not in text


def test_a_bundle_holds_each_module_once_after_what_it_imports() -> None:
    text = bundle(entries_of(PAGE))
    names = re.findall(r'^modules\["([^"]+)"\] = ', text, re.MULTILINE)
    assert sorted(names) == sorted(set(needed(entries_of(PAGE))) - {VIS_NETWORK})
    for place, name in enumerate(names):
        assert set(re.findall(r'= modules\["([^"]+)"\];', wrapped(name))) <= set(names[:place])
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)


def test_a_module_that_cannot_be_bundled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (
        "export default 1;\n",
        "export let count = 0;\n",
        'import * as all from "./dom.js";\n',
        'const lazy = import("./dom.js");\n',
    ):
        monkeypatch.setattr(modules, "source", lambda _name, text=text: text)
        with pytest.raises(ValueError, match="cannot bundle"):
            wrapped("static/dom.js")


def test_backticks_become_code_and_text_stays_text() -> None:
    assert prose("Use `a<b>` & c") == "Use <code>a&lt;b&gt;</code> &amp; c"
    assert prose("one ` alone <") == "one ` alone &lt;"


@pytest.mark.slow
def test_pyvis_is_imported_only_when_a_page_is_drawn() -> None:
    code = (
        "import sys, viz.render; from viz.pages.registry import declared_pages; declared_pages();"
        "assert 'pyvis' not in sys.modules and 'IPython' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
