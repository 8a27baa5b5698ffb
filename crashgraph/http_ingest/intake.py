"""Accepts reports from concurrent requests into the spool, and stores them in batches.

A report is accepted once it is prepared (parsed, redacted, fingerprinted) and written to the spool; then nothing loses it. A
writer stores whatever requests wait for: a busy service writes large batches, an idle one answers at once. Measured on the
real server, this gives seven to nine times the throughput of one transaction per request. Another writer stores what no
request waits for, such as the reports of a long text, and leaves the first one most of the time.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Self

from crashgraph.http_ingest.accepted import Accepted, Record, record_of, records_of, slices
from crashgraph.http_ingest.counters import ACCEPTED, RECEIVED, REFUSED
from crashgraph.http_ingest.turns import Turn, Turns, portions_of
from crashgraph.http_ingest.writer import BacklogWriter, Storage, Writer
from graph.ingest.preparer import has_parts
from graph.ingest.receipt import queued_text_receipt
from graph.model.actor import INGEST, Actor, Scope
from graph.model.errors import CrashgraphError, UnavailableError

if TYPE_CHECKING:
    from crashgraph.spool import Portion, Spool, Written
    from graph.ingest.preparer import Preparer
    from graph.ingest.receipt import Receipt
    from graph.sources.submission import Submission

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""A request is answered as queued once the graph has stored nothing for so long: its reports are safe on disk already."""
STOP_SECONDS = 10.0
MAXIMUM_RETRY_SECONDS = 60
FEW = 10
"""Reports that are encoded on the event loop: a fraction of a millisecond."""
LONG_PORTION = 25
"""Reports of a long text that are stored together at least."""
MOST_RECEIPTS = 1_000
"""A long text with more reports gets one receipt for all of them."""


