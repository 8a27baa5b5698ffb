"""Where submissions are prepared: parsed, redacted and fingerprinted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.sources.submission import Submission

T = TypeVar("T")

LONG = 1 << 20
"""Characters from which on a text is long."""


class Preparer(Protocol):
    """Prepares submissions outside the event loop."""

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission, at least one per submission."""
        ...

    async def prepare_whole(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """The crashes of a submission with their parsed reports."""
        ...

    def parts(
        self, submission: Submission, received_at: datetime, finish: Callable[[Sequence[PreparedCrash]], T]
    ) -> AsyncGenerator[T, None]:
        """What ``finish`` makes of the crashes of a long text, part by part, so that they are never in memory together.

        ``finish`` is called where the text is read.
        """
        ...


class ThreadPreparer:
    """Prepares in a thread of this process."""

    def __init__(self, crash_builder: CrashBuilder) -> None:
        """``crash_builder`` does the work."""
        self._crash_builder = crash_builder

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission."""
        return await asyncio.to_thread(lambda: [self._crash_builder.prepare(one, received_at) for one in submissions])

    async def prepare_whole(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """The crashes of a submission with their parsed reports."""
        return await asyncio.to_thread(self._crash_builder.prepare, submission, received_at)

    async def parts(
        self, submission: Submission, received_at: datetime, finish: Callable[[Sequence[PreparedCrash]], T]
    ) -> AsyncGenerator[T, None]:
        """All crashes as one part."""
        yield await asyncio.to_thread(lambda: finish(self._crash_builder.prepare(submission, received_at)))


def has_parts(submission: Submission) -> bool:
    """Whether a text is so long that it is read in parts. One with an id is not: that belongs to its first report."""
    return submission.error is None and submission.id is None and len(submission.report or "") > LONG
