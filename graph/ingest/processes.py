"""Processes that prepare submissions: each call has a time limit, and none can stop or fill the service."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import wait
from typing import Any, TypeVar

from pebble import ProcessPool

from graph.ingest.limits import within
from graph.ingest.prepare import CrashBuilder
from graph.model.errors import UnavailableError
from graph.parsing.python.parser import PythonParser
from graph.sources.submission import Submission

log = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS = 3
"""At a call, each with new processes if those before have ended."""
TASKS_PER_WORKER = 1_000
"""A process is replaced after so many tasks, which gives its memory back."""
MEMORY_LIMIT = 3 << 30
"""Bytes of address space of a process; an allocation beyond it fails, and with it only the text that needed it."""
START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class Processes:
    """Processes with a builder of crashes each. They start with the first call, or with :meth:`start`."""

    def __init__(self, build: Callable[[], CrashBuilder], workers: int, *, patience: float, niceness: int = 0) -> None:
        """``build`` is called in each process.

        Times are of the processor, which a busy machine shares: a process that uses none is ended after ``patience`` times as
        long. Others go first by ``niceness``.
        """
        self._build = build
        self._workers = workers
        self._patience = patience
        self._niceness = niceness
        self._starting: asyncio.Task[ProcessPool] | None = None

    def start(self) -> None:
        """Begin to start the processes. Calls wait until one is ready."""
        self._pool()

    async def call(self, function: Callable[..., T], *arguments: Any, seconds: float) -> T:
        """Call a function in a process. A client that goes away does not end the process.

        ``UnavailableError`` if no process can be started, which is not the fault of what it is called with.
        """
        task = (seconds, function, *arguments)
        for _ in range(ATTEMPTS):
            pool = None
            starting = self._pool()
            try:
                pool = await asyncio.shield(starting)
                future = pool.schedule(within, args=task, timeout=seconds * self._patience)
                return await asyncio.shield(asyncio.wrap_future(future))
            except (BrokenProcessPool, RuntimeError, OSError, EOFError) as error:
                if pool is not None and pool.active:
                    raise
                # A pool is broken for good when a process ends without work, for example for memory that others need.
                log.warning("processes that read reports ended without work: %s", error)
                if self._starting is starting:
                    self._starting = None
                    if pool is not None:
                        await _ended(pool)
        raise UnavailableError("the processes that read reports end as soon as they start; is there memory for them?")

    async def end(self) -> None:
        """End the processes, which gives their memory back; what they are doing is lost. A further call starts others."""
        starting, self._starting = self._starting, None
        if starting is not None:
            with suppress(BrokenProcessPool, RuntimeError, OSError, EOFError):
                await _ended(await starting)

    def _pool(self) -> asyncio.Task[ProcessPool]:
        """The pool, once its processes are started: in a thread, as this waits for a new interpreter to load the parsers."""
        if self._starting is None:
            self._starting = asyncio.create_task(asyncio.to_thread(self._started))
        return self._starting

    def _started(self) -> ProcessPool:
        context = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload([__name__])
        pool = ProcessPool(self._workers, TASKS_PER_WORKER, _start, (self._build, self._niceness), context)
        try:
            pool.schedule(_ready)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]  # here and below: pebble does not annotate it
            pool.join()
            raise
        return pool


async def _ended(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    await asyncio.to_thread(pool.join)


# In the processes

_builder: CrashBuilder | None = None


def builder() -> CrashBuilder:
    """The builder of this process."""
    assert _builder is not None
    return _builder


def _start(build: Callable[[], CrashBuilder], niceness: int) -> None:
    """Prepare this process for its first task."""
    global _builder  # noqa: PLW0603  # a task is a function and its arguments
    threading.Thread(target=_end_with_service, daemon=True).start()
    _bound_memory()
    with suppress(AttributeError):  # Windows has no niceness
        os.nice(niceness)
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


def _ready() -> None:
    """The first task, which starts the processes."""
