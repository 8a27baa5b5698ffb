"""Scenes as HTML: the live explorer and the plain file. No page names an address outside its own origin."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from resolvers.records import Network, NetworkQuery
from viz import wording
from viz.assets import SCRIPTS, STYLE, hashed, inline_script, inline_style, source_hash
from viz.payload import payload, pyvis_network
from viz.scene import Scene
from viz.text import count, words
from viz.views import View, ViewDoors, view

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_BROWSER_LINK = 6000
"""Characters of a link that opens the Neo4j Browser with the query in it; longer ones are left out."""


def explorer_page(
    network: Network,
    *,
    doors: ViewDoors,
    nonce: str,
    static_prefix: str = "/static/",
    graphql_url: str = "/graphql",
    browser_url: str | None = None,
    docs_url: str | None = "/docs",
    page_url: str = "/",
    view_name: str = "network",
) -> str:
    """The live page: its scripts and styles come from ``static_prefix`` + the names of :func:`viz.assets.static_files`.

    Send it with :func:`content_security_policy` of the same ``nonce`` (one per response). ``browser_url`` is the
    Neo4j Browser's address, ``page_url`` the path that this page is served at; its query string is the query.
    """
    prefix = static_prefix.rstrip("/") + "/"
    chosen = view(view_name)
    scene = chosen.scene(network)
    facts = page_facts(network.query, scene, doors, live=True, page_url=page_url)
    return (
        environment()
        .get_template("live.html")
        .render(
            **common(network, scene, chosen, doors),
            nonce=nonce,
            data=raw(payload(scene, facts)),
            style=prefix + hashed(STYLE),
            scripts=[prefix + hashed(name) for name in SCRIPTS],
            page_url=page_url,
            graphql_url=graphql_url,
            browser_url=browser_url,
            browser_query_url=browser_query(browser_url, doors.cypher),
            docs_url=docs_url,
        )
    )


def file_page(network: Network, view: View, doors: ViewDoors) -> str:
    """The page as one file that needs nothing else and opens from the disk. Write it as UTF-8.

    Its policy names its own scripts and style by hash, so nothing else runs even if the file is edited by accident.
    """
    scene = view.scene(network)
    scripts = [inline_script(name) for name in SCRIPTS]
    policy = file_policy(scripts, inline_style())
    return (
        environment()
        .get_template("file.html")
        .render(
            **common(network, scene, view, doors),
            policy=policy,
            data=raw(payload(scene, page_facts(network.query, scene, doors, live=False, page_url=""))),
            style=raw(inline_style()),
            scripts=[raw(text) for text in scripts],
        )
    )


def content_security_policy(nonce: str) -> str:
    """The header ``Content-Security-Policy`` for a live page: its own scripts and styles, nothing from elsewhere."""
    own = f"'nonce-{nonce}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def file_policy(scripts: list[str], style: str) -> str:
    """The policy of a file: exactly these scripts and this style."""
    allowed = " ".join(source_hash(text) for text in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {source_hash(style)}; img-src data:; base-uri 'none'"


def common(network: Network, scene: Scene, chosen: View, doors: ViewDoors) -> dict[str, object]:
    """What both templates need."""
    query = network.query
    return {
        "scene": scene,
        "view": chosen,
        "query": query,
        "doors": doors,
        "scope": wording.scope(query, scene),
        "notes": wording.notes(query, scene),
        "depths": wording.depths(query),
        "is_whole": wording.is_whole(query),
        "captions": {node.id: node.caption for node in scene.nodes},
    }


def page_facts(query: NetworkQuery, scene: Scene, doors: ViewDoors, *, live: bool, page_url: str) -> dict[str, object]:
    """What the page's script must know besides the network."""
    return {
        "live": live,
        "url": page_url,
        "focus": query.focus,
        "beyond": scene.hidden.nodes > 0 or not wording.is_whole(query),
        "cypher": doors.cypher,
        "graphql": doors.graphql,
    }


def browser_query(browser_url: str | None, cypher: str) -> str | None:
    """The Neo4j Browser with the query in its editor; none when there is no Browser or the query is too long for a link."""
    if not browser_url or not cypher:
        return None
    joint = "&" if "?" in browser_url else "?"
    link = f"{browser_url}{joint}cmd=edit&arg={quote(cypher, safe='')}"
    return link if len(link) <= LONGEST_BROWSER_LINK else None


def raw(text: str) -> Markup:
    """Text that goes into the page unescaped: our own files, and JSON that cannot end its script tag. Nothing else."""
    return Markup(text)  # noqa: S704


@cache
def environment() -> Environment:
    """The templates, autoescaped; an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["count"] = count
    made.filters["words"] = words
    return made


def warm() -> None:
    """Import and read what the first page would wait a second for. Slow: call it off the event loop at start."""
    pyvis_network(view("network").scene(Network(NetworkQuery(), (), (), 0, 0)))
    for template in ("live.html", "file.html"):
        environment().get_template(template)
    for name in (STYLE, *SCRIPTS):
        hashed(name)
