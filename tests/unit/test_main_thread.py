"""Preparing in the main thread of a command: bounded in time, and interrupted by Ctrl-C."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from datetime import UTC, datetime

import pytest

from graph.ingest import main_thread
from graph.ingest.limits import within
from graph.ingest.main_thread import MainThreadPreparer
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TRACEBACK = 'Traceback (most recent call last):\n  File "/srv/shop/orders.py", line 3, in load\n    x\nKeyError: 1\n'
SECONDS = 0.3


def hang(submission: Submission) -> None:
    """An expression that backtracks without end, as a defect of a parser would."""
    if "HANG" in (submission.report or ""):
        re.match("(a+)+$", "a" * 60 + "b")


class TroubledBuilder(CrashBuilder):
    def _prepared(self, submission: Submission, received_at: datetime, first: int) -> list[PreparedCrash]:
        hang(submission)
        if "DEFECT" in (submission.report or ""):
            raise KeyError(submission.report)
        return super()._prepared(submission, received_at, first)

    def unparsed(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        if "ALWAYS" in (submission.report or ""):
            hang(submission)
        return super().unparsed(submission, received_at, reason)


@pytest.fixture
def preparer(monkeypatch: pytest.MonkeyPatch) -> MainThreadPreparer:
    monkeypatch.setattr(main_thread, "KEEPING_SECONDS", SECONDS)
    return MainThreadPreparer(TroubledBuilder(Redactor(b"k" * 32)), seconds=SECONDS)


async def prepared(preparer: MainThreadPreparer, *texts: str) -> list[PreparedCrash]:
    groups = await preparer.prepare([Submission(report=text, timestamp=NOW) for text in texts], NOW)
    return [item for group in groups for item in group]


async def test_a_report_that_takes_too_long_is_kept_and_its_neighbours_are_read(preparer: MainThreadPreparer) -> None:
    first, hanging, defect, last = await prepared(preparer, TRACEBACK, "HANG " * 20_000, "DEFECT", TRACEBACK)
    assert [one.crash.status for one in (first, hanging, defect, last)] == ["matched", "unparsed", "unparsed", "matched"]
    assert hanging.crash.reason == "reading it took longer than 0 s"
    assert hanging.crash.report.startswith("HANG")
    assert defect.crash.reason == "KeyError while it was read"


async def test_a_report_that_cannot_be_redacted_either_is_kept_without_its_text(preparer: MainThreadPreparer) -> None:
    (kept,) = await prepared(preparer, f"HANG ALWAYS {TRACEBACK}")
    assert kept.crash.report == ""
    assert (kept.crash.reason or "").startswith(
        "reading it took longer than 0 s; its text is not stored: to redact it, reading"
    )


async def test_other_tasks_have_turns(preparer: MainThreadPreparer) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await prepared(preparer, *[TRACEBACK] * 50)
    counting.cancel()
    assert turns >= 50


def interrupted(_: int, __: object) -> None:
    raise AssertionError("the handler of the program")


def interrupt_and_hang() -> None:
    signal.raise_signal(signal.SIGINT)
    hang(Submission(report="HANG"))


def test_ctrl_c_interrupts_what_hangs_and_is_left_to_its_handler_otherwise() -> None:
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            within(60, interrupt_and_hang)
        assert time.monotonic() - began < 10
        assert signal.getsignal(signal.SIGINT) is interrupted
        with pytest.raises(AssertionError, match="the handler of the program"):
            within(60, signal.raise_signal, signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
