"""Following what happens: domain events as they are, and the most wanted ones with what they are about."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graph.model import events as model
from graph.model.actor import Scope
from graph.model.events import EventKind
from resolvers.filters import CrashFilter
from resolvers.nodes import split_global_id
from schema.context import Info
from schema.fields import subscription
from schema.inputs.filters import CrashFilterInput
from schema.listeners import Listeners
from schema.types.choices import enum_of
from schema.types.declared import to_type
from schema.types.following import DiscoveredPattern, ReceivedCrash, RegressedPattern
from schema.types.nodes import Event

MAX_LISTENERS = 100
"""Maximum number of concurrent subscribers in one process."""

_LISTENERS = Listeners(MAX_LISTENERS)
enum_of(EventKind)

Kinds = Annotated[list[EventKind] | None, strawberry.argument(description="Kinds of events; all if omitted.")]
Behind = Annotated[
    int | None,
    strawberry.argument(
        description="Start after this position, so that none is missed: after a reconnect, the last one received. "
        "0 means all that are kept; only what happens from now on if omitted."
    ),
]


@strawberry.type
class EventSubscription:
    """Following what happens."""

    @subscription("Domain events in order.", Scope.READ)
    async def event(self, info: Info, kinds: Kinds = None, after: Behind = None) -> AsyncGenerator[Event, None]:
        """Each event once it is committed."""
        async with aclosing(_events(info, frozenset(kinds or ()), after)) as events:
            async for one in events:
                yield to_type(one)

    @subscription("Domain events in order.", Scope.READ, instead="event")
    async def events(self, info: Info, kinds: Kinds = None, after: Behind = None) -> AsyncGenerator[Event, None]:
        """Each event once it is committed."""
        async with aclosing(_events(info, frozenset(kinds or ()), after)) as events:
            async for one in events:
                yield to_type(one)

    @subscription("Crashes as they are stored, each with the pattern it was matched to.", Scope.READ)
    async def crash_received(
        self,
        info: Info,
        filter: Annotated[
            CrashFilterInput | None, strawberry.argument(description="Which crashes; all if omitted. Not by `search`.")
        ] = None,
        after: Behind = None,
    ) -> AsyncGenerator[ReceivedCrash, None]:
        """Each crash once it is committed."""
        wanted = filter.plain() if filter else CrashFilter()
        with _LISTENERS.one_more():
            async with aclosing(info.context.crashes.follow(wanted, after)) as stored:
                async for event, crash in stored:
                    yield ReceivedCrash(position=event.position, at=event.at, crash=to_type(crash))

    @subscription("Patterns as they are founded by a first crash.", Scope.READ)
    async def pattern_discovered(self, info: Info, after: Behind = None) -> AsyncGenerator[DiscoveredPattern, None]:
        """Each pattern once it is committed."""
        async with aclosing(_events(info, {EventKind.PATTERN_FOUNDED}, after)) as events:
            async for one in events:
                if id := _subject(one, "Pattern"):
                    name = json.loads(one.payload).get("name", "")
                    yield DiscoveredPattern(position=one.position, at=one.at, pattern_id=strawberry.ID(id), name=name)

    @subscription("Resolved patterns that are seen again in a version which should have the fix.", Scope.READ)
    async def pattern_regressed(self, info: Info, after: Behind = None) -> AsyncGenerator[RegressedPattern, None]:
        """Each regression once it is committed."""
        async with aclosing(_events(info, {EventKind.PATTERN_REGRESSED}, after)) as events:
            async for one in events:
                if id := _subject(one, "Pattern"):
                    yield RegressedPattern(
                        position=one.position,
                        at=one.at,
                        pattern_id=strawberry.ID(id),
                        crash_id=strawberry.ID(_subject(one, "Crash")),
                        version=json.loads(one.payload).get("version"),
                    )


async def _events(
    info: Info, kinds: set[EventKind] | frozenset[EventKind], after: int | None
) -> AsyncGenerator[model.Event, None]:
    with _LISTENERS.one_more():
        async with aclosing(info.context.feed.events(kinds, after)) as events:
            async for event in events:
                yield event


def _subject(event: model.Event, label: str) -> str:
    """Key of the first subject of a label; empty if the event lost it with a deletion."""
    keys = (split_global_id(subject) for subject in event.subjects)
    return next((key for found, key in keys if found == label), "")
