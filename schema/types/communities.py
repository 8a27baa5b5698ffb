"""The community of a pattern."""

from __future__ import annotations

import strawberry

from resolvers import communities
from schema.types.declared import to_type
from schema.types.edges import STRENGTH_HELP
from schema.types.nodes import Community


@strawberry.type(description="CommunityMembership of a pattern in a community.")
class CommunityMembership:
    """CommunityMembership of a pattern in a community."""

    community: Community = strawberry.field(description="The community.")
    strength: float = strawberry.field(description=STRENGTH_HELP)


def membership_type(membership: communities.CommunityMembership) -> CommunityMembership:
    """A membership as its GraphQL type."""
    return CommunityMembership(community=to_type(membership.community), strength=membership.strength)
