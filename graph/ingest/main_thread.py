"""Prepares submissions in the main thread, where a signal ends what takes too long: for commands, which start quickly so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from graph.ingest.limits import KEEPING_SECONDS, length, limit, reason, within, without_text
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.sources.submission import Submission

log = logging.getLogger(__name__)

T = TypeVar("T")


class MainThreadPreparer:
    """Implements :class:`graph.ingest.preparer.Preparer`; other tasks have a turn after each submission.

    A service has processes instead (:class:`graph.ingest.process_pool.PoolPreparer`), which cost a second of the processor at
    the start, and also survive a text that takes all memory.
    """

    def __init__(self, crash_builder: CrashBuilder, *, seconds: float) -> None:
        """``seconds`` is the time limit for a text of up to :data:`graph.ingest.preparer.LONG` characters."""
        self._crash_builder = crash_builder
        self._seconds = seconds

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission."""
        groups = []
        for submission in submissions:
            groups.append(self._prepared(submission, received_at))
            await asyncio.sleep(0)
        return groups

    async def prepare_whole(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """The crashes of a submission with their parsed reports."""
        return self._prepared(submission, received_at)

    async def parts(
        self, submission: Submission, received_at: datetime, finish: Callable[[Sequence[PreparedCrash]], T]
    ) -> AsyncGenerator[T, None]:
        """All crashes as one part."""
        yield finish(self._prepared(submission, received_at))

    def _prepared(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        seconds = limit(submission, self._seconds)
        try:
            return within(seconds, self._crash_builder.prepare, submission, received_at)
        except Exception as error:  # noqa: BLE001  # whatever happened, the submission is kept
            return [self._kept(submission, received_at, reason(error, seconds))]

    def _kept(self, submission: Submission, received_at: datetime, why: str) -> PreparedCrash:
        log.warning("%s: a report of %d characters could not be read: %s", submission.source, length(submission), why)
        try:
            return within(KEEPING_SECONDS, self._crash_builder.unparsed, submission, received_at, why)
        except Exception as error:  # noqa: BLE001  # as above
            failed = without_text(why, reason(error, KEEPING_SECONDS))
            return self._crash_builder.without_text(submission, received_at, failed)
