"""A network before it becomes HTML: nodes and edges with their looks, the legend, and counts of what is hidden.

Pure: equal networks give equal scenes. Text in a scene has its control characters spelled out, but is not escaped for
HTML; templates do that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resolvers.records import Network, NetworkEdge, NetworkNode
from viz.scene.layout import positions
from viz.scene.palette import (
    SEVERITY_STYLES,
    UNKNOWN_SEVERITY,
    EdgeStyle,
    SeverityStyle,
    edge_style,
    edge_width,
    node_size,
    severity_style,
    unit,
)
from viz.text import visible

Lines = tuple[tuple[str, str], ...]
"""Names and values, in order."""


@dataclass(frozen=True, slots=True)
class SceneNode:
    """A node as drawn: centre and radius in px, the radius already balanced for its shape."""

    id: str
    caption: str
    severity: SeverityStyle
    status: str
    count: int
    x: float
    y: float
    size: float
    details: Lines
    degree: int
    """Distinct neighbours that are shown."""
    hidden_neighbours: int


@dataclass(frozen=True, slots=True)
class SceneEdge:
    """An edge as drawn. ``source`` and ``target`` are ids of nodes of the scene."""

    source: str
    target: str
    type: str
    score: float
    directed: bool
    width: float
    evidence: Lines
    refuted: bool = False
    """True if later crashes speak against it."""


@dataclass(frozen=True, slots=True)
class SeverityKey:
    """A line of the legend: a severity and how many of the shown nodes have it."""

    style: SeverityStyle
    count: int


@dataclass(frozen=True, slots=True)
class EdgeKey:
    """A line of the legend: a relationship type and how many of the shown edges are of it."""

    style: EdgeStyle
    directed: bool
    count: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """Counts of nodes and edges that match but exceed the budget."""

    nodes: int
    edges: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawn network: biggest nodes and strongest edges first."""

    title: str
    nodes: tuple[SceneNode, ...]
    edges: tuple[SceneEdge, ...]
    severities: tuple[SeverityKey, ...]
    edge_types: tuple[EdgeKey, ...]
    statuses: tuple[str, ...]
    hidden: Hidden
    occurrences: int
    """Crashes of all shown nodes."""


def network_scene(network: Network, title: str) -> Scene:
    """The scene of a network. Duplicate nodes are dropped; an edge with an end that is not shown counts as hidden."""
    records = biggest_first(network.nodes)
    known = {record.id for record in records}
    shown_edges = strongest_first(edge for edge in network.edges if edge.source in known and edge.target in known)
    nodes = place(records, shown_edges)
    edges = tuple(scene_edge(edge) for edge in shown_edges)
    return Scene(
        title=visible(title),
        nodes=nodes,
        edges=edges,
        severities=severity_keys(nodes),
        edge_types=edge_keys(edges),
        statuses=tuple(sorted({node.status for node in nodes})),
        hidden=Hidden(max(0, network.total_nodes - len(nodes)), max(0, network.total_edges - len(edges))),
        occurrences=sum(node.count for node in nodes),
    )


def biggest_first(nodes: Iterable[NetworkNode]) -> list[NetworkNode]:
    """Distinct nodes by descending count; equal counts by caption, then id."""
    once = {node.id: node for node in nodes}
    return sorted(once.values(), key=lambda node: (-node.size, node.caption, node.id))


def strongest_first(edges: Iterable[NetworkEdge]) -> list[NetworkEdge]:
    """Distinct edges by descending score; equal scores by type and ends."""
    ordered = sorted(edges, key=lambda edge: (-unit(edge.score), edge.type, edge.source, edge.target))
    once: dict[tuple[str, str, str], NetworkEdge] = {}
    for edge in ordered:
        once.setdefault((edge.type, edge.source, edge.target), edge)
    return list(once.values())


def place(records: list[NetworkNode], edges: list[NetworkEdge]) -> tuple[SceneNode, ...]:
    """Scene nodes with looks and positions, in the order of ``records``."""
    index = {record.id: i for i, record in enumerate(records)}
    most = max((record.size for record in records), default=0)
    sizes = [round(node_size(r.size, most) * severity_style(r.severity).balance, 1) for r in records]
    neighbours = neighbours_of(edges)
    points = positions(sizes, [(index[edge.source], index[edge.target]) for edge in edges])
    return tuple(
        SceneNode(
            id=record.id,
            caption=visible(record.caption) or record.id,
            severity=severity_style(record.severity),
            status=record.status,
            count=record.size,
            x=round(float(points[i][0]), 1),
            y=round(float(points[i][1]), 1),
            size=sizes[i],
            details=lines(record.details),
            degree=len(neighbours.get(record.id, ())),
            hidden_neighbours=max(0, record.hidden_neighbours),
        )
        for i, record in enumerate(records)
    )


def neighbours_of(edges: Iterable[NetworkEdge]) -> dict[str, set[str]]:
    """The distinct neighbours of each node that has any."""
    neighbours: dict[str, set[str]] = {}
    for edge in edges:
        if edge.source != edge.target:
            neighbours.setdefault(edge.source, set()).add(edge.target)
            neighbours.setdefault(edge.target, set()).add(edge.source)
    return neighbours


def scene_edge(edge: NetworkEdge) -> SceneEdge:
    """The edge with its looks."""
    score = round(unit(edge.score), 4)
    refuted = edge.evidence.get("state") == "refuted"
    return SceneEdge(
        edge.source, edge.target, edge.type, score, edge.directed, edge_width(score), lines(edge.evidence), refuted
    )


def lines(values: Mapping[str, str]) -> Lines:
    """Names and values with control characters spelled out."""
    return tuple((visible(str(name)), visible(str(value))) for name, value in values.items())


def severity_keys(nodes: tuple[SceneNode, ...]) -> tuple[SeverityKey, ...]:
    """All declared severities, worst first; unknown last, if it occurs."""
    counted = Counter(node.severity.key for node in nodes)
    keys = [SeverityKey(style, counted[style.key]) for style in SEVERITY_STYLES.values()]
    if counted[UNKNOWN_SEVERITY.key]:
        keys.append(SeverityKey(UNKNOWN_SEVERITY, counted[UNKNOWN_SEVERITY.key]))
    return tuple(keys)


def edge_keys(edges: tuple[SceneEdge, ...]) -> tuple[EdgeKey, ...]:
    """The shown relationship types, by name."""
    counted = Counter(edge.type for edge in edges)
    directed = {edge.type for edge in edges if edge.directed}
    return tuple(EdgeKey(edge_style(type_), type_ in directed, counted[type_]) for type_ in sorted(counted))
