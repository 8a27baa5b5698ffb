"""Long texts are accepted part by part, and stored beside the requests of others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from recorder import Recorder, intake, named, statuses, until_blocked, until_empty

from crashgraph.http_ingest import intake as intake_module
from crashgraph.http_ingest import writer as writer_module
from graph.ingest import preparer as preparer_module
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import ThreadPreparer
from graph.model.errors import TooLargeError, UnavailableError
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

T = TypeVar("T")


WORDS = ["".join(chr(ord("a") + int(digit)) for digit in f"{number:02}") for number in range(60)]
LINES = [f"2026-01-02 10:00:00,000 ERROR shop.{word}: step failed: ValueError: no {word} here" for word in WORDS]


@pytest.fixture
def short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of a few lines is long, and one of more than 20 reports has one receipt."""
    monkeypatch.setattr(preparer_module, "LONG", 500)
    monkeypatch.setattr(intake_module, "MOST_RECEIPTS", 20)


class LinePreparer(ThreadPreparer):
    """Prepares a long text in parts of ten lines; one with FAIL cannot be prepared."""

    async def parts(
        self, submission: Submission, received_at: datetime, finish: Callable[[Sequence[PreparedCrash]], T]
    ) -> AsyncGenerator[T, None]:
        lines = submission.text().splitlines()
        for start in range(0, len(lines), 10):
            part = Submission(report="\n".join(lines[start : start + 10]), ordinal=start)
            assert part.report is not None
            if "FAIL" in part.report:
                raise UnavailableError("no process")
            (crashes,) = await self.prepare([part], received_at)
            yield finish(crashes)


@pytest.fixture
def by_lines(recorder: Recorder) -> Recorder:
    recorder.preparer = LinePreparer(CrashBuilder(Redactor(b"k" * 32)))
    return recorder


@pytest.mark.usefixtures("short_is_long")
async def test_a_long_text_is_on_disk_when_it_is_answered_and_not_in_memory(by_lines: Recorder, tmp_path: Path) -> None:
    by_lines.go.clear()
    async with intake(by_lines, tmp_path, limit=1 << 22) as queue:
        (only,) = await queue.receive([Submission(report="\n".join(LINES))])
        assert (only.status, only.pattern_id) == ("queued", None)
        assert "60 reports" in str(only.reason)
        assert queue._spool.reports == 60
        assert not queue._turns.waited_for()
        held = sum(len(turn.portions) for turn in queue._backlog._ring)
        assert held <= 1
        by_lines.go.set()
        await until_empty(queue)
    assert len(by_lines.stored) == 60


@pytest.mark.usefixtures("short_is_long")
async def test_a_long_text_with_few_reports_has_a_receipt_for_each(by_lines: Recorder, tmp_path: Path) -> None:
    async with intake(by_lines, tmp_path, limit=1 << 22) as queue:
        before, long, after = await queue.receive_each([named("a"), Submission(report="\n".join(LINES[:20])), named("b")])
    assert [one.id for one in (*before, *after)] == ["a", "b"]
    assert [one.status for one in long] == ["matched"] * 20
    assert len({one.crash_id for one in long}) == 20


@pytest.mark.usefixtures("short_is_long")
@pytest.mark.parametrize("fault", ["spool", "processes"])
async def test_a_long_text_that_does_not_fit_leaves_nothing(by_lines: Recorder, tmp_path: Path, fault: str) -> None:
    text, limit = ("\n".join(LINES), 40_000) if fault == "spool" else ("\n".join([*LINES, "FAIL"]), 1 << 22)
    async with intake(by_lines, tmp_path, limit=limit) as queue:
        with pytest.raises(TooLargeError if fault == "spool" else UnavailableError):
            await queue.receive([named("a"), Submission(report=text)])
        assert queue._spool.reports == 0
        assert statuses(await queue.receive([named("b")])) == [("b", "matched")]
    assert by_lines.stored == ["b"]
    async with intake(successor := Recorder(), tmp_path) as queue:
        assert statuses(await queue.receive([named("c")])) == [("c", "matched")]
    assert successor.stored == ["c"]


@pytest.mark.usefixtures("short_is_long")
async def test_requests_do_not_wait_for_the_backlog(by_lines: Recorder, tmp_path: Path) -> None:
    async with intake(by_lines, tmp_path, limit=1 << 22) as queue:
        by_lines.go.clear()
        await queue.receive([Submission(report="\n".join(LINES))])
        await until_blocked(by_lines)
        by_lines.blocks_named = False
        assert statuses(await asyncio.wait_for(queue.receive([named("a")]), 5)) == [("a", "matched")]
        by_lines.go.set()


@pytest.mark.usefixtures("short_is_long")
async def test_batches_of_the_backlog_are_small_while_requests_are_served(
    by_lines: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "FEW_SIGNATURES", 10)
    monkeypatch.setattr(writer_module, "RESTED_SECONDS", 0.3)
    async with intake(by_lines, tmp_path, limit=1 << 22) as queue:
        assert statuses(await queue.receive([named("a")])) == [("a", "matched")]
        await queue.receive([Submission(report="\n".join(LINES))])
        while queue._spool.reports > 30:
            assert statuses(await queue.receive([named(f"b{queue._spool.reports}")]))[0][1] == "matched"
        sizes = [len(batch) for batch in by_lines.batches if batch[0] is None]
        assert max(sizes) == 10
        await until_empty(queue)
        await asyncio.sleep(0.5)
        await queue.receive([Submission(report="\n".join(LINES))])
        await until_empty(queue)
    assert max(len(batch) for batch in by_lines.batches) > 10
