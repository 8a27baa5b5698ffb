"""Preparing in processes: equal to preparing here, bounded in time, and nothing is lost that cannot be read."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import psutil
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from crashgraph.app import healthz
from graph.ingest import process_pool, processes
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.preparer import LONG
from graph.ingest.process_pool import PoolPreparer, builder_with
from graph.model.errors import UnavailableError
from graph.model.integrity import sha256
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

pytestmark = pytest.mark.slow

KEY = b"0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def traceback(number: int) -> str:
    frame = f'  File "/srv/shop/orders{number}.py", line {number}, in load{number}\n    order["lines"]\n'
    return f"Traceback (most recent call last):\n{frame}KeyError: 'lines{number}'\n"


def sent(report: str) -> Submission:
    return Submission(report=report, timestamp=NOW)


def spin(submission: Submission) -> None:
    """What stands for an expression that backtracks: time of the processor without end."""
    while "SPIN" in (submission.report or ""):
        pass


class TroubledBuilder(CrashBuilder):
    """Takes the whole time, memory or process for texts that say so, where a defect of a parser would."""

    def _prepared(self, submission: Submission, received_at: datetime, first: int) -> list[PreparedCrash]:
        text = submission.report or ""
        spin(submission)
        if "DIE" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "SLEEP" in text:
            time.sleep(600)
        if "MEMORY" in text:
            bytearray(processes.MEMORY_LIMIT)
        if "DEFECT" in text:
            raise KeyError(text)
        return super()._prepared(submission, received_at, first)

    def unparsed(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        while "ALWAYS" in (submission.report or ""):
            pass
        return super().unparsed(submission, received_at, reason)


def build() -> CrashBuilder:
    return builder_with(KEY)


def build_troubled() -> CrashBuilder:
    return TroubledBuilder(Redactor(KEY))


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[PoolPreparer]:
    async with PoolPreparer(build, seconds=20, workers=2) as preparer:
        yield preparer


@pytest.fixture
async def troubled(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PoolPreparer]:
    monkeypatch.setattr(process_pool, "KEEPING_SECONDS", 1.0)
    monkeypatch.setattr(process_pool, "BATCH_SECONDS", 0.5)
    monkeypatch.setattr(process_pool, "PATIENCE", 15.0)
    async with PoolPreparer(build_troubled, seconds=1.0, workers=2) as preparer:
        yield preparer


async def test_the_crashes_are_those_of_one_process(pool: PoolPreparer) -> None:
    builder = CrashBuilder(Redactor(KEY))
    given = [sent(traceback(number)) for number in range(40)] + [sent("no report"), sent(traceback(1) + "\n" + traceback(2))]
    found = await pool.prepare(given, NOW)
    expected = [builder.prepare(one, NOW) for one in given]
    assert [[one.crash for one in group] for group in found] == [[one.crash for one in group] for group in expected]
    assert [[one.fingerprint for one in group] for group in found] == [[one.fingerprint for one in group] for group in expected]


async def workers(preparer: PoolPreparer) -> set[int]:
    """The ids of the processes for small texts."""
    return set((await preparer._processes._pool())._pool_manager.worker_manager.workers)


async def parts_of(preparer: PoolPreparer, text: str) -> list[list[PreparedCrash]]:
    return [part async for part in preparer.parts(sent(text), NOW, list)]


async def test_a_long_text_is_read_in_windows(pool: PoolPreparer) -> None:
    filler = "".join(f"2026-01-02 10:00:00 INFO [main] shop{number}: fine\n" for number in range(3_000))
    text = "".join(f"{filler}{traceback(number)}\n" for number in range(12))
    assert len(text) > LONG
    parts = await parts_of(pool, text)
    found = [one for part in parts for one in part]
    assert len(parts) > 1
    assert [one.crash.message for one in found] == [f"'lines{number}'" for number in range(12)]
    assert len({one.crash.crash_id for one in found}) == 12
    again = await parts_of(pool, text)
    assert [one.crash.crash_id for part in again for one in part] == [one.crash.crash_id for one in found]


async def test_a_whole_crash_is_that_of_one_process_and_can_be_explained(pool: PoolPreparer) -> None:
    found = await pool.prepare_whole(sent(traceback(1) + "\n" + traceback(2)), NOW)
    assert found == CrashBuilder(Redactor(KEY)).prepare(sent(traceback(1) + "\n" + traceback(2)), NOW)
    assert all(one.parsed is not None for one in found)


async def test_a_whole_text_that_cannot_be_read_is_unparsed(troubled: PoolPreparer) -> None:
    (kept,) = await troubled.prepare_whole(sent(f"SPIN\n{traceback(3)}"), NOW)
    assert (kept.crash.status, kept.crash.reason) == ("unparsed", "reading it took longer than 1 s")


async def test_a_long_text_without_a_report_is_kept_once(pool: PoolPreparer) -> None:
    text = "nothing of interest here\n" * (LONG // 20)
    ((kept,),) = await parts_of(pool, text)
    assert kept.crash.status == "unparsed"
    assert kept.crash.report_hash == sha256(text)


async def test_a_part_that_cannot_be_read_is_kept(troubled: PoolPreparer) -> None:
    filler = "fine, all of it\n" * (LONG // 16)
    bad = traceback(2).replace("lines2", "DEFECT")
    text = f"{traceback(1)}{filler}{bad}{filler}{traceback(3)}"
    found = [one for part in await parts_of(troubled, text) for one in part]
    assert [one.crash.message for one in found if one.crash.status == "matched"] == ["'lines1'", "'lines3'"]
    assert [one.crash.reason for one in found if one.crash.status == "unparsed"] == ["KeyError while it was read"]


async def test_long_texts_have_a_process_of_their_own_that_ends_with_them(pool: PoolPreparer) -> None:
    text = f"{traceback(1)}\n" * (2 * LONG // len(traceback(1)))
    await pool.prepare([sent(traceback(1))], NOW)
    before = children()
    parts = pool.parts(sent(text), NOW, list)
    await anext(parts)
    small = await workers(pool)
    (own,) = children() - before - small
    assert psutil.Process(own).nice() == min(19, psutil.Process().nice() + process_pool.NICENESS)
    await parts.aclose()
    assert own not in children()
    await pool.prepare([replace(sent(text), id="whole")], NOW)
    assert children() <= before | small


def children() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("SPIN", "reading it took longer than 1 s"),
        ("SLEEP", "reading it took longer than 1 s"),
        ("DIE", "reading it needed more memory than there is, or ended the process"),
        ("MEMORY", "reading it needed more memory than there is, or ended the process"),
        ("DEFECT", "KeyError while it was read"),
    ],
)
async def test_a_text_that_cannot_be_read_is_kept_and_its_neighbours_are_read(
    troubled: PoolPreparer, word: str, reason: str
) -> None:
    bad = sent(f"{word} password=Hunter2zzQ!\n{traceback(3)}")
    good = [sent(traceback(number)) for number in range(6)]
    found = await troubled.prepare([*good[:3], bad, *good[3:]], NOW)
    (kept,) = found.pop(3)
    assert [group[0].crash.status for group in found] == ["matched"] * 6
    assert (kept.crash.status, kept.crash.reason) == ("unparsed", reason)
    assert "Hunter2" not in kept.crash.report
    assert "orders3.py" in kept.crash.report


async def test_a_text_that_cannot_be_redacted_either_leaves_its_hash(troubled: PoolPreparer) -> None:
    text = f"SPIN ALWAYS password=Hunter2zzQ!\n{traceback(3)}"
    ((kept,),) = await troubled.prepare([sent(text)], NOW)
    assert kept.crash.report == ""
    assert kept.crash.report_hash == sha256(text)
    assert "Hunter2" not in repr(kept)


async def test_a_hanging_text_does_not_delay_others(troubled: PoolPreparer) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    hanging = asyncio.create_task(troubled.prepare([sent("SLEEP")], NOW))
    await asyncio.sleep(0.2)
    await asyncio.gather(*(troubled.prepare([sent(traceback(number))], NOW) for number in range(20)))
    others = clock() - began
    assert not hanging.done()
    await hanging
    assert others < (clock() - began) / 2, "others do not share the time limits of the hanging one"


async def test_a_pool_that_lost_its_idle_processes_starts_new_ones() -> None:
    async with PoolPreparer(build, seconds=20, workers=2) as preparer:
        for pid in await workers(preparer):
            psutil.Process(pid).kill()
        await asyncio.sleep(1)
        ((item,),) = await preparer.prepare([sent(traceback(1))], NOW)
        assert item.crash.status == "matched"


async def slowest_health(until: asyncio.Future[Any]) -> float:
    """Seconds of the slowest answer of /healthz, from the moment at which it was to be asked."""
    clock, slowest = asyncio.get_running_loop().time, 0.0
    transport = httpx.ASGITransport(Starlette(routes=[Route("/healthz", healthz)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        while not until.done():
            due = clock() + 0.01
            await asyncio.sleep(0.01)
            assert (await client.get("/healthz")).status_code == 200
            slowest = max(slowest, clock() - due)
    return slowest


def reading_processes() -> list[psutil.Process]:
    """The processes that read reports, and the one that starts them."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += [child] if "forkserver" in " ".join(child.cmdline()) else []
    return found


async def test_the_service_answers_while_its_processes_are_killed_and_come_back() -> None:
    async with PoolPreparer(build, seconds=20, workers=2) as preparer:
        await preparer.prepare([sent(traceback(1))], NOW)
        usual = await slowest_health(asyncio.ensure_future(asyncio.sleep(1)))
        killed = reading_processes()
        assert len(killed) >= 3
        for process in killed:
            process.kill()
        await asyncio.sleep(0.5)
        back = asyncio.create_task(preparer.prepare([sent(traceback(1))], NOW))
        slowest = await slowest_health(back)
        ((item,),) = await back
        assert item.crash.status == "matched"
        assert slowest < max(0.2, 2 * usual), "a busy machine is slow without it too"


def build_dying() -> CrashBuilder:
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return builder_with(KEY)


async def test_without_a_process_a_report_is_refused_and_not_accepted_without_its_text() -> None:
    async with PoolPreparer(build_dying, seconds=20, workers=2) as preparer:
        with pytest.raises(UnavailableError, match="end as soon as they start"):
            await preparer.prepare([sent(traceback(1)), sent(traceback(2))], NOW)
        with pytest.raises(UnavailableError, match="end as soon as they start"):
            await anext(preparer.parts(sent(traceback(1)), NOW, list))
