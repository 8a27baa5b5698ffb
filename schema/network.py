"""The GraphQL type of the network: what a view draws, and what its budget left out."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

from resolvers import patterns, records
from resolvers.nodes import global_id
from schema.context import Info
from schema.declared import description_of
from schema.fields import resolved
from schema.pattern import Pattern


@strawberry.type(description="A name and its value as text.")
class Fact:
    """A name and its value."""

    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="A node of the network.")
class NetworkNode:
    """A node of the network."""

    record: strawberry.Private[records.NetworkNode]
    id: strawberry.ID = strawberry.field(description="Global id of the pattern.")
    caption: str = strawberry.field(description=description_of("Pattern", "name"))
    severity: str = strawberry.field(description=description_of("Pattern", "severity"))
    status: str = strawberry.field(description=description_of("Pattern", "status"))
    size: int = strawberry.field(description="Number of its crashes.")
    hidden_neighbours: int = strawberry.field(description="Neighbours that the network leaves out.")

    @resolved("What a view shows when it is selected.")
    def details(self) -> list[Fact]:
        """Facts for the side panel."""
        return facts(self.record.details)

    @resolved("The pattern it stands for.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        found = await info.context.load(patterns.get_patterns, self.record.id)
        return Pattern(found.pattern) if found else None


@strawberry.type(description="A relationship of the network, written by a job.")
class NetworkEdge:
    """An edge of the network."""

    record: strawberry.Private[records.NetworkEdge]
    source: strawberry.ID = strawberry.field(description="Global id of the node it starts at.")
    target: strawberry.ID = strawberry.field(description="Global id of the node it ends at.")
    type: str = strawberry.field(description="Relationship type in the graph.")
    score: float = strawberry.field(description="Strength, 0..1.")
    directed: bool = strawberry.field(description="Whether its direction means something.")

    @resolved("The evidence it carries.")
    def evidence(self) -> list[Fact]:
        """The evidence as facts."""
        return facts(self.record.evidence)


@strawberry.type(description="A network of patterns within a budget, and what was left out.")
class Network:
    """A network within its budget."""

    nodes: list[NetworkNode] = strawberry.field(description="The patterns shown.")
    edges: list[NetworkEdge] = strawberry.field(description="The strongest relationships between them.")
    total_nodes: int = strawberry.field(
        description="Patterns that match; around a focus, those shown and the neighbours left out."
    )
    total_edges: int = strawberry.field(
        description="Relationships that join two patterns that match; around a focus, two of those shown."
    )


def network_type(record: records.Network) -> Network:
    """A network record as its type."""
    return Network(
        nodes=[_node(node) for node in record.nodes],
        edges=[_edge(edge) for edge in record.edges],
        total_nodes=record.total_nodes,
        total_edges=record.total_edges,
    )


def facts(lines: Mapping[str, str]) -> list[Fact]:
    """Names and values, in order."""
    return [Fact(name=name, value=value) for name, value in lines.items()]


def _node(node: records.NetworkNode) -> NetworkNode:
    return NetworkNode(
        record=node,
        id=strawberry.ID(global_id(node.label, node.id)),
        caption=node.caption,
        severity=node.severity,
        status=node.status,
        size=node.size,
        hidden_neighbours=node.hidden_neighbours,
    )


def _edge(edge: records.NetworkEdge) -> NetworkEdge:
    return NetworkEdge(
        record=edge,
        source=strawberry.ID(global_id("Pattern", edge.source)),
        target=strawberry.ID(global_id("Pattern", edge.target)),
        type=edge.type,
        score=edge.score,
        directed=edge.directed,
    )
