"""Reports are accepted into the spool and stored in batches; whatever happens to the graph, none is lost."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from reports import submission

from crashgraph.http_ingest import accepted as accepted_module
from crashgraph.http_ingest import intake as intake_module
from crashgraph.http_ingest import writer as writer_module
from crashgraph.http_ingest.intake import Intake
from crashgraph.spool import Spool
from crashgraph.spool_changes import SpoolChanges
from graph.ingest import preparer as preparer_module
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import ThreadPreparer
from graph.ingest.receipt import Receipt, receipt
from graph.model.actor import ANONYMOUS, INGEST, Actor
from graph.model.errors import BusyError, QueryError, TooLargeError, UnavailableError
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


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""
    for module, name, seconds in (
        (intake_module, "PATIENCE_SECONDS", 0.3),
        (writer_module, "FIRST_PAUSE_SECONDS", 0.01),
        (writer_module, "LONGEST_PAUSE_SECONDS", 0.05),
        (intake_module, "STOP_SECONDS", 0.5),
    ):
        monkeypatch.setattr(module, name, seconds)


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


async def test_what_is_dropped_from_the_spool_is_not_stored_from_memory(recorder: Recorder, tmp_path: Path) -> None:
    recorder.go.clear()
    async with intake(recorder, tmp_path) as queue:
        first = asyncio.create_task(queue.receive([named("a")]))
        await until_blocked(recorder)
        others = [asyncio.create_task(queue.receive(list(map(named, names)))) for names in ("b", "cd", "e")]
        while len(queue._turns._ring) < 3:
            await asyncio.sleep(0.01)
        changes = SpoolChanges(tmp_path / "spool.db")
        dropping = asyncio.create_task(changes.change(lambda one: None if str(one.crash.external_id) in "abc" else one))
        await asyncio.sleep(0.1)
        assert not dropping.done(), "a change waits for what is being stored"
        recorder.go.set()
        assert len((await dropping).ids) == 3, "the first one is stored, and its record not removed yet"
        assert statuses(await first) == [("a", "matched")]
        answers = [[status for _, status in statuses(await other)] for other in others]
    assert sorted(map(str, recorder.stored)) == ["a", "d", "e"]
    assert answers == [["queued"], ["queued", "queued"], ["matched"]]


async def test_what_is_dropped_while_its_request_is_accepted_is_not_stored_from_memory(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request has written its first record when it is dropped, and the writer has seen that before it is its turn."""
    monkeypatch.setattr(accepted_module, "SLICE_SUBMISSIONS", 1)
    second, go = asyncio.Event(), asyncio.Event()
    prepare = recorder.preparer.prepare

    async def slowly(submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        if submissions[0].id == "b":
            second.set()
            await go.wait()
        return await prepare(submissions, received_at)

    monkeypatch.setattr(recorder.preparer, "prepare", slowly)
    async with intake(recorder, tmp_path) as queue:
        both = asyncio.create_task(queue.receive([named("a"), named("b")]))
        await second.wait()
        dropped = await SpoolChanges(tmp_path / "spool.db").change(lambda one: None if one.crash.external_id == "a" else one)
        assert len(dropped.ids) == 1
        await queue.receive([named("c")])
        go.set()
        assert statuses(await both) == [("a", "queued"), ("b", "matched")]
    assert sorted(map(str, recorder.stored)) == ["b", "c"]


async def test_a_change_does_not_wait_for_a_busy_service(recorder: Recorder, tmp_path: Path) -> None:
    async with intake(recorder, tmp_path) as queue:
        sending = True

        async def send() -> None:
            number = 0
            while sending:
                number += 1
                await queue.receive([named(f"n{number}")])

        senders = [asyncio.create_task(send()) for _ in range(4)]
        async with asyncio.timeout(5):
            for _ in range(20):
                await SpoolChanges(tmp_path / "spool.db").change(lambda one: one)
        sending = False
        await asyncio.gather(*senders)


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
    assert sorted(map(str, recorder.stored)) == ["a", "b", "c"]


@pytest.mark.usefixtures("impatient")
async def test_a_graph_that_is_slow_is_waited_for_as_long_as_it_stores(recorder: Recorder, tmp_path: Path) -> None:
    recorder.seconds = 0.2
    async with intake(recorder, tmp_path) as queue:
        receipts = await queue.receive([named(f"n{number}") for number in range(130)])
        assert {receipt.status for receipt in receipts} == {"matched"}
        recorder.seconds = 1.0
        assert statuses(await queue.receive([named("a")])) == [("a", "queued")]
        began = asyncio.get_running_loop().time()
        assert statuses(*await queue.receive_each([named("b")], patience=0.0)) == [("b", "queued")]
        assert asyncio.get_running_loop().time() - began < 0.2


@pytest.mark.usefixtures("impatient")
async def test_a_request_whose_turn_does_not_come_is_answered(recorder: Recorder, tmp_path: Path) -> None:
    """The graph stores reports of others all the time."""
    recorder.seconds = 0.25
    async with intake(recorder, tmp_path) as queue:
        requests = [queue.receive([named(f"{turn}-{number}") for number in range(50)]) for turn in range(8)]
        answers = await asyncio.gather(*requests)
        assert answers[-1][0].status == "queued"
        assert len(recorder.stored) < 350
        while queue._spool.reports:
            await asyncio.sleep(0.01)
    assert len(recorder.stored) == 400


@pytest.mark.usefixtures("impatient")
async def test_what_is_left_is_stored_by_the_next_process(recorder: Recorder, tmp_path: Path) -> None:
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
    monkeypatch.setattr(writer_module, "SWEEP_SECONDS", 0.2)
    recorder.poison = "bad"
    async with intake(recorder, tmp_path) as queue:
        await queue.receive([named("bad")])
        recorder.poison = None
        async with intake(other := Recorder(), tmp_path) as neighbour:
            other.go.clear()
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
    monkeypatch.setattr(writer_module, "LONGEST_PAUSE_SECONDS", 0.01)
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


async def test_the_submissions_of_a_large_request_are_not_kept_in_memory(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepted_module, "SLICE_SUBMISSIONS", 10)
    recorder.go.clear()
    names = [f"n{number}" for number in range(45)]
    async with intake(recorder, tmp_path) as queue:
        waiting = asyncio.create_task(queue.receive_each([named(name) for name in names]))
        await until_blocked(recorder)
        assert sum(len(portion.crashes) for turn in queue._turns._ring for portion in turn.portions.values()) <= 10
        recorder.go.set()
        assert [group[0].id for group in await waiting] == names


async def test_a_client_that_went_away_before_a_refusal_leaves_no_error(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    prepared = asyncio.Event()

    async def slowly(submissions: Sequence[Submission], received_at: datetime) -> list[list[PreparedCrash]]:
        prepared.set()
        await asyncio.sleep(0.1)
        raise UnavailableError("no process")

    monkeypatch.setattr(recorder.preparer, "prepare", slowly)
    async with intake(recorder, tmp_path) as queue:
        gone = asyncio.create_task(queue.receive([named("a")]))
        await prepared.wait()
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        del gone
        await asyncio.sleep(0.3)
    gc.collect()
    asyncio.get_running_loop().set_exception_handler(None)
    assert unseen == []


async def test_the_end_does_not_wait_for_a_writer_that_looks_for_work(recorder: Recorder, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    for number in range(5):
        async with intake(recorder, tmp_path) as queue:
            await queue.receive([named(f"n{number}")])
            began = loop.time()
        assert loop.time() - began < intake_module.STOP_SECONDS / 2
