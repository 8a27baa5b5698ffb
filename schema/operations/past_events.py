"""Queries about past events; the subscription follows new ones."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.listings import EVENTS_READ, EventFilter, list_events
from resolvers.nodes import nodes_by_key
from schema.context import Info
from schema.fields import query
from schema.inputs.listings import EventFilterInput
from schema.loading import named_node
from schema.types.declared import to_type
from schema.types.nodes import Event
from schema.types.pages import After, Connection, First, connection

EventId = Annotated[strawberry.ID, strawberry.argument(description="The event, by its key or global id.")]


@strawberry.type
class EventQuery:
    """Queries about past events."""

    @query("One domain event.", nodes_by_key)
    async def event(self, info: Info, id: EventId) -> Event | None:
        """One event; an error with code `NOT_FOUND` if it is unknown or was pruned."""
        event: Event = await named_node(info.context, "Event", id)
        return event

    @query(
        f"Domain events that match, latest first. A page looks at {EVENTS_READ:,} events at most: it may have fewer than "
        "`first`, or none, and still a next page.",
        list_events,
    )
    async def events(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[EventFilterInput | None, strawberry.argument(description="Which events; all if omitted.")] = None,
    ) -> Connection[Event]:
        """One page of events."""
        wanted = filter.plain() if filter else EventFilter()
        return connection(await list_events(info.context.graph, wanted, first, after), to_type)
