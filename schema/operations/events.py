"""Subscribing to domain events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from graph.model.actor import Scope
from graph.model.events import EventKind
from schema.context import Info
from schema.fields import subscription
from schema.listeners import Listeners
from schema.types.choices import enum_of
from schema.types.declared import to_type
from schema.types.nodes import Event

MAX_LISTENERS = 100
"""Maximum number of concurrent subscribers in one process."""

_LISTENERS = Listeners(MAX_LISTENERS)
enum_of(EventKind)


@strawberry.type
class EventSubscription:
    """Following what happens."""

    @subscription("Domain events in order.", Scope.READ)
    async def events(
        self,
        info: Info,
        kinds: Annotated[list[EventKind] | None, strawberry.argument(description="Kinds of events; all if omitted.")] = None,
        after: Annotated[
            int | None,
            strawberry.argument(description="Start after this position, so that none is missed; with new events if omitted."),
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        """Each event once it is committed."""
        with _LISTENERS.one_more():
            async for event in info.context.feed.events(frozenset(kinds or ()), after):
                yield to_type(event)
