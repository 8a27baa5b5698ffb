"""The service's way in: what many callers submit at once is stored in one transaction.

One writer takes whatever waits, so a busy service writes large batches and an idle one answers at once
(DESIGN section 8: 7 to 9 times the throughput of a transaction each).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Self

from crashgraph.door import Door
from crashgraph.receiving.counters import ACCEPTED, RECEIVED, REFUSED, WAITING
from crashgraph.unanswered import packed
from graph.model.errors import BusyError, CrashgraphError, LimitError, UnavailableError

if TYPE_CHECKING:
    from graph.ingest.pipeline import IngestPipeline
    from graph.ingest.receipt import Receipt
    from graph.sources.submission import Submission

FIRST_PACE = 100.0
"""Reports a second that are assumed before any was stored."""
SLOWEST = 1.0
LONGEST_WAIT = 60
"""Seconds after which a sender is told to try again, at most."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    submissions: Sequence[Submission]
    candidates: int
    answer: asyncio.Future[list[list[Receipt]]]


class Intake:
    """Fills ``resolvers.matching.Receiver``. Use as an async context: leaving it stores what still waits."""

    def __init__(self, receiver: IngestPipeline, *, batch_size: int, queue_size: int, door: Door | None = None) -> None:
        """At most ``queue_size`` submissions may wait. ``door`` remembers them while they are not answered."""
        self._receiver = receiver
        self._batch_size = batch_size
        self._queue_size = queue_size
        self._waiting: deque[_Waiting] = deque()
        self._size = 0
        self._pace = FIRST_PACE
        self._door = door or Door()
        self._something = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the writer."""
        self._writer = asyncio.create_task(self._write(), name="intake")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Refuse more, store what waits, stop."""
        self._closing = True
        self._something.set()
        if self._writer is not None:
            with suppress(asyncio.CancelledError):
                await self._writer

    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0) -> list[Receipt]:
        """Receipts once all are stored: Neo4j has committed them and written its log to disk.

        ``BusyError`` when too many wait, ``UnavailableError`` while stopping.
        """
        return list(chain.from_iterable(await self.receive_each(submissions, candidates=candidates)))

    async def receive_each(self, submissions: Sequence[Submission], *, candidates: int = 0) -> list[list[Receipt]]:
        """As :meth:`receive`, the receipts of each submission in a list of their own."""
        way = submissions[0].source if submissions else ""
        RECEIVED.labels(way).inc(len(submissions))
        kept = [self._door.keep(packed(one)) for one in submissions if one.id is not None]
        try:
            receipts = await self._received(submissions, candidates)
        except CrashgraphError as error:
            REFUSED.labels(way, error.code).inc(len(submissions))
            raise
        finally:
            for number in kept:
                self._door.forget(number)
        rejected = sum(any(one.status == "rejected" for one in group) for group in receipts)
        REFUSED.labels(way, "REJECTED").inc(rejected)
        ACCEPTED.labels(way).inc(len(submissions) - rejected)
        return receipts

    async def _received(self, submissions: Sequence[Submission], candidates: int) -> list[list[Receipt]]:
        if self._closing:
            raise UnavailableError("the service is stopping; send the report again in a moment")
        if len(submissions) > self._queue_size:
            raise LimitError(f"{len(submissions):,} reports at once are too many; send at most {self._queue_size:,}")
        if self._size + len(submissions) > self._queue_size:
            seconds = min(LONGEST_WAIT, math.ceil(self._size / self._pace))
            raise BusyError(f"{self._size:,} reports wait to be stored already; send it again in {seconds} s", seconds)
        waiting = _Waiting(submissions, candidates, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._size += len(submissions)
        WAITING.set(self._size)
        self._something.set()
        return await waiting.answer

    async def _write(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._something.clear()
                await self._something.wait()
                continue
            await self._store(self._taken())
            self._door.flush()

    def _taken(self) -> list[_Waiting]:
        """The longest run of what waits that asks for the same number of candidates and fits one batch."""
        taken = [self._waiting.popleft()]
        size = len(taken[0].submissions)
        while self._waiting and self._waiting[0].candidates == taken[0].candidates and size < self._batch_size:
            size += len(self._waiting[0].submissions)
            taken.append(self._waiting.popleft())
        self._size -= size
        WAITING.set(self._size)
        return taken

    async def _store(self, taken: Sequence[_Waiting]) -> None:
        submissions = [one for waiting in taken for one in waiting.submissions]
        began = time.monotonic()
        try:
            receipts = iter(await self._receiver.receive_each(submissions, candidates=taken[0].candidates))
        except Exception as error:  # noqa: BLE001
            # Whatever went wrong, its callers must hear of it and the writer must live on.
            self._fail(taken, error)
        else:
            self._pace = max(SLOWEST, len(submissions) / max(time.monotonic() - began, 1e-3))
            for waiting in taken:
                found = list(islice(receipts, len(waiting.submissions)))
                if not waiting.answer.done():
                    waiting.answer.set_result(found)

    @staticmethod
    def _fail(taken: Sequence[_Waiting], error: Exception) -> None:
        for waiting in taken:
            if not waiting.answer.done():
                waiting.answer.set_exception(error)
