"""The pages of the service: use cases and views brought together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from graph.cypher import load
from resolvers.network import network
from resolvers.relations import check_types
from viz.render import explorer_page, file_page
from viz.views import View, ViewDoors
from viz.views import view as find_view
from viz.views.doors import cypher_with

if TYPE_CHECKING:
    from graph.ports import Graph
    from resolvers.records import Network, NetworkQuery


async def explorer(graph: Graph, asked: NetworkQuery, *, nonce: str, browser_url: str | None) -> str:
    """The live page of the network."""
    found = await network(graph, asked)
    texts = doors(find_view("network"), found)
    return await asyncio.to_thread(explorer_page, found, doors=texts, nonce=nonce, browser_url=browser_url or None)


async def view_file(graph: Graph, name: str, asked: NetworkQuery) -> str:
    """A view as one file. ``NotFoundError`` if there is no such view."""
    chosen = find_view(name)
    found = await network(graph, asked)
    return await asyncio.to_thread(file_page, found, chosen, doors(chosen, found))


def doors(chosen: View, found: Network) -> ViewDoors:
    """The texts that give the page's rows in the Neo4j Browser and in a GraphQL client."""
    asked = found.query
    shown = {
        "ids": [node.id for node in found.nodes],
        "types": check_types(asked.types),
        "min_score": asked.min_score,
        "limit": asked.edges,
    }
    return ViewDoors(cypher=cypher_with(load("network/drawing").text, shown), graphql=chosen.graphql(asked))


PATHS = (
    ("GET /", "The explorer: the network of patterns."),
    ("GET /view/network", "The same network as one file that needs nothing else."),
    ("POST /graphql", 'A GraphQL query: {"query": …, "variables": …} as application/json. GET shows a page to write one in.'),
    ("POST /api/reports", "Store a report: text/plain as it is, or application/json or application/x-ndjson of the contract."),
    ("POST /api/{project}/envelope/", "Sentry's protocol, and /store/; `crashgraph dsn` prints what an SDK is given."),
    ("GET /healthz", "200 as long as the process answers."),
    ("GET /readyz", "200 when Neo4j answers, else 503 with the reason."),
    ("GET /metrics", "Counters in the Prometheus text format."),
    ("GET /docs", "This page."),
)
PARAMETERS = (
    ("first", "Most patterns, the biggest first: 1 to 500, by default 150."),
    ("edges", "Most relationships, the strongest first: 0 to 1000, by default 300."),
    ("focus", "A pattern id: show what is around it."),
    ("depth", "How many steps around the focus: 1 to 4."),
    ("search", "Only patterns whose name has these words."),
    ("severities", "Only these, comma-separated: critical, high, medium, low."),
    ("types", "Only these relationship types, comma-separated."),
    ("min_score", "Only relationships with at least this score: 0 to 1."),
)


def reference(nonce: str) -> str:
    """The page about the HTTP interface."""
    from jinja2 import Environment, FileSystemLoader

    templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    return templates.get_template("reference.html").render(nonce=nonce, paths=PATHS, parameters=PARAMETERS)
