"""Reports are accepted into the spool and stored in batches; whatever happens to the graph, none is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from reports import submission

from crashgraph.http_ingest import intake as intake_module
from crashgraph.http_ingest.intake import Intake
from crashgraph.spool import Spool
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import ThreadPreparer
from graph.ingest.receipt import Receipt, receipt
from graph.model.actor import ANONYMOUS, INGEST, Actor
from graph.model.errors import BusyError, QueryError, TooLargeError, UnavailableError
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission


class Recorder:
    """Stands where the graph is: it records what is stored, and can be blocked or fail."""

    def __init__(self) -> None:
        self.preparer = ThreadPreparer(CrashBuilder(Redactor(b"k" * 32)))
        self.batches: list[list[str | None]] = []
        self.stored: list[str | None] = []
        self.actors: set[Actor] = set()
        self.go = asyncio.Event()
        self.go.set()
        self.failures: list[Exception] = []
        self.poison: str | None = None
        self.answers = True

    async def store(self, crashes: Sequence[PreparedCrash], *, candidates: int = 0, actor: Actor = INGEST) -> list[Receipt]:
        names = [crash.crash.external_id for crash in crashes]
        self.batches.append(names)
        self.actors.add(actor)
        await self.go.wait()
        if self.poison in names:
            raise QueryError("refused")
        if self.failures:
            raise self.failures.pop(0)
        self.stored += names
        return [receipt(crash, None, repeated=False, candidates=candidates) for crash in crashes]

    async def ping(self) -> None:
        if not self.answers:
            raise UnavailableError("gone")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""
    for name, seconds in (
        ("PATIENCE_SECONDS", 0.3),
        ("WATCH_SECONDS", 0.05),
        ("FIRST_PAUSE_SECONDS", 0.01),
        ("LONGEST_PAUSE_SECONDS", 0.05),
        ("STOP_SECONDS", 0.5),
    ):
        monkeypatch.setattr(intake_module, name, seconds)


def intake(recorder: Recorder, tmp_path: Path, *, limit: int = 1 << 20, ready: asyncio.Event | None = None) -> Intake:
    return Intake(recorder, Spool(tmp_path / "spool.db", limit), batch_size=50, ready=ready)


def named(name: str) -> Submission:
    return submission(0, id=name)


def statuses(receipts: Sequence[Receipt]) -> list[tuple[str | None, str]]:
    return [(one.id, one.status) for one in receipts]


async def until_blocked(recorder: Recorder) -> None:
    while not recorder.batches:
        await asyncio.sleep(0.01)


async def test_callers_that_wait_share_a_batch(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        first = asyncio.create_task(queue.receive([named("a")]))
        await until_blocked(recorder)
        others = [asyncio.create_task(queue.receive([named(name)])) for name in "bcd"]
        while len(queue._turns._ring) < 3:
            await asyncio.sleep(0.01)
        recorder.go.set()
        assert statuses(await first) == [("a", "matched")]
        assert [statuses(await other) for other in others] == [[("b", "matched")], [("c", "matched")], [("d", "matched")]]
        assert queue._spool.reports == 0
    assert [sorted(map(str, batch)) for batch in recorder.batches] == [["a"], ["b", "c", "d"]]


async def test_receipts_keep_the_order_over_many_batches(recorder: Recorder, tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(130)]
    async with intake(recorder, tmp_path) as queue:
        groups = await queue.receive_each([named(name) for name in names])
    assert [group[0].id for group in groups] == names
    assert list(map(len, recorder.batches)) == [50, 50, 30]


async def test_a_full_spool_refuses_and_recovers(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path, limit=9_000) as queue:
        first = asyncio.create_task(queue.receive([named(name) for name in "abc"]))
        await until_blocked(recorder)
        with pytest.raises(BusyError, match="wait to be stored") as busy:
            await queue.receive([named("d"), named("e")])
        assert 1 <= busy.value.retry_after <= 60
        with pytest.raises(TooLargeError, match="send fewer"):
            await queue.receive([named(str(number)) for number in range(9)])
        recorder.go.set()
        assert len(await first) == 3
        assert statuses(await queue.receive([named("e")])) == [("e", "matched")]
    assert recorder.stored == ["a", "b", "c", "e"]


@pytest.mark.usefixtures("impatient")
async def test_a_graph_that_is_away_costs_no_report_and_little_time(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    recorder.answers = False
    async with intake(recorder, tmp_path) as queue:
        (first,) = await queue.receive([named("a")])
        assert (first.status, first.pattern_id, first.error_type) == ("queued", None, "KeyError")
        assert "safe on disk" in str(first.reason)
        began = asyncio.get_running_loop().time()
        assert statuses(await queue.receive([named("b")])) == [("b", "queued")]
        assert asyncio.get_running_loop().time() - began < 0.2, "once it is known to be away, nobody waits"
        assert queue._spool.reports == 2
        recorder.failures = [UnavailableError("gone"), UnavailableError("still gone")]
        recorder.go.set()
        while queue._spool.reports:
            await asyncio.sleep(0.01)
        assert statuses(await queue.receive([named("c")])) == [("c", "matched")]
    assert recorder.stored == ["a", "b", "c"]


@pytest.mark.usefixtures("impatient")
async def test_a_graph_that_is_slow_is_waited_for(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        waiting = asyncio.create_task(queue.receive([named("a")]))
        await asyncio.sleep(1.0)
        assert not waiting.done(), "it answers, so the report will be stored soon"
        recorder.go.set()
        assert statuses(await waiting) == [("a", "matched")]


@pytest.mark.usefixtures("impatient")
async def test_what_is_left_is_stored_by_the_next_process(recorder: Recorder, tmp_path: Path) -> None:
    recorder.answers = False
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        assert (await queue.receive([named("a")], actor=ANONYMOUS))[0].status == "queued"
    successor = Recorder()
    async with intake(successor, tmp_path) as queue:
        assert statuses(await queue.receive([named("b")])) == [("b", "matched")]
        while queue._spool.reports:
            await asyncio.sleep(0.01)
    assert sorted(map(str, successor.stored)) == ["a", "b"]
    assert successor.actors == {ANONYMOUS, INGEST}


@pytest.mark.usefixtures("impatient")
async def test_a_record_that_cannot_be_stored_holds_no_other_up(
    recorder: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.poison = "bad"
    async with intake(recorder, tmp_path) as queue:
        answers = await asyncio.gather(*(queue.receive([named(name)]) for name in ("a", "bad", "b", "c")))
        assert {id: status for one in answers for id, status in statuses(one)} == {
            "a": "matched",
            "bad": "queued",
            "b": "matched",
            "c": "matched",
        }
        assert queue._spool.reports == 1
    assert "stay in the spool" in caplog.text
    async with intake(successor := Recorder(), tmp_path) as queue:
        while queue._spool.reports:
            await asyncio.sleep(0.01)
    assert successor.stored == ["bad"]


@pytest.mark.usefixtures("impatient")
async def test_what_was_set_aside_or_left_by_others_is_tried_again(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "SWEEP_SECONDS", 0.2)
    recorder.poison = "bad"
    async with intake(recorder, tmp_path) as queue:
        await queue.receive([named("bad")])
        recorder.poison = None
        async with intake(other := Recorder(), tmp_path) as neighbour:
            other.go.clear()
            other.answers = False
            await neighbour.receive([named("left")])
        while len(recorder.stored) < 2:
            await asyncio.sleep(0.01)
    assert sorted(map(str, recorder.stored)) == ["bad", "left"]


async def test_nothing_is_stored_before_the_graph_is_ready(recorder: Recorder, tmp_path: Path) -> None:
    ready = asyncio.Event()
    async with intake(recorder, tmp_path, ready=ready) as queue:
        waiting = asyncio.create_task(queue.receive([named("a")]))
        while not queue._spool.reports:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert recorder.batches == []
        ready.set()
        assert statuses(await waiting) == [("a", "matched")]


async def test_a_client_that_goes_away_costs_no_report(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        waiting = asyncio.create_task(queue.receive([named("a")]))
        await until_blocked(recorder)
        gone = asyncio.create_task(queue.receive([named("b")]))
        while queue._spool.reports < 2:
            await asyncio.sleep(0.001)
        gone.cancel()
        recorder.go.set()
        await waiting
        while queue._spool.reports:
            await asyncio.sleep(0.01)
    assert recorder.stored == ["a", "b"]


async def test_queued_reports_are_stored_before_closing(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        waiting = asyncio.create_task(queue.receive([named("a")]))
        await until_blocked(recorder)
        recorder.go.set()
    assert statuses(await waiting) == [("a", "matched")]
    with pytest.raises(UnavailableError, match="stopping"):
        await queue.receive([named("b")])


async def test_a_failure_of_the_spool_does_not_end_the_writer(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(intake_module, "LONGEST_PAUSE_SECONDS", 0.01)
    caplog.set_level(logging.ERROR)
    async with intake(recorder, tmp_path) as queue:
        failing = [OSError("disk")]
        remove = queue._spool.remove

        def removing(numbers: Sequence[int]) -> None:
            if failing:
                raise failing.pop()
            remove(numbers)

        monkeypatch.setattr(queue._spool, "remove", removing)
        waiting = asyncio.create_task(queue.receive([named("a")]))
        await until_blocked(recorder)
        assert statuses(await queue.receive([named("b")])) == [("b", "matched")]
        waiting.cancel()
    assert "goes on" in caplog.text
