"""Queries about communities and influence."""

from __future__ import annotations

import strawberry

from resolvers.communities import influential_patterns, list_communities
from schema.context import Info
from schema.fields import query
from schema.types.communities import InfluentialPatterns, influential_type
from schema.types.declared import to_type
from schema.types.nodes import Community
from schema.types.pages import After, Connection, First, connection


@strawberry.type
class CommunityQuery:
    """Queries about communities and influence."""

    @query("Communities of related patterns, largest first.", list_communities)
    async def communities(self, info: Info, first: First, after: After = None) -> Connection[Community]:
        """One page of communities."""
        return connection(await list_communities(info.context.graph, first, after), to_type)

    @query("Patterns with the most influence among causes, as the job `influence` ranks them.", influential_patterns)
    async def influential_patterns(self, info: Info, first: First = 10) -> InfluentialPatterns:
        """Influential patterns and brokers."""
        return influential_type(await influential_patterns(info.context.graph, first))
