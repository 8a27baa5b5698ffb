"""Families of patterns as the job `communities` left them, and what weighs most among causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.model.communities import Community
from graph.model.nodes import Pattern
from graph.ports import Graph, Row
from resolvers.cursors import COUNT_START, SCORE_START, Place, check_first, place_after
from resolvers.records import Page
from resolvers.rows import found, one_each, page_of, record_of


@dataclass(frozen=True, slots=True)
class CommunityMember:
    """A pattern of a family, and how strongly it belongs there, 0..1."""

    node: Pattern
    strength: float


@dataclass(frozen=True, slots=True)
class Membership:
    """The family of a pattern, and how strongly it belongs there, 0..1."""

    community: Community
    strength: float


@dataclass(frozen=True, slots=True)
class InfluentialPatterns:
    """The patterns that weigh most among causes, each list with the first of its order first."""

    influential: tuple[Pattern, ...]
    brokers: tuple[Pattern, ...]


async def list_communities(graph: Graph, first: int, after: str | None = None) -> Page[Community]:
    """A page of the families, the largest first."""
    place = place_after(after, "communities", COUNT_START)
    rows = await found(graph, "communities/by_size", size=place.at, key=place.key, limit=check_first(first) + 1)
    items = [record_of(Community, row) for row in rows]
    return page_of(items, first, "communities", lambda item: Place(item.size, item.community_id))


async def members(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, Page[CommunityMember]]:
    """A page of the patterns of each of many families, those that belong there most first."""
    place = place_after(after, "members", SCORE_START)
    asked = {"ids": list(ids), "strength": place.at, "key": place.key, "limit": check_first(first) + 1}
    items = {row["id"]: [_member(item) for item in row["items"]] for row in await found(graph, "communities/members", **asked)}
    return {
        id: page_of(items.get(id, []), first, "members", lambda item: Place(item.strength, item.node.pattern_id)) for id in ids
    }


async def communities_of(graph: Graph, ids: Sequence[str]) -> dict[str, Membership]:
    """The family of each of many patterns; those without are left out."""
    return await one_each(
        graph, "patterns/communities", ids, lambda item: Membership(record_of(Community, item["node"]), item["strength"])
    )


async def influential_patterns(graph: Graph, first: int) -> InfluentialPatterns:
    """The patterns that weigh most among causes, and those that stand between most others; ``first`` of each at most."""
    [row] = await graph.read(query("communities/influential", limit=check_first(first)))
    return InfluentialPatterns(*(tuple(record_of(Pattern, one) for one in row[order]) for order in ("influential", "brokers")))


def _member(item: Row) -> CommunityMember:
    return CommunityMember(record_of(Pattern, item["node"]), item["strength"])
