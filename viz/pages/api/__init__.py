"""The page with the HTTP routes, shown by Swagger UI from ``/openapi.json``."""

from __future__ import annotations

from collections.abc import Mapping

from graph.model.actor import Scope
from graph.ports import Graph
from viz.assets import served
from viz.pages.registry import Page, Params

SCRIPT, STYLE = "static/swagger-ui-bundle.js", "static/swagger-ui.css"


async def read(_graph: Graph, _params: Params) -> Mapping[str, str]:
    """The served names of the files of Swagger UI."""
    return {"script": served(SCRIPT), "style": served(STYLE)}


PAGE: Page[Mapping[str, str]] = Page(
    name="api",
    path="/api/docs",
    title="REST",
    help="The HTTP routes, with what they take and return; each can be tried.",
    needs=Scope.READ,
    template="pages/api/page.html",
    read=read,
    scripts=("pages/api/main.js",),
    styles=("pages/api/page.css",),
    menu="REST",
)
"""``values``: ``script`` and ``style``, the served names of Swagger UI."""
