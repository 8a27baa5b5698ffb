"""Retries, the waits between them, and what the log says of failures that last."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_none

from graph.model.errors import ConflictError, GraphError

log = structlog.get_logger(__name__)

T = TypeVar("T")

CONFLICT_ATTEMPTS = 12
"""Attempts at a write that may conflict with another; each attempt reads again."""
RECORD_ATTEMPTS = 3
"""Attempts at a write that must survive an outage of the graph; the driver retries within each."""
LONGEST_SECONDS = 600.0
REMINDER_SECONDS = 300.0
"""Interval of log lines about a failure that lasts."""


async def retry_conflicts(work: Callable[[], Awaitable[T]], attempts: int = CONFLICT_ATTEMPTS) -> T:
    """Run ``work``, and again at once after each ``ConflictError``; the last one is raised."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(ConflictError), stop=stop_after_attempt(attempts), wait=wait_none(), reraise=True
    )
    return await retrying(_coroutine(work))


async def retry_record(work: Callable[[], Awaitable[T]], first_seconds: float = 1.0) -> T:
    """Run ``work``, and again after a pause for each ``GraphError``; the last one is raised."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(GraphError),
        stop=stop_after_attempt(RECORD_ATTEMPTS),
        wait=lambda state: wait_seconds(state.attempt_number, first_seconds),
        before_sleep=_log_failure,
        reraise=True,
    )
    return await retrying(_coroutine(work))


def wait_seconds(failures: int, first: float, longest: float = LONGEST_SECONDS) -> float:
    """Exponential back-off: the wait after that many failures in a row, ``first`` after one, doubled up to ``longest``.

    Uniform between half of it and the whole, so that workers that failed together do not return together.
    """
    whole = min(longest, first * 2.0 ** min(max(failures, 1) - 1, 60))
    return whole * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing


class Outage:
    """Logs a failure that is retried without end: when it begins, every few minutes, and when it is over."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``what`` begins each line; ``clock`` is in seconds."""
        self._what = what
        self._clock = clock
        self._failures = 0
        self._began = 0.0
        self._logged_at = 0.0

    def failed(self, error: Exception) -> None:
        """An attempt failed."""
        now = self._clock()
        if not self._failures:
            self._began = self._logged_at = now
            log.warning(self._what, error=str(error))
        elif now - self._logged_at >= REMINDER_SECONDS:
            self._logged_at = now
            event = f"{self._what}, still"
            log.warning(event, error=str(error), seconds=round(now - self._began))
        self._failures += 1

    def over(self, **facts: object) -> None:
        """An attempt succeeded; ``facts`` are logged if others failed before it."""
        if self._failures:
            event = f"{self._what}: over"
            log.info(event, seconds=round(self._clock() - self._began), attempts=self._failures, **facts)
            self._failures = 0


def _coroutine(work: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """``work`` wrapped in a coroutine function, which tenacity needs to recognise that it must be awaited."""

    async def attempt() -> T:
        return await work()

    return attempt


def _log_failure(state: RetryCallState) -> None:
    assert state.outcome
    log.warning("could not write to the graph; trying again", error=str(state.outcome.exception()))
