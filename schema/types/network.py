"""The network that a view draws, and what its budget left out."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

from graph.model.choices import PatternStatus, Severity
from resolvers import patterns, records
from resolvers.nodes import global_id
from schema.context import Info
from schema.fields import resolved
from schema.types.choices import DerivedType
from schema.types.declared import description_of, from_record, to_type
from schema.types.evidence import Evidence, evidence_of
from schema.types.nodes import Pattern


@strawberry.type(description="A name and its value as text.")
class Fact:
    """A name and its value."""

    name: str = strawberry.field(description="The name.")
    value: str = strawberry.field(description="The value as text.")


@strawberry.type(description="A node of the network.")
class NetworkNode:
    """A node of the network."""

    record: strawberry.Private[records.NetworkNode]
    id: strawberry.ID = strawberry.field(description="Global id of the pattern.")
    caption: str = strawberry.field(description=description_of("Pattern", "name"))
    severity: Severity | None = strawberry.field(description=description_of("Pattern", "severity"))
    status: PatternStatus | None = strawberry.field(description=description_of("Pattern", "status"))
    size: int = strawberry.field(description="Number of crashes of the pattern.")
    hidden_neighbours: int = strawberry.field(description="Number of neighbours outside the network.")

    @resolved("Facts for the side panel.")
    def details(self) -> list[Fact]:
        """Facts for the side panel."""
        return fact_list(self.record.details)

    @resolved("The pattern.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        record = await info.context.load(patterns.patterns_by_id, self.record.id)
        return to_type(record.pattern) if record else None


@strawberry.type(description="A derived relationship of the network.")
class NetworkEdge:
    """An edge of the network."""

    source: strawberry.ID = strawberry.field(description="Global id of its first node.")
    target: strawberry.ID = strawberry.field(description="Global id of its second node.")
    type: DerivedType | None = strawberry.field(description="Relationship type in the graph.")
    score: float = strawberry.field(description="Strength, 0..1.")
    directed: bool = strawberry.field(description="Whether its direction has a meaning.")
    evidence: Evidence = strawberry.field(description="Evidence for it.")
    facts: list[Fact] = strawberry.field(description="The same as names and values, for the side panel.")


@strawberry.type(description="A network of patterns within a budget, and the totals before the budget.")
class Network:
    """A network within its budget."""

    nodes: list[NetworkNode] = strawberry.field(description="Patterns shown.")
    edges: list[NetworkEdge] = strawberry.field(description="Strongest relationships between them.")
    total_nodes: int = strawberry.field(
        description="Number of matching patterns; around a focus, those shown and their hidden neighbours."
    )
    total_edges: int = strawberry.field(
        description="Number of relationships between matching patterns; around a focus, between those shown."
    )


def network_type(network: records.Network) -> Network:
    """A network as its GraphQL type."""
    return from_record(
        Network,
        network,
        nodes=[from_record(NetworkNode, node, record=node, id=_id(node.label, node.id)) for node in network.nodes],
        edges=[_edge(edge) for edge in network.edges],
    )


def fact_list(lines: Mapping[str, str]) -> list[Fact]:
    """Names and values, in order."""
    return [Fact(name=name, value=value) for name, value in lines.items()]


def _edge(edge: records.NetworkEdge) -> NetworkEdge:
    source, target = _id("Pattern", edge.source), _id("Pattern", edge.target)
    evidence, facts = evidence_of(edge.type, edge.properties), fact_list(edge.evidence)
    return from_record(NetworkEdge, edge, source=source, target=target, evidence=evidence, facts=facts)


def _id(label: str, key: str) -> strawberry.ID:
    return strawberry.ID(global_id(label, key))
