"""Pages as text: nothing from crash messages acts, nothing names another origin."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from viz.assets import SCRIPTS, VIS_NETWORK, inline_script, path_of, static_files
from viz.payload import script_json
from viz.render import content_security_policy, explorer_page, file_page
from viz.views import ViewDoors, view

NASTY = '</script><script>window.pwned=1</script><img src=x onerror=alert(1)> "href" \' {{ 7*7 }} \u2028 \u202e'
DOORS = ViewDoors(cypher="MATCH (p:Pattern)\nRETURN p // <b>", graphql="query { network { totalNodes } }")


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


def live(given: Network | None = None) -> str:
    return explorer_page(given or network(), doors=DOORS, nonce="n0nce", browser_url="http://localhost:7474/browser/")


def plain(given: Network | None = None) -> str:
    return file_page(given or network(), view("network"), DOORS)


class Tags(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("page", [live, plain])
def test_crash_text_is_text(page: object) -> None:
    text = page()
    tags = Tags(text).found
    assert "pwned" not in "".join(str(attrs) for tag, attrs in tags if tag in ("script", "img"))
    assert not [attrs for tag, attrs in tags if tag == "img"]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
    assert "<script>window.pwned" not in text
    assert "49" not in text.split("7*7")[1][:20]
    assert "\u202e" not in text


@pytest.mark.parametrize("page", [live, plain])
def test_the_data_says_what_the_network_says(page: object) -> None:
    data = data_of(page())
    assert {node["id"] for node in data["nodes"]} == {f"pat_{i}<&\"'" for i in range(3)}
    assert data["nodes"][0]["details"][0][1].startswith("</script><script>window.pwned=1")
    assert data["edges"][0]["evidence"][0][0] == "run_id"
    assert data["options"]["physics"] == {"enabled": False}
    assert data["page"]["cypher"] == DOORS.cypher
    assert "title" not in data["nodes"][0]


def test_every_script_and_style_of_the_live_page_is_ours_and_carries_the_nonce() -> None:
    tags = Tags(live()).found
    scripts = [attrs for tag, attrs in tags if tag == "script" and attrs.get("type") != "application/json"]
    assert [attrs["src"].removeprefix("/static/") in static_files() for attrs in scripts] == [True] * len(SCRIPTS)
    assert {attrs.get("nonce") for attrs in scripts} == {"n0nce"}
    styles = [attrs for tag, attrs in tags if attrs.get("rel") == "stylesheet"]
    assert [(attrs["nonce"], attrs["href"].startswith("/static/explorer.")) for attrs in styles] == [("n0nce", True)]
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
    assert policy.count("'sha256-") == len(SCRIPTS) + 1
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("page", [live, plain])
def test_no_outside_address(page: object) -> None:
    text = page().replace(inline_script(VIS_NETWORK), "")
    outside = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'<)]*", text, re.IGNORECASE))
    assert outside - {"http://www.w3.org/2000/svg"} == set()
    assert set(re.findall(r"https?://[^/\"'\s]+", text)) <= {"http://www.w3.org", "http://localhost:7474"}


def test_vis_network_fetches_nothing() -> None:
    text = path_of(VIS_NETWORK).read_text(encoding="utf-8")
    for call in ("fetch(", "XMLHttpRequest", "importScripts", "sendBeacon", "WebSocket("):
        assert call not in text


def test_static_files_exist_and_are_named_by_their_content() -> None:
    files = static_files()
    assert len(files) == len(SCRIPTS) + 1
    for name, path in files.items():
        assert path.is_file()
        assert re.fullmatch(r"[a-z-]+(\.min)?\.[0-9a-f]{12}\.(js|css)", name)


def test_what_is_hidden_is_said() -> None:
    text = live(network(hidden=812))
    assert "812 more patterns" in text
    assert "812 more relationships" in text
    assert "3 patterns have more neighbours" in text
    assert 'href="/?first=500&amp;edges=1000"' in text


def test_an_empty_graph_says_how_to_fill_it() -> None:
    text = live(Network(NetworkQuery(), (), (), 0, 0))
    assert "crashgraph ingest FILE" in text
    assert "crashgraph up --sample" in text


def test_a_query_that_finds_nothing_says_so_and_leads_back() -> None:
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
    long = ViewDoors(cypher="RETURN 1 //" + "x" * 9000, graphql="")
    assert "cmd=edit" not in explorer_page(network(), doors=long, nonce="n", browser_url="http://localhost:7474/browser/")
    assert "Browser" not in explorer_page(network(), doors=DOORS, nonce="n", browser_url=None)


def test_the_tables_say_the_same_as_the_picture() -> None:
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
    for name in SCRIPTS:
        assert "</script" not in inline_script(name)
        assert "<!--" not in inline_script(name)


@pytest.mark.slow
def test_pyvis_is_imported_only_when_a_page_is_drawn() -> None:
    code = "import sys, viz.render; assert 'pyvis' not in sys.modules and 'IPython' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=path_of("page.js").parents[2])
