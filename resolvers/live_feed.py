"""One reader of events and runs for all subscribers of a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graph.cypher import query
from graph.knowledge.events import PAGE, events_since, latest_watermark
from graph.model.errors import BusyError, GraphError, InvalidInputError
from graph.model.events import Event, EventKind
from graph.model.nodes import JobRun
from graph.ports import Reader
from resolvers.jobs import WAITING, get_run, run_changed
from resolvers.rows import record_of

LOOK_SECONDS = 0.5
"""Interval between reads of the graph while there are subscribers."""
MOST_UNREAD = 10_000
"""Maximum undelivered events per subscriber; beyond it, the subscription ends and can resume from the position it reached."""


@dataclass(eq=False, slots=True)
class _Subscriber:
    """Undelivered events or run of one subscriber. ``run_id`` is the run that it follows, if any."""

    run_id: str | None = None
    events: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(MOST_UNREAD))
    run: JobRun | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None


class LiveFeed:
    """Reads new events and runs while there are subscribers, and delivers them to all. Belongs to one event loop."""

    def __init__(self, graph: Reader, *, seconds: float = LOOK_SECONDS) -> None:
        """Nothing is read before the first subscription."""
        self._graph = graph
        self._seconds = seconds
        self._subscribers: set[_Subscriber] = set()
        self._watermark = 0
        self._reading: asyncio.Task[None] | None = None
        self._joining = asyncio.Lock()

    async def events(self, kinds: Collection[EventKind] = (), after: int | None = None) -> AsyncGenerator[Event, None]:
        """Events of some kinds or of all, in order: from now on, or after a position.

        ``BusyError`` when the subscriber does not keep up; ``InvalidInputError`` when events after that position were removed,
        unless it is 0, which means all that are kept.
        """
        async with self._subscribed(_Subscriber()) as subscriber:
            position = self._watermark if after is None else after
            until = self._watermark
            while position < until:
                page = await events_since(self._graph, position, kinds)
                if page.missed and position:
                    raise InvalidInputError(
                        f"after: {page.missed} events after {position} were removed; 0 means all that are kept"
                    )
                position = page.watermark
                for event in page.events:
                    yield event
            while True:
                event = await self._next(subscriber)
                if event.position > position and (not kinds or event.kind in kinds):
                    yield event

    async def run(self, run_id: str) -> AsyncGenerator[JobRun, None]:
        """Yield the run now and after each visible change, until it ends. ``NotFoundError`` if there is none."""
        async with self._subscribed(_Subscriber(run_id)) as subscriber:
            shown = await get_run(self._graph, run_id)
            yield shown
            while shown.state in WAITING:
                await subscriber.woken.wait()
                subscriber.woken.clear()
                if subscriber.failure is not None:
                    raise subscriber.failure
                if subscriber.run is not None and run_changed(subscriber.run, shown):
                    shown = subscriber.run
                    yield shown

    async def _next(self, subscriber: _Subscriber) -> Event:
        while subscriber.events.empty():
            if subscriber.failure is not None:
                raise subscriber.failure
            await subscriber.woken.wait()
            subscriber.woken.clear()
        return subscriber.events.get_nowait()

    @asynccontextmanager
    async def _subscribed(self, subscriber: _Subscriber) -> AsyncIterator[_Subscriber]:
        try:
            async with self._joining:
                if subscriber.run_id is None and not self._listeners():
                    self._watermark = await latest_watermark(self._graph)
                self._subscribers.add(subscriber)
            if self._reading is None:
                self._reading = asyncio.create_task(self._read(), name="live feed")
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers and self._reading is not None:
                self._reading.cancel()
                self._reading = None

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self._read_events()
                await self._read_runs()
            except GraphError as error:
                for subscriber in self._subscribers:
                    _end(subscriber, error)

    async def _read_events(self) -> None:
        while self._listeners():
            page = await events_since(self._graph, self._watermark)
            self._watermark = page.watermark
            for listener in self._listeners():  # a listener that joined during the read also receives this page
                _hand(listener, page.events)
            if len(page.events) < PAGE:
                return

    def _listeners(self) -> list[_Subscriber]:
        return [one for one in self._subscribers if one.run_id is None]

    async def _read_runs(self) -> None:
        followers = [one for one in self._subscribers if one.run_id is not None]
        if not followers:
            return
        ids = sorted({one.run_id for one in followers if one.run_id is not None})
        rows = await self._graph.read(query("jobs/runs/by_ids", ids=ids))
        runs = {row["run"]["run_id"]: record_of(JobRun, row["run"]) for row in rows}
        for follower in followers:
            follower.run = runs.get(follower.run_id or "", follower.run)
            follower.woken.set()


def _hand(subscriber: _Subscriber, events: Collection[Event]) -> None:
    for event in events:
        try:
            subscriber.events.put_nowait(event)
        except asyncio.QueueFull:
            _end(
                subscriber,
                BusyError(f"more than {MOST_UNREAD:,} events are unread; subscribe again after {event.position - 1}"),
            )
            return
    subscriber.woken.set()


def _end(subscriber: _Subscriber, failure: Exception) -> None:
    subscriber.failure = failure
    subscriber.woken.set()
