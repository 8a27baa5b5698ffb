"""The explorer: patterns as nodes, sized by their crashes, and what the jobs found between them as edges."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from graph.cypher import load
from graph.cypher.literals import cypher_with
from graph.model.actor import Scope
from graph.ports import Graph
from resolvers.network import MAX_DEPTH, MAX_EDGES, MAX_NODES, network
from resolvers.records import Network, NetworkQuery
from resolvers.relations import check_types
from viz.names import camel
from viz.pages.registry import Page, Params
from viz.scene import wording
from viz.scene.address import read_query
from viz.scene.payload import payload
from viz.scene.scene import Scene, network_scene
from viz.scene.wording import Note, StateLink

DEFAULT = NetworkQuery()
PARAMETERS = (
    ("first", f"Most patterns, the biggest first: 1 to {MAX_NODES}, by default {DEFAULT.first}."),
    ("edges", f"Most relationships, the strongest first: 0 to {MAX_EDGES}, by default {DEFAULT.edges}."),
    ("focus", "A pattern id: show what is around it."),
    ("depth", f"How many steps around the focus: 1 to {MAX_DEPTH}."),
    ("search", "Only patterns with these words in their name."),
    ("severities", "Only these, comma-separated: critical, high, medium, low."),
    ("types", "Only these relationship types, comma-separated."),
    ("min_score", "Only relationships with at least this score: 0 to 1."),
)


@dataclass(frozen=True, slots=True)
class Explorer:
    """A drawn network with the sentences around it."""

    query: NetworkQuery
    scene: Scene
    data: dict[str, Any]
    """What the scripts draw: JSON values."""
    scope: str
    notes: list[Note]
    depths: list[StateLink]
    is_whole: bool

    @property
    def captions(self) -> dict[str, str]:
        """Captions by node id."""
        return {node.id: node.caption for node in self.scene.nodes}


async def read(graph: Graph, params: Params) -> Explorer:
    """The part of the network that the parameters ask for, laid out in a thread."""
    return await asyncio.to_thread(explorer, await network(graph, read_query(params)))


def explorer(shown: Network) -> Explorer:
    """A network as the page shows it. Takes about a second for 500 nodes."""
    query, scene = shown.query, network_scene(shown, PAGE.title)
    is_whole = wording.is_whole(query)
    data = payload(scene) | {"focus": query.focus, "beyond": scene.hidden.nodes > 0 or not is_whole}
    return Explorer(
        query, scene, data, wording.scope(query, scene), wording.notes(query, scene), wording.depths(query), is_whole
    )


def cypher(values: Explorer) -> str:
    """The query for the Neo4j Browser: the shown patterns and the relationships between them."""
    query = values.query
    shown = {
        "ids": [node.id for node in values.scene.nodes],
        "types": check_types(query.types),
        "min_score": query.min_score,
        "limit": query.edges,
    }
    return cypher_with(load("network/drawing").text, shown)


def graphql(values: Explorer) -> str:
    """The document that returns the nodes and edges of the page."""
    return f"""query Network {{
  network{graphql_arguments(values.query)} {{
    totalNodes
    totalEdges
    nodes {{ id caption severity status size hiddenNeighbours details {{ name value }} }}
    edges {{ source target type score directed facts {{ name value }} evidence {{ support algorithm }} }}
  }}
}}
"""


def graphql_arguments(query: NetworkQuery) -> str:
    """``(first: 150, focus: "…")``: the arguments of the ``network`` field that differ from the defaults of a query.

    ``first`` and ``edges`` are always written, since they are the budget.
    """
    arguments = [f"first: {query.first}", f"edges: {query.edges}"]
    if query.focus is not None:
        arguments += [f"focus: {json.dumps(query.focus)}", f"depth: {query.depth}"]
    for name in ("types", "severities"):
        if values := getattr(query, name):
            arguments.append(f"{name}: [{', '.join(value.upper() for value in values)}]")
    for name in ("min_score", "search"):
        value = getattr(query, name)
        if value != getattr(DEFAULT, name):
            arguments.append(f"{camel(name)}: {json.dumps(value)}")
    return f"({', '.join(arguments)})"


PAGE = Page(
    name="network",
    path="/",
    title="Network of patterns",
    help="The explorer: patterns as nodes, sized by their crashes, and what the jobs found between them as edges.",
    needs=Scope.READ,
    read=read,
    template="pages/network/page.html",
    scripts=("pages/network/main.js",),
    styles=("pages/network/page.css",),
    graphql=graphql,
    cypher=cypher,
    parameters=PARAMETERS,
    standalone=True,
)
