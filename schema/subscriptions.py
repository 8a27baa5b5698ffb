"""Subscriptions, all served by the one feed of the process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from graph.model.events import EventKind
from resolvers.nodes import key_of
from schema.context import Info
from schema.declared import Node, node_type
from schema.jobs import JobRun, RunId

strawberry.enum(EventKind, description="What happened.")


@node_type()
class Event(Node):
    """Something that happened."""


@strawberry.type(description="What can be subscribed to.")
class Subscription:
    """What can be subscribed to."""

    @strawberry.subscription(description="A run as it is now and whenever it changes; ends when the run has ended.")  # type: ignore[untyped-decorator]
    async def job_progress(self, info: Info, run_id: RunId) -> AsyncGenerator[JobRun, None]:
        """The run after each change."""
        async for run in info.context.feed.run(key_of("JobRun", run_id)):
            yield JobRun(run)

    @strawberry.subscription(description="What happens, in order.")  # type: ignore[untyped-decorator]
    async def events(
        self,
        info: Info,
        kinds: Annotated[list[EventKind] | None, strawberry.argument(description="Only these; all if left out.")] = None,
        after: Annotated[
            int | None, strawberry.argument(description="Start behind this position, to miss none; from now on if left out.")
        ] = None,
    ) -> AsyncGenerator[Event, None]:
        """Events as they are committed."""
        async for event in info.context.feed.events(frozenset(kinds or ()), after):
            yield Event(event)
