"""An intake whose storage records what it gets, and can be blocked or fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from reports import submission

from crashgraph.http_ingest.intake import Intake
from crashgraph.spool import Spool
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import ThreadPreparer
from graph.ingest.receipt import Receipt, receipt
from graph.model.actor import INGEST, Actor
from graph.model.errors import QueryError
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

T = TypeVar("T")


class Recorder:
    """Stands where the graph is: it records what is stored, and can be blocked or fail."""

    def __init__(self) -> None:
        self.preparer = ThreadPreparer(CrashBuilder(Redactor(b"k" * 32)))
        self.batches: list[list[str | None]] = []
        self.stored: list[str | None] = []
        self.actors: set[Actor] = set()
        self.go = asyncio.Event()
        self.go.set()
        self.blocks_named = True
        self.failures: list[Exception] = []
        self.poison: str | None = None
        self.seconds = 0.0

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        names = [crash.crash.external_id for crash in crashes]
        self.batches.append(names)
        self.actors.add(actor)
        if self.blocks_named or None in names:
            await self.go.wait()
        await asyncio.sleep(self.seconds)
        if self.poison is not None and self.poison in names:
            raise QueryError("refused")
        if self.failures:
            raise self.failures.pop(0)
        self.stored += names
        return [receipt(crash, None, repeated=False, candidates=candidates) for crash in crashes]


def intake(recorder: Recorder, tmp_path: Path, *, limit: int = 1 << 20, ready: asyncio.Event | None = None) -> Intake:
    return Intake(recorder, Spool(tmp_path / "spool.db", limit), batch_size=50, ready=ready)


def named(name: str) -> Submission:
    return submission(0, id=name)


def statuses(receipts: Sequence[Receipt]) -> list[tuple[str | None, str]]:
    return [(one.id, one.status) for one in receipts]


async def until_empty(queue: Intake) -> None:
    while queue._spool.reports:
        await asyncio.sleep(0.01)


async def until_blocked(recorder: Recorder) -> None:
    while not recorder.batches:
        await asyncio.sleep(0.01)
