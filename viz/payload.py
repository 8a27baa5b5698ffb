"""The data of a page: a pyvis network of the scene, as JSON that is safe inside a script tag."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from viz.palette import EdgeStyle
from viz.scene import Scene, SceneEdge, SceneNode

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
"""Positions are computed beforehand, so nothing moves by itself; tooltips are the page's own."""

ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def pyvis_network(scene: Scene) -> PyvisNetwork:
    """The scene as a pyvis network. Importing pyvis takes over a second the first time."""
    from pyvis.network import Network as PyvisNetwork  # noqa: PLC0415  (slow, so only when a page is drawn)

    drawn = PyvisNetwork(directed=True)
    drawn.set_options(json.dumps(OPTIONS))
    for node in scene.nodes:
        drawn.add_node(node.id, **node_options(node))
    for edge in scene.edges:
        drawn.add_edge(edge.source, edge.target, **edge_options(edge))
    return drawn


def node_options(node: SceneNode) -> dict[str, Any]:
    """What vis-network needs to draw the node, and what the page says about it. Plain str, int and float only."""
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
    """What vis-network needs to draw the edge, and what the page says about it."""
    return {
        "arrows": "to" if edge.directed else "",
        "width": edge.width,
        "type": edge.type,
        "score": edge.score,
        "evidence": edge.evidence,
        "refuted": edge.refuted,
    }


def payload(scene: Scene, page: Mapping[str, object]) -> str:
    """The data of a page as JSON. ``page`` is what the page's script must know besides the network."""
    nodes, edges, _, _, _, options = pyvis_network(scene).get_network_data()
    return script_json(
        {
            "nodes": nodes,
            "edges": edges,
            "options": json.loads(options),
            "severities": {key.style.key: {"name": key.style.name, "colour": key.style.colour} for key in scene.severities},
            "types": {key.style.type: type_data(key.style) for key in scene.edge_types},
            "page": dict(page),
        }
    )


def type_data(style: EdgeStyle) -> dict[str, object]:
    """What the script must know of a relationship type."""
    return {"colour": style.colour, "dashes": style.dashes, "help": style.help, "fields": dict(style.fields)}


def script_json(value: object) -> str:
    """JSON that cannot end a script tag and is a valid JavaScript literal; raises ``ValueError`` on NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(ESCAPES)
