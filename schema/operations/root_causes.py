"""Queries about root causes."""

from __future__ import annotations

import strawberry

from resolvers.root_causes import root_patterns
from schema.context import Info
from schema.fields import query
from schema.types.edges import RootPatternConnection, RootPatternEdge, edge_of
from schema.types.pages import After, First, edge_connection


@strawberry.type
class RootCauseQuery:
    """Queries about root causes."""

    @query(
        "Open patterns that explain the most crashes of other patterns: those to fix first. The order moves as crashes arrive.",
        root_patterns,
    )
    async def root_patterns(self, info: Info, first: First, after: After = None) -> RootPatternConnection:
        """One page of root patterns, strongest first."""
        page = await root_patterns(info.context.graph, first, after)
        return edge_connection(page, edge_of(RootPatternEdge), RootPatternConnection)
