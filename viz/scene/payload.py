"""The data that the scripts draw: a pyvis network of the scene as JSON values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from viz.scene.palette import EdgeStyle
from viz.scene.scene import Scene, SceneEdge, SceneNode

if TYPE_CHECKING:
    from pyvis.network import Network as PyvisNetwork

OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {
        "hover": True,
        "hoverConnectedEdges": False,
        "selectConnectedEdges": False,
        "multiselect": False,
        "tooltipDelay": 86_400_000,
        "hideEdgesOnDrag": False,
    },
    "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3, "labelHighlightBold": False},
    "edges": {
        "smooth": {"enabled": False},
        "selectionWidth": 1.5,
        "hoverWidth": 0.5,
        "arrowStrikethrough": False,
    },
}
"""Positions are computed beforehand, so nothing moves by itself; tooltips are ours."""


def pyvis_network(scene: Scene) -> PyvisNetwork:
    """The scene as a pyvis network. The first call imports pyvis, which takes over a second."""
    from pyvis.network import Network as PyvisNetwork  # noqa: PLC0415  (slow, so only when a page is drawn)

    drawn = PyvisNetwork(directed=True)
    drawn.set_options(json.dumps(OPTIONS))
    for node in scene.nodes:
        drawn.add_node(node.id, **node_options(node))
    for edge in scene.edges:
        drawn.add_edge(edge.source, edge.target, **edge_options(edge))
    return drawn


def node_options(node: SceneNode) -> dict[str, Any]:
    """Attributes of a node for vis-network and for the details panel: str, int and float only."""
    return {
        "label": node.caption,
        "shape": node.severity.shape,
        "color": node.severity.colour,
        "size": node.size,
        "x": node.x,
        "y": node.y,
        "severity": node.severity.key,
        "status": node.status,
        "count": node.count,
        "degree": node.degree,
        "more": node.hidden_neighbours,
        "details": node.details,
    }


def edge_options(edge: SceneEdge) -> dict[str, Any]:
    """Attributes of an edge for vis-network and for the details panel."""
    return {
        "arrows": "to" if edge.directed else "",
        "width": edge.width,
        "type": edge.type,
        "score": edge.score,
        "evidence": edge.evidence,
        "refuted": edge.refuted,
    }


def payload(scene: Scene) -> dict[str, Any]:
    """Nodes, edges and vis-network's options, with the legend's names and colours: JSON values only."""
    nodes, edges, _, _, _, options = pyvis_network(scene).get_network_data()
    return {
        "nodes": nodes,
        "edges": edges,
        "options": json.loads(options),
        "severities": {key.style.key: {"name": key.style.name, "colour": key.style.colour} for key in scene.severities},
        "types": {key.style.type: type_data(key.style) for key in scene.edge_types},
    }


def type_data(style: EdgeStyle) -> dict[str, object]:
    """Looks and help of a relationship type, for the scripts."""
    return {"colour": style.colour, "dashes": style.dashes, "help": style.help, "fields": dict(style.fields)}
