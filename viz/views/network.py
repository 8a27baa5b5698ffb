"""The network of patterns: what goes wrong, how often, and what goes wrong with it."""

from __future__ import annotations

from resolvers.records import Network, NetworkQuery
from viz.scene import Scene, network_scene
from viz.views.doors import graphql_arguments
from viz.views.registry import View, register

TITLE = "Network of patterns"


def scene(network: Network) -> Scene:
    """The scene of a network of patterns."""
    return network_scene(network, TITLE)


def graphql(query: NetworkQuery) -> str:
    """The document that gives the rows of the page."""
    return f"""query Network {{
  network{graphql_arguments(query)} {{
    totalNodes
    totalEdges
    nodes {{ id caption severity status size hiddenNeighbours details {{ name value }} }}
    edges {{ source target type score directed evidence {{ name value }} }}
  }}
}}
"""


NETWORK = register(
    View(
        name="network",
        title=TITLE,
        help="Patterns as nodes, sized by their crashes; what the jobs found between them as edges.",
        scene=scene,
        graphql=graphql,
    )
)
