"""The HTTP reference: paths and parameters. The composition root supplies them, since most paths are not pages."""

from __future__ import annotations

from collections.abc import Mapping

from graph.model.actor import Scope
from viz.pages.registry import Page

PAGE: Page[Mapping[str, object]] = Page(
    name="reference",
    path="/docs",
    title="HTTP reference",
    help="This page.",
    needs=Scope.READ,
    template="pages/reference/page.html",
    menu="API docs",
)
"""``values``: ``paths``, pairs of a method with its path and what it answers; ``parameterised``, pages with parameters.
It shows nothing of the graph, so there is no query to copy."""
