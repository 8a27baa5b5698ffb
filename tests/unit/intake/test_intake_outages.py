"""Whatever happens to the graph or the spool, no accepted report is lost, and no request waits long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from recorder import Recorder, intake, named, statuses, until_blocked

from crashgraph.http_ingest import writer as writer_module
from graph.model.actor import ANONYMOUS, INGEST
from graph.model.errors import UnavailableError

T = TypeVar("T")


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
