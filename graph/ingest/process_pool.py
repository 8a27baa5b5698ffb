"""Prepares submissions in processes of their own, so that no text stops the service or takes longer than it may.

Small submissions of all requests are prepared together, a large text window by window, and requests take turns. A text that
takes too long, or ends its process, is kept as ``unparsed`` with the reason; if it cannot even be redacted, without its text.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import wait
from typing import Any, Self, TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.parsing.python.parser import PythonParser
from graph.redaction.redactor import Redactor
from graph.sources.files import submission_at
from graph.sources.stream import ReportSegmenter
from graph.sources.submission import Submission

log = structlog.get_logger(__name__)

T = TypeVar("T")

LARGE = 1 << 20
"""Characters from which on a text is prepared window by window; also the length to which the time limit applies."""
WINDOW = LARGE // 2
LONGEST_REPORT = 4 * LARGE
BATCH_CHARACTERS = 64 << 10
BATCH_SUBMISSIONS = 200
BATCH_SECONDS = 2.0
"""Time for small submissions together; when it is over, each gets a task and a time limit of its own."""
PATIENCE = 5
"""Times are of the processor, which a busy machine shares. A process that uses none is ended after so many times as long."""
KEEPING_SECONDS = 5.0
"""Time to redact a text that could not be read."""
TASKS_PER_WORKER = 1_000
"""A process is replaced after so many tasks, which gives its memory back."""
MEMORY_LIMIT = 3 << 30
"""Bytes of address space of a process; an allocation beyond it fails, and with it only the text that needed it."""
LEAST_WORKERS, MOST_WORKERS = 2, 8
START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


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
        """``build`` is called in each process; ``seconds`` is the time limit for a text of up to :data:`LARGE` characters."""
        self._build = build
        self._seconds = seconds
        self._workers = workers or min(max(os.cpu_count() or 1, LEAST_WORKERS), MOST_WORKERS)
        self._keeper = build()
        self._requests: deque[deque[_Item]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        # Large texts leave processes free for the small ones.
        self._large = asyncio.Semaphore(max(1, self._workers // 2))
        self._pool: ProcessPool | None = None

    async def __aenter__(self) -> Self:
        """Start the processes. Submissions wait until one is ready."""
        await asyncio.to_thread(self._running_pool().schedule, _ready)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End the processes; what they are doing is lost."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble does not annotate it
            await asyncio.to_thread(pool.join)
        await asyncio.gather(*self._running, return_exceptions=True)

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission, without their parsed reports."""
        loop = asyncio.get_running_loop()
        items = [_Item(one, received_at, loop.create_future()) for one in submissions]
        large = [item for item in items if _is_large(item.submission)]
        small = deque(item for item in items if not _is_large(item.submission))
        if small:
            self._requests.append(small)
            self._fill()
        for item in large:
            item.crashes.set_result(await self._windows(item.submission, received_at))
        return await asyncio.gather(*(item.crashes for item in items))

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
                    characters += _length(item.submission)
            if request:
                self._requests.append(request)
        return batch

    async def _batch(self, batch: Sequence[_Item]) -> None:
        try:
            alone = len(batch) == 1
            given = [(item.submission, item.received_at) for item in batch]
            try:
                seconds = self._limit(batch[0].submission) if alone else BATCH_SECONDS
                groups = await self._call(_prepare, given, seconds=seconds)
            except Exception as error:  # noqa: BLE001  # whatever happened, the submissions are kept
                if alone:
                    groups = [await self._kept(*given[0], error)]
                else:
                    groups = await asyncio.gather(*(self._alone(*one) for one in given))
            for item, crashes in zip(batch, groups, strict=True):
                if not item.crashes.done():
                    item.crashes.set_result(crashes)
        except BaseException as error:
            for item in batch:
                if not item.crashes.done():
                    item.crashes.set_exception(error)
            raise

    async def _alone(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        try:
            (crashes,) = await self._call(_prepare, [(submission, received_at)], seconds=self._limit(submission))
        except Exception as error:  # noqa: BLE001  # as above
            return await self._kept(submission, received_at, error)
        return crashes

    async def _windows(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """The crashes of a large text, read window by window, each in its turn."""
        text, template = submission.text(), replace(submission, report="")
        segmenter = _segmenter(submission.format)
        crashes: list[PreparedCrash] = []
        for start in range(0, len(text), WINDOW):
            piece, is_last = text[start : start + WINDOW], start + WINDOW >= len(text)
            pending = replace(template, report=text[segmenter.start : start + WINDOW], ordinal=segmenter.start)
            window = (segmenter, piece, is_last, template, received_at, len(crashes))
            async with self._large:
                try:
                    segmenter, more = await self._call(_read_window, *window, seconds=self._limit(pending))
                except Exception as error:  # noqa: BLE001  # as above
                    more = await self._kept(pending, received_at, error)
                    segmenter = _segmenter(submission.format, start + WINDOW)
            crashes += more
        return crashes or await self._unparsed(submission, received_at, segmenter.reason or "no report was found")

    async def _kept(self, submission: Submission, received_at: datetime, error: Exception) -> list[PreparedCrash]:
        """A submission that could not be read."""
        reason = _reason(error, self._limit(submission))
        log.warning("a report could not be read", reason=reason, characters=_length(submission), source=submission.source)
        return await self._unparsed(submission, received_at, reason)

    async def _unparsed(self, submission: Submission, received_at: datetime, reason: str) -> list[PreparedCrash]:
        try:
            return await self._call(_keep, submission, received_at, reason, seconds=KEEPING_SECONDS)
        except Exception as error:  # noqa: BLE001  # as above
            failed = f"{reason}; its text is not stored: to redact it, {_reason(error, KEEPING_SECONDS)}"
            return [self._keeper.without_text(submission, received_at, failed)]

    def _limit(self, submission: Submission) -> float:
        return self._seconds * max(1.0, _length(submission) / LARGE)

    async def _call(self, function: Callable[..., T], *arguments: Any, seconds: float) -> T:
        """Call a function in a process. A client that goes away does not end the process."""
        task = (seconds, function, *arguments)
        try:
            future = self._running_pool().schedule(_within, args=task, timeout=seconds * PATIENCE)
        except RuntimeError:
            # A pool is broken for good when a process ends without work, for example for memory that others need.
            self._pool = None
            future = self._running_pool().schedule(_within, args=task, timeout=seconds * PATIENCE)
        return await asyncio.shield(asyncio.wrap_future(future))

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            context = multiprocessing.get_context(START)
            if START == "forkserver":
                context.set_forkserver_preload([__name__])
            self._pool = ProcessPool(self._workers, TASKS_PER_WORKER, _start, (self._build,), context)
        return self._pool


def _is_large(submission: Submission) -> bool:
    # An id belongs to one crash, which is the first report.
    return submission.error is None and submission.id is None and len(submission.report or "") > LARGE


def _length(submission: Submission) -> int:
    frames = sum(len(frame.qualified) + len(frame.file or "") for frame in submission.frames)
    return len(submission.report or submission.exception_message or "") + frames


def _segmenter(format: str, start: int = 0) -> ReportSegmenter:
    segmenter = ReportSegmenter(format, window=WINDOW, limit=LONGEST_REPORT)
    segmenter.start = start
    return segmenter


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"reading it took longer than {seconds:.0f} s"
    if isinstance(error, MemoryError | ProcessExpired):
        return "reading it needed more memory than there is, or ended the process"
    return f"{type(error).__name__} while it was read"


# In the processes

_builder: CrashBuilder | None = None


def _start(build: Callable[[], CrashBuilder]) -> None:
    """Prepare this process for its first task."""
    global _builder  # noqa: PLW0603  # a task is a function and its arguments
    threading.Thread(target=_end_with_service, daemon=True).start()
    _bound_memory()
    _builder = build()
    _builder.prepare(Submission(report=PythonParser.example), datetime.now().astimezone())


def _end_with_service() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _bound_memory() -> None:
    try:
        import resource  # noqa: PLC0415  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _within(seconds: float, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function; ``TimeoutError`` once it has used so much time of the processor."""
    if not hasattr(signal, "setitimer"):
        return function(*arguments)
    signal.signal(signal.SIGPROF, _time_is_over)
    # Again and again, lest the first signal comes where errors are caught.
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _time_is_over(*_: object) -> None:
    raise TimeoutError


def _ready() -> None:
    """The first task, which starts the processes."""


def _prepare(given: Sequence[tuple[Submission, datetime]]) -> list[list[PreparedCrash]]:
    assert _builder is not None
    return [list(map(_light, _builder.prepare(*one))) for one in given]


def _read_window(
    segmenter: ReportSegmenter, piece: str, is_last: bool, template: Submission, received_at: datetime, ordinal: int
) -> tuple[ReportSegmenter, list[PreparedCrash]]:
    """The crashes that a further piece completes. ``ordinal`` is the number of those before."""
    assert _builder is not None
    crashes: list[PreparedCrash] = []
    for located in _located(segmenter, piece, is_last=is_last):
        submission = replace(submission_at(located, template), ordinal=template.ordinal)
        crashes += map(_light, _builder.prepare(submission, received_at, ordinal + len(crashes)))
    return segmenter, crashes


def _located(segmenter: ReportSegmenter, piece: str, *, is_last: bool) -> Iterator[Any]:
    yield from segmenter.feed(piece)
    if is_last:
        yield from segmenter.flush()


def _keep(submission: Submission, received_at: datetime, reason: str) -> list[PreparedCrash]:
    assert _builder is not None
    return [_builder.unparsed(submission, received_at, reason)]


def _light(item: PreparedCrash) -> PreparedCrash:
    """Without the parsed report: a service with many crashes has no use for it."""
    return replace(item, parsed=None)
