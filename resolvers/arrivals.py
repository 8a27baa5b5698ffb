"""Following the crashes that are stored, by the events of the live feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from graph.model.actor import Scope
from graph.model.errors import InvalidInputError
from graph.model.events import Event, EventKind
from graph.model.nodes import Crash
from graph.model.permissions import needs
from graph.ports import Graph
from resolvers.filters import CrashFilter
from resolvers.live_feed import LiveFeed
from resolvers.nodes import split_global_id
from resolvers.rows import read_list, record_of

KEPT = 32
"""Number of events that keep their crashes in memory: subscribers of a process follow the same ones at about the same time."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stored crash, without its report, and the pattern that it belongs to."""

    crash: Crash
    pattern_id: str | None


class Arrivals:
    """Reads the crashes of each event once for all subscribers of a process. Belongs to one event loop."""

    def __init__(self, graph: Graph, feed: LiveFeed) -> None:
        """Nothing is read before the first subscription."""
        self._graph = graph
        self._feed = feed
        self._read: dict[int, asyncio.Future[list[Arrival]]] = {}

    async def follow(self, wanted: CrashFilter, after: int | None = None) -> AsyncGenerator[tuple[Event, Crash], None]:
        """Crashes that match, each with the event that stored it, in order: from now on, or after a position.

        ``InvalidInputError`` for a filter by words, which only the full-text index can answer.
        """
        if wanted.search is not None:
            raise InvalidInputError("search: crashes that arrive are not searched by words; filter by pattern")
        wanted.params()  # refuses invalid values
        async with aclosing(self._feed.events({EventKind.CRASHES_STORED}, after)) as events:
            async for event in events:
                for arrival in await self._of(event):
                    if wanted.matches(arrival.crash, arrival.pattern_id):
                        yield event, arrival.crash

    async def _of(self, event: Event) -> Sequence[Arrival]:
        """The crashes of an event that are still stored."""
        if event.position not in self._read:
            while len(self._read) >= KEPT:
                del self._read[min(self._read)]
            self._read[event.position] = asyncio.ensure_future(arrivals(self._graph, event))
        return await asyncio.shield(self._read[event.position])


@needs(Scope.READ)
async def arrivals(graph: Graph, event: Event) -> list[Arrival]:
    """The crashes that an event is about, in their order; those deleted since are omitted."""
    ids = [split_global_id(subject)[1] for subject in event.subjects]
    rows = {row["id"]: row for row in await read_list(graph, "crashes/arrived", ids=ids)}
    return [Arrival(record_of(Crash, rows[id]["item"]), rows[id]["pattern_id"]) for id in ids if id in rows]
