"""Reports are accepted into the spool and stored in batches; each request gets its receipts."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest
from recorder import Recorder, intake, named, statuses, until_blocked

from crashgraph.http_ingest import accepted as accepted_module
from crashgraph.http_ingest import intake as intake_module
from crashgraph.spool_changes import SpoolChanges
from graph.ingest.prepare import PreparedCrash
from graph.model.errors import BusyError, TooLargeError, UnavailableError
from graph.sources.submission import Submission

T = TypeVar("T")


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
