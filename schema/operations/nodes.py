"""The query for any node, and the network of patterns."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry

from graph.model.choices import Severity
from graph.model.errors import LimitError
from resolvers import network as networks
from resolvers.cursors import MAX_FIRST
from resolvers.nodes import key_of, nodes_by_key, split_global_id
from resolvers.records import NetworkQuery
from schema.context import Info
from schema.fields import query
from schema.loading import named_node, node_of
from schema.types.choices import DerivedType
from schema.types.declared import Node
from schema.types.network import Network, network_type

_DEFAULT = NetworkQuery()

GlobalId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the node, such as `Pattern:3f2a`.")]


@strawberry.type
class NodeQuery:
    """The query for any node, and the network of patterns."""

    @query("Any node of the graph by its global id, `Label:key`.", nodes_by_key)
    async def node(self, info: Info, id: GlobalId) -> Node | None:
        """Any node; an error with code `NOT_FOUND` if it is unknown."""
        label, key = split_global_id(id)
        node: Node = await named_node(info.context, label, f"{label}:{key}")
        return node

    @query("Nodes of the graph by their global ids, in that order; null for one that is unknown.", nodes_by_key)
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"Global ids, at most {MAX_FIRST}.")],
    ) -> list[Node | None]:
        """Any nodes."""
        if len(ids) > MAX_FIRST:
            raise LimitError(f"ids: {len(ids):,} are too many; ask for at most {MAX_FIRST} at once")
        return await asyncio.gather(*(node_of(info.context, id) for id in ids))

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
            focus=None if focus is None else key_of("Pattern", focus),
            depth=depth,
            types=tuple(types or ()),
            severities=tuple(severities or ()),
            min_score=min_score,
            search=search,
        )
        return network_type(await networks.network(info.context.graph, request))
