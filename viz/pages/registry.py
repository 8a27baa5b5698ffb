"""What a page declares, and the registry of all pages.

Every package below ``viz/pages`` declares one page as ``PAGE``; its folder holds the template and, where it has any, the
scripts and styles. Nothing else lists them: routes, the menu, ``crashgraph view`` and the HTTP reference follow from the
declaration.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

import viz.pages
from graph.model.actor import Scope
from graph.model.errors import NotFoundError
from graph.model.permissions import Admission
from graph.model.quoting import quoted
from graph.ports import Graph

V = TypeVar("V")

Params: TypeAlias = Mapping[str, str]
"""Path and query parameters of a request; the path wins where both have a name."""
Read: TypeAlias = Callable[[Graph, Params], Awaitable[V]]
"""Reads what a page shows; raises ``CrashgraphError`` for a wrong parameter or something that is not there."""


async def supplied_later(_graph: Graph, _params: Params) -> Any:
    """The ``read`` of a page with data from a room that viz does not import: :func:`registry` replaces it."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Page(Generic[V]):
    """A page. Files are named by their path below ``viz``, such as ``pages/network/page.html``.

    ``graphql`` and ``cypher`` write the texts that return the same rows as the page, from what ``read`` returned; they
    are what "Copy as GraphQL" and "Copy as Cypher" copy.
    """

    name: str
    path: str
    """Where it is served, as a Starlette route: ``/pattern/{id}`` passes ``id`` to ``read``."""
    title: str
    help: str
    """One sentence for the HTTP reference and the command line."""
    needs: Scope | Admission
    """What a reader of the page must be allowed to do."""
    template: str
    """Extends ``templates/shell.html`` and finds what ``read`` returned as ``values``."""
    read: Read[V] = supplied_later
    scripts: tuple[str, ...] = ()
    """ES modules that start the page; what they import is found and served with them."""
    styles: tuple[str, ...] = ()
    """Style sheets besides ``static/base.css``."""
    graphql: Callable[[V], str] | None = None
    cypher: Callable[[V], str] | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    """Query parameters and their meaning, for the HTTP reference."""
    menu: str = ""
    """Its label in the menu of every page; empty to leave it out."""
    standalone: bool = False
    """Whether it also works as one file on disk, at ``/view/<name>`` and with ``crashgraph view``."""


def registry(reads: Mapping[str, Read[Any]]) -> Mapping[str, Page[Any]]:
    """All pages by name. ``reads`` supplies, by page name, what viz cannot read itself.

    Raises ``ValueError`` where a name or a path is used twice, or a page has no ``read`` in the end.
    """
    pages: dict[str, Page[Any]] = {}
    for page in declared_pages():
        complete = replace(page, read=reads.get(page.name, page.read))
        if complete.read is supplied_later:
            raise ValueError(f"the page {page.name!r} has no read function: declare it in its folder or supply it")
        if page.name in pages or page.path in {other.path for other in pages.values()}:
            raise ValueError(f"the page {page.name!r} at {page.path} is declared twice")
        pages[page.name] = complete
    return MappingProxyType(pages)


def declared_pages() -> list[Page[Any]]:
    """The ``PAGE`` of every package below ``viz/pages``, by folder name."""
    names = sorted(module.name for module in pkgutil.iter_modules(viz.pages.__path__) if module.ispkg)
    return [importlib.import_module(f"{viz.pages.__name__}.{name}").PAGE for name in names]


def standalone_page(pages: Mapping[str, Page[Any]], name: str) -> Page[Any]:
    """The page of that name, if it works as one file; :class:`NotFoundError` lists those that do."""
    page = pages.get(name)
    if page is None or not page.standalone:
        known = ", ".join(sorted(page.name for page in pages.values() if page.standalone))
        raise NotFoundError(f"there is no view {quoted(name)}: the views are {known}")
    return page
