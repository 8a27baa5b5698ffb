"""Where submissions are prepared: parsed, redacted and fingerprinted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.sources.submission import Submission


class Preparer(Protocol):
    """Prepares submissions outside the event loop."""

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission, at least one per submission."""
        ...


class ThreadPreparer:
    """Prepares in a thread of this process."""

    def __init__(self, crash_builder: CrashBuilder) -> None:
        """``crash_builder`` does the work."""
        self._crash_builder = crash_builder

    async def prepare(self, submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        """The crashes of each submission."""
        return await asyncio.to_thread(lambda: [self._crash_builder.prepare(one, received_at) for one in submissions])
