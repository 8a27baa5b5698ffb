"""Pages as HTML: live in the common shell, or as one file. No page names an address outside its own origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from graph.model.permissions import Admission
from resolvers.records import Network, NetworkQuery
from viz.assets import BASE_STYLE, SHELL_SCRIPT, inline_style, served, source_hash
from viz.modules import bundle, needed
from viz.pages.registry import Page
from viz.scene.payload import pyvis_network
from viz.scene.scene import network_scene
from viz.text import count, visible, words

V = TypeVar("V")

HERE = Path(__file__).parent
LONGEST_BROWSER_LINK = 6000
"""Characters of a link that opens the Neo4j Browser with the query in it; longer ones are left out."""
ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Links of the shell around a live page: the menu, and the Neo4j Browser if its address is known."""

    pages: Mapping[str, Page[Any]]
    browser_url: str = ""
    static_prefix: str = "/static/"
    user: str = ""
    """Who is signed in."""

    @property
    def menu(self) -> list[Page[Any]]:
        """Pages with a label for the menu."""
        return [page for page in self.pages.values() if page.menu]


@dataclass(frozen=True, slots=True)
class PageError:
    """The values of an error page."""

    status: int
    title: str
    message: str


def live_page(page: Page[V], values: V, around: Surroundings, nonce: str) -> str:
    """The page with scripts and styles from ``static_prefix`` + the names of :func:`viz.assets.static_files`.

    Send it with :func:`content_security_policy` of the same ``nonce``, one per response.
    """
    texts, entries = copy_texts(page, values), entries_of(page)
    prefix = around.static_prefix.rstrip("/") + "/"
    return rendered(
        page,
        values,
        texts,
        live=True,
        nonce=nonce,
        menu=around.menu,
        user=around.user,
        browser_url=around.browser_url,
        browser_query_url=browser_query(around.browser_url, texts["cypher"]),
        style_urls=[prefix + served(name) for name in styles_of(page)],
        script_urls=[prefix + served(name) for name in entries],
        preload_urls=[prefix + served(name) for name in needed(entries) if name not in entries],
    )


def file_page(page: Page[V], values: V) -> str:
    """The page as one file that needs nothing else and opens from the disk. Write it as UTF-8.

    Its policy names its own script and style by hash, so nothing else runs even if the file is edited by accident.
    """
    script, style = bundle(entries_of(page)), inline_style(styles_of(page))
    return rendered(
        page,
        values,
        copy_texts(page, values),
        live=False,
        policy=file_policy(script, style),
        script=raw(script),
        style=raw(style),
    )


def error_page(error: PageError, around: Surroundings, nonce: str) -> str:
    """An error in the common shell."""
    page: Page[PageError] = Page(
        name="error", path="", title=error.title, help="", needs=Admission.EVERYONE, template="templates/error.html"
    )
    return live_page(page, error, around, nonce)


def rendered(page: Page[V], values: V, texts: Mapping[str, str], *, live: bool, **parts: object) -> str:
    """The template of a page, with what both forms need and the parts of one of them."""
    facts = {"live": live, "path": page.path, **texts}
    template = environment().get_template(page.template)
    return template.render(page=page, values=values, texts=texts, facts=facts, live=live, **parts)


def copy_texts(page: Page[V], values: V) -> dict[str, str]:
    """The texts that return the rows of the page, by name; empty where the page has none."""
    return {
        "graphql": page.graphql(values) if page.graphql else "",
        "cypher": page.cypher(values) if page.cypher else "",
    }


def entries_of(page: Page[Any]) -> tuple[str, ...]:
    """The modules that start a page."""
    return (SHELL_SCRIPT, *page.scripts)


def styles_of(page: Page[Any]) -> tuple[str, ...]:
    """The style sheets of a page."""
    return (BASE_STYLE, *page.styles)


def content_security_policy(nonce: str) -> str:
    """The header ``Content-Security-Policy`` of a live page: its own scripts and styles, nothing from elsewhere."""
    own = f"'nonce-{nonce}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def file_policy(script: str, style: str) -> str:
    """The policy of a file: exactly this script and this style."""
    return (
        f"default-src 'none'; script-src {source_hash(script)}; style-src {source_hash(style)}; img-src data:; base-uri 'none'"
    )


def browser_query(browser_url: str, cypher: str) -> str:
    """The Neo4j Browser with the query in its editor; empty without a Browser or if the query is too long for a link."""
    if not browser_url or not cypher:
        return ""
    joint = "&" if "?" in browser_url else "?"
    link = f"{browser_url}{joint}cmd=edit&arg={quote(cypher, safe='')}"
    return link if len(link) <= LONGEST_BROWSER_LINK else ""


def raw(text: str) -> Markup:
    """Text that goes into the page unescaped: our own files, and JSON that cannot end its script tag. Nothing else."""
    return Markup(text)  # noqa: S704


def script_json(value: object) -> Markup:
    """JSON that cannot end a script tag and is a valid JavaScript literal; raises ``ValueError`` on NaN."""
    return raw(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(ESCAPES))


def prose(text: str) -> Markup:
    """Text with the parts between backticks set as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    marked = (Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup("").join(marked)


@cache
def environment() -> Environment:
    """The templates, autoescaped; an undefined name is an error."""
    loaded = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    loaded.filters |= {"count": count, "words": words, "visible": visible, "prose": prose, "script_json": script_json}
    return loaded


def warm(pages: Mapping[str, Page[Any]]) -> None:
    """Import and read what the first page would wait a second for. Slow: call it in a thread at start."""
    pyvis_network(network_scene(Network(NetworkQuery(), (), (), 0, 0), ""))
    for page in pages.values():
        environment().get_template(page.template)
        needed(entries_of(page))
