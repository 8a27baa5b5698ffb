"""Prepares submissions in processes of their own, so that no text stops the service or takes longer than it may.

Small submissions of all requests are prepared together, and requests take turns. Long texts have a process of their own, to
which all others are preferred: those with many reports are read there window by window, several of them in turns. It ends
with the last one, which gives the memory back. A text that takes too long, or ends its process, is kept as ``unparsed`` with
the reason; if it cannot even be redacted, without its text.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self, TypeVar

from pebble import ProcessExpired

from graph.ingest.limits import KEEPING_SECONDS, NO_MEMORY, length, limit, reason, without_text
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import LONG
from graph.ingest.processes import Processes, builder
from graph.model.errors import UnavailableError
from graph.redaction.redactor import Redactor
from graph.sources.files import submission_at
from graph.sources.stream import LocatedReport, ReportSegmenter
from graph.sources.submission import Submission

log = logging.getLogger(__name__)

T = TypeVar("T")

WINDOW = LONG // 2
LONGEST_REPORT = 4 * LONG
BATCH_CHARACTERS = 64 << 10
BATCH_SUBMISSIONS = 200
BATCH_SECONDS = 2.0
"""Time for small submissions together; when it is over, each gets a task and a time limit of its own."""
PATIENCE, PATIENCE_WITH_LONG = 5.0, 30.0
NICENESS = 10
"""Of the process for long texts."""
LEAST_WORKERS, MOST_WORKERS = 2, 8


def builder_with(key: bytes) -> CrashBuilder:
    """The builder of an installation with this redaction key."""
    return CrashBuilder(Redactor(key))


@dataclass(slots=True, eq=False)
class _Item:
    submission: Submission
    received_at: datetime
    crashes: asyncio.Future[list[PreparedCrash]]


class PoolPreparer:
    """Implements :class:`graph.ingest.preparer.Preparer`. Use as an async context."""

    def __init__(self, build: Callable[[], CrashBuilder], *, seconds: float, workers: int | None = None) -> None:
        """``build`` is called in each process; ``seconds`` is the time limit for a text of up to :data:`LONG` characters."""
        self._seconds = seconds
        self._workers = workers or min(max(os.cpu_count() or 1, LEAST_WORKERS), MOST_WORKERS)
        self._keeper = build()
        self._requests: deque[deque[_Item]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._processes = Processes(build, self._workers, patience=PATIENCE)
        self._background = Processes(build, 1, patience=PATIENCE_WITH_LONG, niceness=NICENESS)
        self._long = 0

    async def __aenter__(self) -> Self:
        """Begin to start the processes. Submissions wait until one is ready."""
        self._processes.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End the processes; what they are doing is lost."""
        self._requests.clear()
        for task in self._running:
            task.cancel()
        await self._processes.end()
        await self._background.end()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission, without their parsed reports."""
        loop = asyncio.get_running_loop()
        items = [_Item(one, received_at, loop.create_future()) for one in submissions]
        small = deque(item for item in items if length(item.submission) <= LONG)
        if small:
            self._requests.append(small)
            self._fill()
        for item in items:
            if length(item.submission) > LONG:
                async with self._in_background() as processes:
                    item.crashes.set_result(await self._alone(item.submission, received_at, processes))
        return await asyncio.gather(*(item.crashes for item in items))

    async def prepare_whole(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """The crashes of one submission with their parsed reports, read in one piece."""
        try:
            return await self._processes.call(_prepare_whole, submission, received_at, seconds=self._limit(submission))
        except Exception as error:  # noqa: BLE001  # whatever happened, the submission has an answer
            return await self._kept(submission, received_at, error, self._processes)

    async def parts(
        self, submission: Submission, received_at: datetime, finish: Callable[[Sequence[PreparedCrash]], T]
    ) -> AsyncGenerator[T, None]:
        """What ``finish``, called in the process, makes of the crashes of each window of a long text."""
        text, template = submission.text(), replace(submission, report="")
        segmenter, reports = _segmenter(submission.format), 0
        async with self._in_background() as processes:
            for start in range(0, len(text), WINDOW):
                piece, is_last = text[start : start + WINDOW], start + WINDOW >= len(text)
                pending = replace(template, report=text[segmenter.start : start + WINDOW], ordinal=segmenter.start)
                window = (segmenter, piece, is_last, template, received_at, reports, finish)
                try:
                    segmenter, more, part = await processes.call(_read_window, *window, seconds=self._limit(pending))
                except Exception as error:  # noqa: BLE001  # whatever happened, the text is kept
                    more, part = 1, finish(await self._kept(pending, received_at, error, processes))
                    segmenter = _segmenter(submission.format, start + WINDOW)
                reports += more
                if more:
                    yield part
            if not reports:
                why = segmenter.reason or "no report was found"
                yield finish(await self._unparsed(submission, received_at, why, processes))

    @asynccontextmanager
    async def _in_background(self) -> AsyncIterator[Processes]:
        """The process for long texts, which ends with the last of them."""
        self._long += 1
        try:
            yield self._background
        finally:
            self._long -= 1
            if not self._long:
                await self._background.end()

    def _fill(self) -> None:
        """Give every free process a batch of what waits."""
        while self._requests and len(self._running) < self._workers:
            task = asyncio.create_task(self._batch(self._next_batch()))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._fill()

    def _next_batch(self) -> list[_Item]:
        """Items of the first requests in turn; a request with more goes behind the others."""
        batch: list[_Item] = []
        characters = 0
        while self._requests and len(batch) < BATCH_SUBMISSIONS and characters < BATCH_CHARACTERS:
            request = self._requests.popleft()
            while request and len(batch) < BATCH_SUBMISSIONS and characters < BATCH_CHARACTERS:
                item = request.popleft()
                if not item.crashes.cancelled():
                    batch.append(item)
                    characters += length(item.submission)
            if request:
                self._requests.append(request)
        return batch

    async def _batch(self, batch: Sequence[_Item]) -> None:
        try:
            given = [(item.submission, item.received_at) for item in batch]
            if len(batch) == 1:
                groups = [await self._alone(*given[0], self._processes)]
            else:
                try:
                    groups = await self._processes.call(_prepare, given, seconds=BATCH_SECONDS)
                except Exception:  # noqa: BLE001  # whatever happened, the submissions are kept
                    groups = await asyncio.gather(*(self._alone(*one, self._processes) for one in given))
            for item, crashes in zip(batch, groups, strict=True):
                if not item.crashes.done():
                    item.crashes.set_result(crashes)
        except BaseException as error:
            for item in batch:
                if not item.crashes.done():
                    item.crashes.set_exception(error)
            raise

    async def _alone(self, submission: Submission, received_at: datetime, processes: Processes) -> list[PreparedCrash]:
        try:
            (crashes,) = await processes.call(_prepare, [(submission, received_at)], seconds=self._limit(submission))
        except Exception as error:  # noqa: BLE001  # as above
            return await self._kept(submission, received_at, error, processes)
        return crashes

    async def _kept(
        self, submission: Submission, received_at: datetime, error: Exception, processes: Processes
    ) -> list[PreparedCrash]:
        """A submission that could not be read. It is not answered if no process can be started."""
        if isinstance(error, UnavailableError):
            raise error
        why = _reason(error, self._limit(submission))
        log.warning("%s: a report of %d characters could not be read: %s", submission.source, length(submission), why)
        return await self._unparsed(submission, received_at, why, processes)

    async def _unparsed(
        self, submission: Submission, received_at: datetime, why: str, processes: Processes
    ) -> list[PreparedCrash]:
        try:
            return await processes.call(_keep, submission, received_at, why, seconds=KEEPING_SECONDS)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  # as above
            failed = without_text(why, _reason(error, KEEPING_SECONDS))
            return [self._keeper.without_text(submission, received_at, failed)]

    def _limit(self, submission: Submission) -> float:
        return limit(submission, self._seconds)


def _segmenter(format: str, start: int = 0) -> ReportSegmenter:
    segmenter = ReportSegmenter(format, window=WINDOW, limit=LONGEST_REPORT)
    segmenter.start = start
    return segmenter


def _reason(error: Exception, seconds: float) -> str:
    return NO_MEMORY if isinstance(error, ProcessExpired) else reason(error, seconds)


# In the processes


def _prepare(given: Sequence[tuple[Submission, datetime]]) -> list[list[PreparedCrash]]:
    return [list(map(_light, builder().prepare(*one))) for one in given]


def _prepare_whole(submission: Submission, received_at: datetime) -> list[PreparedCrash]:
    return builder().prepare(submission, received_at)


def _read_window(
    segmenter: ReportSegmenter,
    piece: str,
    is_last: bool,
    template: Submission,
    received_at: datetime,
    ordinal: int,
    finish: Callable[[Sequence[PreparedCrash]], T],
) -> tuple[ReportSegmenter, int, T]:
    """The crashes that a further piece completes: how many, and what ``finish`` makes of them; ``ordinal`` come before."""
    crashes: list[PreparedCrash] = []
    for located in _located(segmenter, piece, is_last=is_last):
        submission = replace(submission_at(located, template), ordinal=template.ordinal)
        crashes += map(_light, builder().prepare(submission, received_at, ordinal + len(crashes)))
    return segmenter, len(crashes), finish(crashes)


def _located(segmenter: ReportSegmenter, piece: str, *, is_last: bool) -> Iterator[LocatedReport]:
    yield from segmenter.feed(piece)
    if is_last:
        yield from segmenter.flush()


def _keep(submission: Submission, received_at: datetime, reason: str) -> list[PreparedCrash]:
    return [builder().unparsed(submission, received_at, reason)]


def _light(item: PreparedCrash) -> PreparedCrash:
    """Without the parsed report: a service with many crashes has no use for it."""
    return replace(item, parsed=None)
