"""All pages of the service: those of viz, with data from the rooms that viz does not import."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from viz.pages.registry import Page, Params, registry, standalone_page
from viz.render import file_page

if TYPE_CHECKING:
    from graph.ports import Graph

INTERFACES = (
    ("POST /graphql", '`{"query": …, "variables": …}` as application/json; subscriptions over a WebSocket.'),
    (
        "POST /api/v1/reports",
        "Store a report: text/plain as it is, or application/json or application/x-ndjson of the contract.",
    ),
    ("GET /openapi.json", "All routes for programs as OpenAPI 3.1; `/api/docs` shows them."),
    ("POST /api/{project}/envelope/", "Sentry's protocol, and `/store/`; `crashgraph dsn` prints the DSN for an SDK."),
    ("GET /healthz", "200 as long as the process answers."),
    ("GET /readyz", "200 when Neo4j answers, else 503 with the reason."),
    ("GET /metrics", "Counters in the Prometheus text format."),
)
"""Paths besides the pages."""
STATUSES = (
    ("400", "The request is wrong; the message names the parameter, the value and what is allowed."),
    ("404", "There is no such page, pattern or view."),
    ("409", "It contradicts a verdict, or another writer was first."),
    ("429", "Too much waits already; `Retry-After` gives the seconds to wait."),
    ("503", "Neo4j does not answer."),
)


@cache
def pages() -> Mapping[str, Page[Any]]:
    """All pages by name."""
    return registry({"query": read_query_page, "reference": read_reference})


async def read_query_page(_graph: Graph, _params: Params) -> dict[str, object]:
    """The schema and the example queries."""
    return await asyncio.to_thread(_query_page)


def _query_page() -> dict[str, object]:
    from schema.examples import IDS, examples
    from schema.reference import reference

    return {"types": reference(), "examples": [dataclasses.asdict(example) for example in examples()], "ids": IDS}


async def read_reference(_graph: Graph, _params: Params) -> dict[str, object]:
    """Every path with what it answers, and the parameters of pages."""
    return {
        "paths": (*page_paths(), *INTERFACES),
        "parameterised": [page for page in pages().values() if page.parameters],
        "statuses": STATUSES,
    }


def page_paths() -> list[tuple[str, str]]:
    """The paths of pages, the explorer first."""
    live = [(f"GET {page.path}", page.help) for page in pages().values()]
    files = [
        (f"GET /view/{page.name}", f"{page.title}, as one file that needs nothing else.")
        for page in pages().values()
        if page.standalone
    ]
    return sorted(live + files)


async def view_file(graph: Graph, name: str, params: Params) -> str:
    """A page as one file. ``NotFoundError`` if there is none of that name."""
    page = standalone_page(pages(), name)
    values = await page.read(graph, params)
    return await asyncio.to_thread(file_page, page, values)
