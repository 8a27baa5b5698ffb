"""Communities of patterns as the job `communities` found them, and the patterns with the most influence among causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.model.actor import Scope
from graph.model.choices import Choice
from graph.model.communities import Community
from graph.model.nodes import Pattern
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.cursors import COUNT_START, SCORE_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import one_each, page_of, read_list, record_of


@dataclass(frozen=True, slots=True)
class CommunityMember:
    """A pattern of a community, and the strength of its membership, 0..1."""

    node: Pattern
    strength: float


@dataclass(frozen=True, slots=True)
class CommunityMembership:
    """The community of a pattern, and the strength of its membership, 0..1."""

    community: Community
    strength: float


class InfluenceOrder(Choice):
    """Orders of influential patterns; both change with each run of the job."""

    INFLUENCE = "INFLUENCE", "Those that most others go back to first."
    BROKERAGE = "BROKERAGE", "Those that link most others first."


@needs(Scope.READ)
async def list_communities(graph: Graph, first: int, after: str | None = None) -> PageOf[Community]:
    """One page of the communities, largest first."""
    start = position_after(after, "communities", COUNT_START)
    rows = await read_list(graph, "communities/by_size", size=start.value, key=start.key, limit=check_first(first) + 1)
    communities = [record_of(Community, row) for row in rows]
    return page_of(communities, first, "communities", lambda item: Position(item.size, item.community_id), after=after)


@needs(Scope.READ)
async def members(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[CommunityMember]]:
    """A page of the patterns of each of many communities, strongest members first."""
    start = position_after(after, "members", SCORE_START)
    params = {"ids": list(ids), "strength": start.value, "key": start.key, "limit": check_first(first) + 1}
    rows = await read_list(graph, "communities/members", **params)
    items = {row["id"]: [_member(item) for item in row["items"]] for row in rows}
    return {
        id: page_of(
            items.get(id, []), first, "members", lambda item: Position(item.strength, item.node.pattern_id), after=after
        )
        for id in ids
    }


@needs(Scope.READ)
async def communities_of(graph: Graph, ids: Sequence[str]) -> dict[str, CommunityMembership]:
    """The community of each of many patterns; patterns without one are omitted."""
    return await one_each(
        graph,
        "patterns/communities",
        ids,
        lambda item: CommunityMembership(record_of(Community, item["node"]), item["strength"]),
    )


@needs(Scope.READ)
async def influential_patterns(
    graph: Graph, first: int, after: str | None = None, order: InfluenceOrder = InfluenceOrder.INFLUENCE
) -> PageOf[Pattern]:
    """One page of the patterns with the highest influence, or with the highest brokerage."""
    name, value = (
        ("communities/influential", "influence") if order is InfluenceOrder.INFLUENCE else ("communities/brokers", "brokerage")
    )
    start = position_after(after, value, SCORE_START)
    rows = await read_list(graph, name, value=start.value, key=start.key, limit=check_first(first) + 1)
    patterns = [record_of(Pattern, row) for row in rows]
    return page_of(patterns, first, value, lambda one: Position(getattr(one, value), one.pattern_id), after=after)


def _member(item: Row) -> CommunityMember:
    return CommunityMember(record_of(Pattern, item["node"]), item["strength"])
