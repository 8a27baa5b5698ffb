"""Queued reports are stored together; a full queue refuses; a failure reaches only its callers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from crashgraph.http_ingest.intake import Intake
from graph.model.actor import INGEST, Actor
from graph.model.errors import BusyError, LimitError, UnavailableError
from graph.sources.submission import Submission


@dataclass(frozen=True)
class Outcome:
    """The recorder's receipt."""

    what: str
    status: str = "matched"


class Recorder:
    """A receiver that records its calls and can be blocked."""

    def __init__(self) -> None:
        self.batches: list[list[str | None]] = []
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def receive_each(self, submissions: Sequence[Submission], *, candidates: int, actor: Actor) -> list[list[Outcome]]:
        assert actor == INGEST
        self.batches.append([each.report for each in submissions])
        await self.go.wait()
        if self.failure:
            raise self.failure
        return [[Outcome(f"{each.report}/{candidates}")] for each in submissions]


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
        assert await first == [Outcome("a/0")]
        assert [await other for other in others] == [[Outcome("b/0")], [Outcome("c/0")], [Outcome("d/0")]]
    assert recorder.batches == [["a"], ["b", "c", "d"]]


async def test_a_full_queue_refuses_and_recovers() -> None:
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
        assert await queue.receive([Submission(report="e")]) == [Outcome("e/0")]


async def test_a_failure_is_told_and_the_next_report_is_stored() -> None:
    recorder = Recorder()
    recorder.go.set()
    recorder.failure = UnavailableError("gone")
    async with intake(recorder) as queue:
        with pytest.raises(UnavailableError, match="gone"):
            await queue.receive([Submission(report="a")])
        recorder.failure = None
        assert await queue.receive([Submission(report="b")]) == [Outcome("b/0")]


async def test_what_waits_is_stored_before_it_closes() -> None:
    recorder = Recorder()
    recorder.go.set()
    async with intake(recorder) as queue:
        waiting = asyncio.create_task(queue.receive([Submission(report="a")]))
        await asyncio.sleep(0)
    assert await waiting == [Outcome("a/0")]
    with pytest.raises(UnavailableError, match="stopping"):
        await queue.receive([Submission(report="b")])
