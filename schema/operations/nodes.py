"""The query for any node, and the network of patterns."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.model import NODES
from graph.model.choices import Severity
from graph.model.errors import NotFoundError
from resolvers import network as networks
from resolvers import nodes
from resolvers.records import NetworkQuery
from resolvers.rows import record_of
from schema.context import Info
from schema.fields import query
from schema.types.choices import DerivedType
from schema.types.declared import Node, to_type
from schema.types.network import Network, network_type

_DEFAULT = NetworkQuery()


@strawberry.type
class NodeQuery:
    """The query for any node, and the network of patterns."""

    @query("Any node of the graph by its global id, `Label:key`.", nodes.nodes_by_key)
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
    ) -> Node | None:
        """Any node; an error with code `NOT_FOUND` if it is unknown."""
        label, key = nodes.split_global_id(id)
        record = await info.context.load(nodes.reader_of(label), key, label)
        if record is None:
            raise NotFoundError(f"no {label} {key!r} in the graph")
        node: Node = to_type(record_of(NODES[label].record, record.properties))
        return node

    @query("Patterns and derived relationships within a budget: the largest ones, or those around a focus.", networks.network)
    async def network(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description=f"Maximum number of nodes, 1 to {networks.MAX_NODES}.")
        ] = _DEFAULT.first,
        edges: Annotated[
            int, strawberry.argument(description=f"Maximum number of edges, 0 to {networks.MAX_EDGES}.")
        ] = _DEFAULT.edges,
        focus: Annotated[strawberry.ID | None, strawberry.argument(description="The pattern in the middle.")] = None,
        depth: Annotated[
            int, strawberry.argument(description=f"Number of hops around the focus, 0 to {networks.MAX_DEPTH}.")
        ] = _DEFAULT.depth,
        types: Annotated[
            list[DerivedType] | None, strawberry.argument(description="Relationship types; all derived ones if omitted.")
        ] = None,
        severities: Annotated[
            list[Severity] | None, strawberry.argument(description="Severities of the patterns; all if omitted.")
        ] = None,
        min_score: Annotated[float, strawberry.argument(description="Minimum score, 0..1.")] = _DEFAULT.min_score,
        search: Annotated[str | None, strawberry.argument(description="Words in the names of the patterns.")] = None,
    ) -> Network:
        """A network within its budget."""
        request = NetworkQuery(
            first=first,
            edges=edges,
            focus=None if focus is None else nodes.key_of("Pattern", focus),
            depth=depth,
            types=tuple(types or ()),
            severities=tuple(severities or ()),
            min_score=min_score,
            search=search,
        )
        return network_type(await networks.network(info.context.graph, request))
