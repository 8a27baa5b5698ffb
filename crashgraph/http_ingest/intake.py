"""Accepts reports from concurrent requests into the spool, and stores them in batches.

A report is accepted once it is prepared (parsed, redacted, fingerprinted) and written to the spool; then nothing loses it. A
single writer stores whatever waits: a busy service writes large batches, an idle one answers at once. Measured on the real
server, this gives seven to nine times the throughput of one transaction per request.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, Self

from crashgraph.http_ingest.counters import ACCEPTED, RECEIVED, REFUSED
from crashgraph.http_ingest.turns import Batch, Turn, Turns, portions_of
from crashgraph.spool import Portion, encode
from graph.ingest.receipt import queued_receipt
from graph.model.actor import INGEST, Actor, Scope
from graph.model.errors import ConflictError, CrashgraphError, GraphError, UnavailableError
from graph.retry import wait_seconds

if TYPE_CHECKING:
    from crashgraph.spool import Spool
    from graph.ingest.prepare import PreparedCrash
    from graph.ingest.preparer import Preparer
    from graph.ingest.receipt import Receipt
    from graph.sources.submission import Submission

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""A request is answered without the graph once that has given no answer at all for so long."""
LONGEST_WAIT_SECONDS = 25.0
"""The same if the graph answers, but stores no report of the request for so long; SDKs give up after 30 s."""
WATCH_SECONDS = 1.0
"""While storing takes longer than this, the graph is asked whether it answers."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
SWEEP_SECONDS = 60.0
"""Records that could not be stored, or that another process left, are tried again after so long."""
STOP_SECONDS = 10.0
INITIAL_RATE = 100_000.0
"""Assumed bytes per second before any were stored."""
MAXIMUM_RETRY_SECONDS = 60
FEW = 10
"""Reports that are encoded on the event loop: a fraction of a millisecond."""


class Storage(Protocol):
    """What the intake needs of :class:`graph.ingest.pipeline.IngestPipeline`."""

    @property
    def preparer(self) -> Preparer:
        """Prepares submissions."""
        ...

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store prepared crashes."""
        ...

    async def ping(self) -> None:
        """Return once the graph answers; ``GraphError`` if it does not."""
        ...


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
        self._storage = storage
        self._preparer = preparer or storage.preparer
        self._spool = spool
        self._batch_size = self._batch_limit = batch_size
        self._turns = Turns(spool.read)
        self._ready = ready
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._is_idle = False
        self._answered_at = 0.0
        self._failures = 0
        self._pause = 0.0
        self._rate = INITIAL_RATE
        self._set_aside: list[int] = []
        self._probe: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open the spool and start to store what an earlier process left in it."""
        await self._spool.__aenter__()
        left = await self._spool.unknown()
        if left:
            log.info("storing %d reports that are left in the spool", self._spool.reports)
        self._turns.leave(left)
        self._answered_at = asyncio.get_running_loop().time()
        self._writer = asyncio.create_task(self._write(), name="intake")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Refuse new reports, store what requests wait for, stop. The rest stays in the spool."""
        self._stopping.set()
        self._wake.set()
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=STOP_SECONDS)
        for task in filter(None, (self._writer, self._probe)):
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
    ) -> list[list[Receipt]]:
        """As :meth:`receive`, with one list per submission. ``endpoint`` labels the metrics; by default the source."""
        actor.require(Scope.REPORT)
        label = endpoint or (submissions[0].source if submissions else "")
        RECEIVED.labels(label).inc(len(submissions))
        try:
            self._check(0)
            groups = await self._preparer.prepare(submissions, datetime.now(UTC))
            crashes = list(chain.from_iterable(groups))
            # A client that goes away does not stop what has begun.
            turn = await asyncio.shield(self._accept(crashes, candidates, actor))
        except CrashgraphError as error:
            REFUSED.labels(label, error.code).inc(len(submissions))
            raise
        ACCEPTED.labels(label).inc(len(submissions))
        try:
            await self._wait(turn)
        finally:
            self._turns.abandon(turn)
        receipts = _receipts(turn, crashes)
        return [list(islice(receipts, len(group))) for group in groups]

    def _is_ready(self) -> bool:
        return self._ready is None or self._ready.is_set()

    def _check(self, size: int) -> None:
        if self._stopping.is_set():
            raise UnavailableError("the service is stopping; send the report again in a moment")
        seconds = max(self._pause, self._spool.bytes / self._rate)
        self._spool.check(size, min(MAXIMUM_RETRY_SECONDS, math.ceil(seconds)))

    async def _accept(self, crashes: Sequence[PreparedCrash], candidates: int, actor: Actor) -> Turn:
        """Write crashes to the spool; the turn that stores them."""
        portions = list(portions_of(crashes, actor, self._batch_size))
        contents = await _encoded(portions, len(crashes))
        self._check(sum(map(len, contents)))
        numbers = await self._spool.add(portions, contents)
        now = asyncio.get_running_loop().time()
        if self._is_idle:
            self._answered_at = now
        self._wake.set()
        return self._turns.wait(numbers, portions, candidates, now)

    async def _wait(self, turn: Turn) -> None:
        """Wait for the receipts while the graph answers."""
        loop = asyncio.get_running_loop()
        answered = turn.answered
        while answered is not None and not answered.done():
            until = min(self._answered_at + PATIENCE_SECONDS, turn.progress_at + LONGEST_WAIT_SECONDS)
            left = until - loop.time()
            if left <= 0:
                break
            await asyncio.wait([answered], timeout=left)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        if self._ready is not None:
            await _first_of(self._ready, self._stopping)
        sweep_at = loop.time() + SWEEP_SECONDS
        while not self._stopping.is_set() or (self._is_ready() and self._turns.waited_for() and not self._failures):
            try:
                if loop.time() >= sweep_at:
                    sweep_at = loop.time() + SWEEP_SECONDS
                    await self._sweep()
                batch = await self._turns.next_batch(self._batch_limit)
                if batch.records:
                    await self._store(batch)
                else:
                    await self._idle()
            except Exception:
                # The writer must go on: what it could not store is in the spool.
                log.exception("the intake failed and goes on")
                await self._rest()

    async def _store(self, batch: Batch) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            receipts = iter(await self._watched(batch))
        except Exception as error:  # noqa: BLE001  # nothing that was accepted may be lost
            await self._failed(batch, error)
            return
        now = self._answered_at = loop.time()
        self._failures, self._pause = 0, 0.0
        self._batch_limit = min(self._batch_size, 2 * self._batch_limit)
        for record in batch.records:
            record.turn.store(record.number, list(islice(receipts, len(record.portion.crashes))), now)
        before = self._spool.bytes
        self._spool.remove(record.number for record in batch.records)
        self._rate = max(1.0, (before - self._spool.bytes) / max(now - began, 1e-3))

    async def _watched(self, batch: Batch) -> list[Receipt]:
        storing = asyncio.ensure_future(self._storage.store(batch.crashes, candidates=batch.candidates, actor=batch.actor))
        try:
            while not storing.done():
                await asyncio.wait([storing], timeout=WATCH_SECONDS)
                if not storing.done() and (self._probe is None or self._probe.done()):
                    self._probe = asyncio.create_task(self._ask(), name="intake asks")
            return storing.result()
        finally:
            storing.cancel()

    async def _ask(self) -> None:
        with suppress(GraphError):
            await self._storage.ping()
            self._answered_at = asyncio.get_running_loop().time()

    async def _failed(self, batch: Batch, error: Exception) -> None:
        """Try the batch again, in smaller parts, until a record that fails is alone and holds no other up."""
        self._batch_limit = max(1, len(batch.crashes) // 2)
        is_alone = len(batch.records) == 1
        if is_alone and not isinstance(error, UnavailableError | ConflictError):
            self._set_aside += [record.number for record in batch.records]
            log.error("%d reports cannot be stored and stay in the spool", len(batch.crashes), exc_info=error)
        else:
            self._turns.give_back(batch.records, last=is_alone)
            log.warning("reports wait in the spool: %s", error)
        await self._rest()

    async def _rest(self) -> None:
        self._failures += 1
        self._pause = wait_seconds(self._failures, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self._pause)

    async def _idle(self) -> None:
        self._wake.clear()
        self._is_idle = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), SWEEP_SECONDS)
        self._is_idle = False

    async def _sweep(self) -> None:
        self._turns.leave(self._set_aside + await self._spool.unknown(SWEEP_SECONDS))
        self._set_aside.clear()


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _encoded(portions: Sequence[Portion], reports: int) -> list[bytes]:
    if reports <= FEW:
        return list(map(encode, portions))
    return await asyncio.to_thread(lambda: list(map(encode, portions)))


def _receipts(turn: Turn, crashes: Sequence[PreparedCrash]) -> Iterator[Receipt]:
    """In the order of the crashes; those that are not stored yet are queued."""
    rest = iter(crashes)
    for number, count in turn.counts.items():
        mine = list(islice(rest, count))
        yield from turn.receipts.get(number) or map(queued_receipt, mine)
