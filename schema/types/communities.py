"""The community of a pattern, and the patterns with the most influence."""

from __future__ import annotations

import strawberry

from resolvers import communities
from schema.types.declared import to_type
from schema.types.edges import STRENGTH_HELP
from schema.types.nodes import Community, Pattern


@strawberry.type(description="CommunityMembership of a pattern in a community.")
class CommunityMembership:
    """CommunityMembership of a pattern in a community."""

    community: Community = strawberry.field(description="The community.")
    strength: float = strawberry.field(description=STRENGTH_HELP)


@strawberry.type(description="The patterns with the most influence in the graph of causes.")
class InfluentialPatterns:
    """The patterns with the most influence."""

    influential: list[Pattern] = strawberry.field(description="Patterns that most others go back to, by `influence`.")
    brokers: list[Pattern] = strawberry.field(description="Patterns that link most others, by `brokerage`.")


def membership_type(membership: communities.CommunityMembership) -> CommunityMembership:
    """A membership as its GraphQL type."""
    return CommunityMembership(community=to_type(membership.community), strength=membership.strength)


def influential_type(ranked: communities.InfluentialPatterns) -> InfluentialPatterns:
    """The patterns with the most influence as their GraphQL type."""
    return InfluentialPatterns(
        influential=[to_type(pattern) for pattern in ranked.influential],
        brokers=[to_type(pattern) for pattern in ranked.brokers],
    )
