"""Writers: each stores what waits in its turns, one batch after another, whatever the graph does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from crashgraph.http_ingest.turns import BATCH_SIGNATURES
from graph.model.actor import INGEST, Actor
from graph.model.errors import ConflictError, UnavailableError
from graph.model.origin import request_from
from graph.retry import Outage, wait_seconds

if TYPE_CHECKING:
    from crashgraph.http_ingest.turns import Batch, Turns
    from crashgraph.spool import Spool
    from graph.ingest.prepare import PreparedCrash
    from graph.ingest.preparer import Preparer
    from graph.ingest.receipt import Receipt

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
SWEEP_SECONDS = 60.0
"""Records that could not be stored, or that another process left, are tried again after so long."""
INITIAL_RATE = 100_000.0
"""Assumed bytes per second before any were stored."""
FEW_SIGNATURES = 25
"""Different signatures in a batch of the backlog while requests are served, which share the machine with it."""
RESTED_SECONDS = 1.0
"""Without a request for so long, the backlog has the machine for itself."""


class Storage(Protocol):
    """What the intake needs of :class:`graph.ingest.pipeline.IngestPipeline`."""

    @property
    def preparer(self) -> Preparer:
        """Prepares submissions."""
        ...

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        """Store prepared crashes."""
        ...


class Writer:
    """Stores what requests wait for.

    ``stored_at`` is when it stored the last batch (in the event loop's time), ``pause`` how long the writer rests after a
    failure, ``rate`` the bytes per second of the last batch.
    """

    def __init__(self, storage: Storage, spool: Spool, turns: Turns, *, batch_size: int, stopping: asyncio.Event) -> None:
        """``batch_size`` is the most reports in one transaction. It ends with ``stopping``, once no request waits."""
        self.turns = turns
        self.stored_at = 0.0
        self.pause = 0.0
        self.rate = INITIAL_RATE
        self.is_idle = False
        self._storage = storage
        self._spool = spool
        self._batch_size = self._limit = batch_size
        self._stopping = stopping
        self._failures = 0
        self._set_aside: list[int] = []
        self._outage = Outage("reports wait in the spool")
        # Two writers store at the same time.
        self._lock = spool.lock()

    def has_rested(self) -> bool:
        """Whether no request has come for a while."""
        return self.is_idle and asyncio.get_running_loop().time() > self.stored_at + RESTED_SECONDS

    def take_set_aside(self) -> list[int]:
        """Records that the graph refused, once."""
        taken, self._set_aside = self._set_aside, []
        return taken

    async def run(self, ready: asyncio.Event) -> None:
        """Store until the end; nothing before ``ready`` is set."""
        self.stored_at = asyncio.get_running_loop().time()
        await ready.wait()
        while not self._stopping.is_set() or (self.turns.waited_for() and not self._failures):
            await self._step()

    async def _step(self) -> None:
        try:
            if not await self._store_next():
                await self._idle()
        except Exception:
            # The writer must go on: what it could not store is in the spool.
            log.exception("the intake failed and goes on")
            await self._rest()

    async def _store_next(self) -> bool:
        """Store a batch; false if nothing waits."""
        began = asyncio.get_running_loop().time()
        # Before looking, so that what comes meanwhile, the end too, is not waited for.
        self.turns.arrived.clear()
        async with self._lock.storing():
            self.turns.version = await self._spool.version()
            batch = await self.turns.next_batch(self._limit, self._signatures())
            is_stored = bool(batch.records) and await self._store(batch)
        if is_stored:
            await self._stored(self.stored_at - began)
        return bool(batch.records)

    async def _store(self, batch: Batch) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            with request_from(batch.origin):
                stored = await self._storage.store(batch.crashes, candidates=batch.candidates, actor=batch.actor)
        except Exception as error:  # noqa: BLE001  # nothing that was accepted may be lost
            await self._failed(batch, error)
            return False
        self._outage.over(reports=self._spool.reports)
        receipts = iter(stored)
        now = self.stored_at = loop.time()
        self._failures, self.pause = 0, 0.0
        for record in batch.records:
            record.turn.store(record.number, list(islice(receipts, len(record.portion.crashes))), now)
        before = self._spool.bytes
        self._spool.remove(record.number for record in batch.records)
        self._limit = min(self._batch_size, 2 * self._limit)
        self.rate = max(1.0, (before - self._spool.bytes) / max(now - began, 1e-3))
        return True

    def _signatures(self) -> int:
        """The most different signatures in the next batch."""
        return BATCH_SIGNATURES

    async def _stored(self, seconds: float) -> None:
        """After a batch that took so long."""

    async def _failed(self, batch: Batch, error: Exception) -> None:
        """Try the batch again, in smaller parts, until a record that fails is alone and holds no other up."""
        self._limit = max(1, len(batch.crashes) // 2)
        is_alone = len(batch.records) == 1
        if is_alone and not isinstance(error, UnavailableError | ConflictError):
            self._set_aside += [record.number for record in batch.records]
            log.error("%d reports cannot be stored and stay in the spool", len(batch.crashes), exc_info=error)
        else:
            self.turns.give_back(batch.records, last=is_alone)
            self._outage.failed(error)
        await self._rest()

    async def _rest(self) -> None:
        self._failures += 1
        self.pause = wait_seconds(self._failures, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        await self._wait_for_stop(self.pause)

    async def _wait_for_stop(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _idle(self) -> None:
        self.is_idle = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self.turns.arrived.wait(), SWEEP_SECONDS)
        self.is_idle = False


class BacklogWriter(Writer):
    """Stores what no request waits for: in small batches, and with a rest after each while requests are served."""

    def __init__(
        self,
        storage: Storage,
        spool: Spool,
        turns: Turns,
        *,
        batch_size: int,
        stopping: asyncio.Event,
        requests: Writer,
    ) -> None:
        """``requests`` is the writer that goes first."""
        super().__init__(storage, spool, turns, batch_size=batch_size, stopping=stopping)
        self._requests = requests
        self._swept_at: float | None = None

    async def _step(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._swept_at is None:
            self._swept_at = now
        if now >= self._swept_at + SWEEP_SECONDS:
            self._swept_at = now
            left = await self._spool.unknown(SWEEP_SECONDS)
            self.turns.leave(self.take_set_aside() + self._requests.take_set_aside() + left)
        await super()._step()

    def _signatures(self) -> int:
        return BATCH_SIGNATURES if self._requests.has_rested() else FEW_SIGNATURES

    async def _stored(self, seconds: float) -> None:
        """While requests are served, rest for as long as the batch took."""
        if not self._requests.has_rested():
            await self._wait_for_stop(seconds)
