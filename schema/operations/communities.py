"""Queries about communities and influence."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.communities import InfluenceOrder, influential_patterns, list_communities
from resolvers.nodes import nodes_by_key
from schema.context import Info
from schema.fields import query
from schema.loading import named_node
from schema.types.choices import enum_of
from schema.types.declared import to_type
from schema.types.nodes import Community, Pattern
from schema.types.pages import After, Connection, First, connection

enum_of(InfluenceOrder)

CommunityId = Annotated[strawberry.ID, strawberry.argument(description="The community, by its key or global id.")]


@strawberry.type
class CommunityQuery:
    """Queries about communities and influence."""

    @query("One community of related patterns.", nodes_by_key)
    async def community(self, info: Info, id: CommunityId) -> Community | None:
        """One community; an error with code `NOT_FOUND` if it is unknown."""
        community: Community = await named_node(info.context, "Community", id)
        return community

    @query("Communities of related patterns, largest first.", list_communities)
    async def communities(self, info: Info, first: First, after: After = None) -> Connection[Community]:
        """One page of communities."""
        return connection(await list_communities(info.context.graph, first, after), to_type)

    @query("Patterns with the most influence among causes, as the job `influence` ranks them.", influential_patterns)
    async def influential_patterns(
        self,
        info: Info,
        first: First,
        after: After = None,
        order: Annotated[InfluenceOrder, strawberry.argument(description="Sort order.")] = InfluenceOrder.INFLUENCE,
    ) -> Connection[Pattern]:
        """One page of influential patterns."""
        return connection(await influential_patterns(info.context.graph, first, after, order), to_type)