class Intake:
    """Implements ``resolvers.matching.Receiver``. Use as an async context; leaving it stores what requests wait for."""

    def __init__(
        self,
        storage: Storage,
        spool: Spool,
        *,
        batch_size: int,
        ready: asyncio.Event | None = None,
        preparer: Preparer | None = None,
    ) -> None:
        """``batch_size`` is the most reports in one transaction. Nothing is stored before ``ready``, if it is given, is set.

        Reports are prepared by the preparer of the storage unless another is given.
        """
        self._preparer = preparer or storage.preparer
        self._spool = spool
        self._batch_size = batch_size
        self._ready = ready or _set()
        self._stopping = asyncio.Event()
        self._backlog = Turns(spool.read)
        self._turns = Turns(spool.read, self._backlog)
        size, stopping = batch_size, self._stopping
        self._writer = Writer(storage, spool, self._turns, batch_size=size, stopping=stopping)
        self._later = BacklogWriter(storage, spool, self._backlog, batch_size=size, stopping=stopping, requests=self._writer)
        self._writing: list[asyncio.Task[None]] = []
        self._accepting: set[asyncio.Task[tuple[Accepted, Turn]]] = set()

    async def __aenter__(self) -> Self:
        """Open the spool and start to store what an earlier process left in it."""
        await self._spool.__aenter__()
        left = await self._spool.unknown()
        if left:
            log.info("storing %d reports that are left in the spool", self._spool.reports)
        self._backlog.leave(left)
        for writer, name in ((self._writer, "intake"), (self._later, "backlog")):
            self._writing.append(asyncio.create_task(writer.run(self._ready), name=name))
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Refuse new reports, store what requests wait for, stop. The rest stays in the spool."""
        self._stopping.set()
        for turns in (self._turns, self._backlog):
            turns.arrived.set()
        if self._writing:
            await asyncio.wait(self._writing, timeout=STOP_SECONDS if self._ready.is_set() else 0)
        for task in (*self._accepting, *self._writing):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._spool.__aexit__(*exc)

    async def receive(self, submissions: Sequence[Submission], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Receipts, once Neo4j has committed the reports, or once they are in the spool if Neo4j takes too long.

        ``BusyError`` when the spool is full, ``UnavailableError`` while stopping.
        """
        return list(chain.from_iterable(await self.receive_each(submissions, candidates=candidates, actor=actor)))

    async def receive_each(
        self,
        submissions: Sequence[Submission],
        *,
        candidates: int = 0,
        actor: Actor = INGEST,
        endpoint: str | None = None,
        patience: float | None = None,
    ) -> list[list[Receipt]]:
        """As :meth:`receive`, with one list per submission.

        ``endpoint`` labels the metrics; by default the source. ``patience``, by default ``PATIENCE_SECONDS``, is how long the
        graph may store nothing before the rest is answered as queued.
        """
        actor.require(Scope.REPORT)
        label = endpoint or (submissions[0].source if submissions else "")
        RECEIVED.labels(label).inc(len(submissions))
        try:
            self._check(0)
            accepting = asyncio.create_task(self._accept(submissions, candidates, actor))
            self._accepting.add(accepting)
            accepting.add_done_callback(self._accepted)
            # A client that goes away does not stop what has begun.
            accepted, turn = await asyncio.shield(accepting)
        except CrashgraphError as error:
            REFUSED.labels(label, error.code).inc(len(submissions))
            raise
        ACCEPTED.labels(label).inc(len(submissions))
        try:
            await self._wait(turn, PATIENCE_SECONDS if patience is None else patience)
        finally:
            self._turns.abandon(turn)
        return accepted.receipts(turn.receipts)

    def _accepted(self, accepting: asyncio.Task[tuple[Accepted, Turn]]) -> None:
        self._accepting.discard(accepting)
        if not accepting.cancelled():
            accepting.exception()  # a client that has gone away does not ask for it

    def _check(self, size: int, before: int = 0) -> None:
        """Raise unless so many bytes more fit into the spool; ``before`` are those of the same request."""
        if self._stopping.is_set():
            raise UnavailableError("the service is stopping; send the report again in a moment")
        seconds = max(self._writer.pause, self._spool.bytes / (self._writer.rate + self._later.rate))
        self._spool.check(size, min(MAXIMUM_RETRY_SECONDS, math.ceil(seconds)), before)

    async def _accept(self, submissions: Sequence[Submission], candidates: int, actor: Actor) -> tuple[Accepted, Turn]:
        """Prepare submissions and write them to the spool, one slice after the other; the turn that stores them."""
        received_at = datetime.now(UTC)
        accepted = Accepted()
        try:
            for some in slices(submissions):
                if has_parts(some[0]):
                    await self._accept_long(accepted, some[0], received_at, actor)
                else:
                    await self._accept_some(accepted, some, received_at, actor)
        except BaseException:
            self._spool.remove(accepted.numbers)
            raise
        self._backlog.leave(accepted.left)
        now = asyncio.get_running_loop().time()
        if accepted.counts and self._writer.is_idle:
            self._writer.stored_at = now
        return accepted, self._turns.wait(accepted.counts, accepted.portions, candidates, now, accepted.version)

    async def _accept_some(
        self, accepted: Accepted, submissions: Sequence[Submission], received_at: datetime, actor: Actor
    ) -> None:
        groups = await self._preparer.prepare(submissions, received_at)
        accepted.groups += map(len, groups)
        crashes = list(chain.from_iterable(groups))
        portions = list(portions_of(crashes, actor, self._batch_size))
        records = await _records(portions, len(crashes))
        written = await self._spooled(accepted, records)
        accepted.queued += [(number, record.queued) for number, record in zip(written.numbers, records, strict=True)]
        if not accepted.portions:
            accepted.portions.update(zip(written.numbers, portions, strict=True))
            accepted.version = written.version

    async def _accept_long(self, accepted: Accepted, submission: Submission, received_at: datetime, actor: Actor) -> None:
        """Write what each part of a long text has, record by record, so that those of others come in between."""
        finish = partial(records_of, actor, min(self._batch_size, LONG_PORTION))
        numbers: list[int] = []
        queued: list[Sequence[Receipt]] = []
        reports = 0
        async with aclosing(self._preparer.parts(submission, received_at, finish)) as parts:
            async for part in parts:
                for record in part:
                    numbers += (await self._spooled(accepted, [record])).numbers
                    reports += len(record.queued)
                    if reports <= MOST_RECEIPTS or not queued:
                        queued.append(record.queued)
        if reports <= MOST_RECEIPTS:
            accepted.groups.append(reports)
            accepted.queued += zip(numbers, queued, strict=True)
        else:
            accepted.groups.append(1)
            accepted.queued.append((None, [queued_text_receipt(queued[0][0], reports)]))
            accepted.left += numbers

    async def _spooled(self, accepted: Accepted, records: Sequence[Record]) -> Written:
        """Write records."""
        size = sum(len(record.content) for record in records)
        self._check(size, accepted.size)
        written = await self._spool.add([(len(record.queued), record.content) for record in records])
        accepted.size += size
        accepted.numbers += written.numbers
        return written

    async def _wait(self, turn: Turn, patience: float) -> None:
        """Wait for the receipts while the graph stores reports, and some of this request among them."""
        loop = asyncio.get_running_loop()
        answered = turn.answered
        while answered is not None and not answered.done():
            left = min(self._writer.stored_at, turn.progress_at) + patience - loop.time()
            if left <= 0:
                break
            await asyncio.wait([answered], timeout=left)


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


async def _records(portions: Sequence[Portion], reports: int) -> list[Record]:
    if reports <= FEW:
        return list(map(record_of, portions))
    return await asyncio.to_thread(lambda: list(map(record_of, portions)))
