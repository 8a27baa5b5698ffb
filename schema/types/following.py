"""What subscriptions answer with: something that happened, and what it is about as it is now."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.crashes import crashes_by_id
from resolvers.patterns import patterns_by_id
from schema.context import Info
from schema.fields import resolved
from schema.types.declared import to_type
from schema.types.nodes import Crash, Pattern

POSITION_HELP = "Position of the event; pass it as `after` to continue behind it."
AT_HELP = "When it was stored (UTC)."


@strawberry.type(description="A crash that was stored.")
class ReceivedCrash:
    """A crash that was stored."""

    position: int = strawberry.field(description="Position of the event, which several crashes may share; see `after`.")
    at: datetime = strawberry.field(description=AT_HELP)
    crash: Crash = strawberry.field(description="The crash.")


@strawberry.type(description="A pattern that was founded.")
class DiscoveredPattern:
    """A pattern that was founded."""

    position: int = strawberry.field(description=POSITION_HELP)
    at: datetime = strawberry.field(description=AT_HELP)
    pattern_id: strawberry.ID = strawberry.field(description="Key of the pattern.")
    name: str = strawberry.field(description="Its name at that time.")

    @resolved("The pattern as it is now; null if it was deleted since.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        return await _pattern(info, self.pattern_id)


@strawberry.type(description="A resolved pattern that was seen again in a version which should have the fix.")
class RegressedPattern:
    """A resolved pattern that was seen again."""

    position: int = strawberry.field(description=POSITION_HELP)
    at: datetime = strawberry.field(description=AT_HELP)
    pattern_id: strawberry.ID = strawberry.field(description="Key of the pattern.")
    version: str | None = strawberry.field(description="Version in which it was seen again, if known.")
    crash_id: strawberry.ID = strawberry.field(description="Key of the crash that reopened it.")

    @resolved("The pattern as it is now; null if it was deleted since.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        return await _pattern(info, self.pattern_id)

    @resolved("The crash that reopened it; null if it was deleted since.")
    async def crash(self, info: Info) -> Crash | None:
        """The crash."""
        found = await info.context.load(crashes_by_id, self.crash_id)
        return to_type(found) if found else None


async def _pattern(info: Info, id: str) -> Pattern | None:
    found = await info.context.load(patterns_by_id, id)
    return to_type(found.pattern) if found else None
