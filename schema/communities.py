"""Families of patterns and what weighs most among causes, as GraphQL has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import communities
from resolvers.communities import Member
from schema.context import Info
from schema.declared import Node, node_type, typed
from schema.fields import resolved
from schema.pages import CURSOR_HELP, After, Connection, First, PageInfo, connection, link_page

if TYPE_CHECKING:
    from schema.pattern import Pattern

LazyPattern = Annotated["Pattern", strawberry.lazy("schema.pattern")]
_STRENGTH = "How strongly it belongs there, 0..1."


@strawberry.type(description="A pattern of a family.")
class MemberEdge:
    """A pattern of a family."""

    node: LazyPattern = strawberry.field(description="The pattern.")
    strength: float = strawberry.field(description=_STRENGTH)
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the patterns of a family, those that belong there most first.")
class MemberConnection:
    """A page of the patterns of a family."""

    edges: list[MemberEdge] = strawberry.field(description="The patterns and how strongly they belong there.")
    nodes: list[LazyPattern] = strawberry.field(description="The patterns alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


@node_type()
class Community(Node):
    """A family of patterns."""

    @resolved("Its patterns, those that belong there most first.")
    async def patterns(self, info: Info, first: First, after: After = None) -> MemberConnection:
        """The patterns."""
        page = await info.context.load_page(communities.members, self.record.community_id, first, after)
        return link_page(page, _member_edge, MemberConnection)


@strawberry.type(description="The family of a pattern.")
class Membership:
    """The family of a pattern."""

    community: Community = strawberry.field(description="The family.")
    strength: float = strawberry.field(description=_STRENGTH)


@strawberry.type(description="The patterns that weigh most among causes.")
class InfluentialPatterns:
    """The patterns that weigh most among causes."""

    influential: list[LazyPattern] = strawberry.field(description="Those that most goes back to, by `influence`.")
    brokers: list[LazyPattern] = strawberry.field(description="Those that stand between most others, by `brokerage`.")


@strawberry.type
class CommunityQuery:
    """What can be asked about families and influence."""

    @resolved("Families of patterns that hang together, the largest first.")
    async def communities(self, info: Info, first: First, after: After = None) -> Connection[Community]:
        """One page of families."""
        return connection(await communities.list_communities(info.context.graph, first, after), Community)

    @resolved("The patterns that weigh most among causes; the job `influence` weighs them.")
    async def influential_patterns(self, info: Info, first: First = 10) -> InfluentialPatterns:
        """The influential ones and the brokers."""
        found = await communities.weightiest(info.context.graph, first)
        return InfluentialPatterns(
            influential=[typed(one) for one in found.influential], brokers=[typed(one) for one in found.brokers]
        )


async def membership(info: Info, pattern_id: str) -> Membership | None:
    """The family of a pattern."""
    found = await info.context.load(communities.communities_of, pattern_id)
    return None if found is None else Membership(community=Community(found.community), strength=found.strength)


def _member_edge(item: Member, cursor: str) -> MemberEdge:
    return MemberEdge(node=typed(item.pattern), strength=item.strength, cursor=cursor)
