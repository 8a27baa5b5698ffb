"""Queued reports are stored in batches; a full queue rejects; a failure reaches only its callers."""

import asyncio
from collections.abc import Sequence

import pytest

from crashgraph.http_ingest.intake import Intake
from graph.ingest.receipt import Receipt
from graph.model.actor import INGEST, Actor
from graph.model.errors import BusyError, LimitError, UnavailableError
from graph.sources.submission import Submission


def outcome(crash_id: str) -> Receipt:
    return Receipt(
        source="",
        id=None,
        crash_id=crash_id,
        pattern_id=None,
        pattern_name=None,
        strategy=None,
        confidence=None,
        is_new=False,
        status="matched",
        reason=None,
        format="python",
        error_type=None,
        top_frame=None,
        culprit=None,
        frame_count=0,
    )


class Recorder:
    """A receiver that records its calls and can be blocked."""

    def __init__(self) -> None:
        self.batches: list[list[str | None]] = []
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def receive_each(self, submissions: Sequence[Submission], *, candidates: int, actor: Actor) -> list[list[Receipt]]:
        assert actor == INGEST
        self.batches.append([each.report for each in submissions])
        await self.go.wait()
        if self.failure:
            raise self.failure
        return [[outcome(f"{each.report}/{candidates}")] for each in submissions]


def intake(recorder: Recorder, queue_size: int = 100) -> Intake:
    return Intake(recorder, batch_size=50, queue_size=queue_size)  # type: ignore[arg-type]  # it has the one method that is used


async def test_callers_that_wait_share_a_batch() -> None:
    recorder = Recorder()
    async with intake(recorder) as queue:
        first = asyncio.create_task(queue.receive([Submission(report="a")]))
        while not recorder.batches:
            await asyncio.sleep(0)
        others = [asyncio.create_task(queue.receive([Submission(report=name)])) for name in "bcd"]
        await asyncio.sleep(0)
        recorder.go.set()
        assert await first == [outcome("a/0")]
        assert [await other for other in others] == [[outcome("b/0")], [outcome("c/0")], [outcome("d/0")]]
    assert recorder.batches == [["a"], ["b", "c", "d"]]


async def test_a_full_queue_rejects_and_recovers() -> None:
    recorder = Recorder()
    async with intake(recorder, queue_size=2) as queue:
        first = asyncio.create_task(queue.receive([Submission(report="a")]))
        while not recorder.batches:
            await asyncio.sleep(0)
        second = asyncio.create_task(queue.receive([Submission(report="b"), Submission(report="c")]))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="wait") as busy:
            await queue.receive([Submission(report="d")])
        assert 1 <= busy.value.retry_after <= 60
        with pytest.raises(LimitError, match="at most 2"):
            await queue.receive([Submission(report=name) for name in "xyz"])
        recorder.go.set()
        await asyncio.gather(first, second)
        assert await queue.receive([Submission(report="e")]) == [outcome("e/0")]


async def test_a_failure_is_raised_and_the_next_report_is_stored() -> None:
    recorder = Recorder()
    recorder.go.set()
    recorder.failure = UnavailableError("gone")
    async with intake(recorder) as queue:
        with pytest.raises(UnavailableError, match="gone"):
            await queue.receive([Submission(report="a")])
        recorder.failure = None
        assert await queue.receive([Submission(report="b")]) == [outcome("b/0")]


async def test_queued_reports_are_stored_before_closing() -> None:
    recorder = Recorder()
    recorder.go.set()
    async with intake(recorder) as queue:
        waiting = asyncio.create_task(queue.receive([Submission(report="a")]))
        await asyncio.sleep(0)
    assert await waiting == [outcome("a/0")]
    with pytest.raises(UnavailableError, match="stopping"):
        await queue.receive([Submission(report="b")])
