"""What a search finds, and the path between two nodes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from graph.model import RELATIONSHIPS
from resolvers.nodes import global_id
from resolvers.paths import FoundPath, PathLabel
from resolvers.paths import PathEdge as PathRecord
from resolvers.search import MatchedBy, SearchKind
from schema.types.choices import RelationshipType, enum_of
from schema.types.declared import Node
from schema.types.evidence import EVIDENCE_TYPES, Evidence, evidence_of
from schema.types.network import Fact
from schema.types.pages import CURSOR_HELP, NULL_HELP, PAGE_HELP, Edge, Paged, PageInfo

for _choice in (SearchKind, MatchedBy, PathLabel):
    enum_of(_choice)


@strawberry.type(description="A node that a search found.")
class SearchEdge(Edge):
    """A node that a search found."""

    node: Node | None = strawberry.field(description="The node; null if it was removed meanwhile.")
    score: float = strawberry.field(description="How well it matches, 0..1; 1 for a whole id.")
    matched_by: list[MatchedBy] = strawberry.field(description="Ways in which it was found.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of what a search found, best first; the order moves as nodes are stored.")
class SearchConnection(Paged):
    """A page of what a search found."""

    edges: list[SearchEdge | None] = strawberry.field(description=f"Nodes with their scores. {NULL_HELP}")
    nodes: list[Node | None] = strawberry.field(description=f"Nodes alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A relationship of a path.")
class PathEdge:
    """A relationship of a path."""

    source: strawberry.ID = strawberry.field(description="Global id of the node that it starts at.")
    target: strawberry.ID = strawberry.field(description="Global id of the node that it leads to.")
    type: RelationshipType | None = strawberry.field(description="Relationship type in the graph.")
    directed: bool = strawberry.field(description="Whether its direction has a meaning.")
    evidence: Evidence | None = strawberry.field(description="Evidence for it, if a job derived it; null for others.")
    facts: list[Fact] = strawberry.field(description="Its properties as names and values.")


@strawberry.type(description="The shortest path between two nodes.")
class Path:
    """The shortest path between two nodes."""

    length: int | None = strawberry.field(description="Number of relationships; null if there is no path.")
    nodes: list[Node | None] = strawberry.field(description="Nodes from one end to the other; none if there is no path.")
    edges: list[PathEdge] = strawberry.field(description="Relationships between them, in that order.")
    complete: bool = strawberry.field(
        description="Whether all relationships were looked at. If false, nodes with very many were followed in part: a shorter "
        "path may exist."
    )


def path_type(found: FoundPath, nodes: list[Node | None]) -> Path:
    """A path as its GraphQL type; ``nodes`` are those of the path."""
    length = len(found.edges) if nodes else None
    return Path(length=length, nodes=nodes, edges=[_edge(edge) for edge in found.edges], complete=found.complete)


def _edge(edge: PathRecord) -> PathEdge:
    return PathEdge(
        source=strawberry.ID(global_id(edge.source.label, edge.source.key)),
        target=strawberry.ID(global_id(edge.target.label, edge.target.key)),
        type=edge.type,
        directed=RELATIONSHIPS[edge.type].directed,
        evidence=evidence_of(edge.type, edge.properties) if edge.type in EVIDENCE_TYPES else None,
        facts=_facts(edge.properties),
    )


def _facts(properties: Mapping[str, Any]) -> list[Fact]:
    return [Fact(name=name.replace("_", " "), value=_text(value)) for name, value in sorted(properties.items())]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
