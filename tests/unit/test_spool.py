"""What is in the spool survives the process; it is bounded, private, and gives its space back."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from reports import submission

from crashgraph import spool as spool_module
from crashgraph.spool import LAYOUT, Portion, Spool, encode
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.model.actor import INGEST, person
from graph.model.errors import BusyError, InvalidInputError, TooLargeError, UnavailableError
from graph.redaction.redactor import Redactor

BUILDER = CrashBuilder(Redactor(b"k" * 32))
OWN = {"organisation": "default"}
RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def crash(number: int) -> PreparedCrash:
    (made,) = BUILDER.prepare(submission(number % 4, number, user="ann", environment={"os": "linux"}), RECEIVED)
    return made


def portion(*numbers: int) -> Portion:
    return Portion(person("ann"), tuple(map(crash, numbers)))


async def add(spool: Spool, *portions: Portion) -> list[int]:
    return (await spool.add([(len(each.crashes), encode(each)) for each in portions])).numbers


def unparsed(made: Portion) -> Portion:
    """As it is read back: without what was only parsed."""
    return replace(made, crashes=tuple(replace(one, parsed=None) for one in made.crashes))


async def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    first, second = portion(1, 2), Portion(INGEST, (crash(3),))
    async with Spool(tmp_path / "home" / "spool.db", 1 << 20) as spool:
        numbers = await add(spool, first, second)
        assert (spool.reports, spool.bytes) == (3, len(encode(first)) + len(encode(second)))
    async with Spool(tmp_path / "home" / "spool.db", 1 << 20) as again:
        assert await again.unknown() == numbers
        assert (again.reports, again.bytes) == (3, len(encode(first)) + len(encode(second)))
        assert [await again.read(number) for number in numbers] == [unparsed(first), unparsed(second)]
        again.remove(numbers[:1])
    async with Spool(tmp_path / "home" / "spool.db", 1 << 20) as last:
        assert await last.unknown() == numbers[1:]


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from crashgraph.spool import Spool
from test_spool import add, portion

async def main():
    async with Spool(Path(sys.argv[1]), 1 << 20) as spool:
        await asyncio.gather(*(add(spool, portion(number)) for number in range(20)))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_added_survives_a_kill(tmp_path: Path) -> None:
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(tmp_path / "spool.db"), *folders)
    assert await killed.wait() == -signal.SIGKILL
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        read = [await spool.read(number) for number in await spool.unknown()]
    assert {one.crashes[0].crash.crash_id for one in read if one} == {crash(number).crash.crash_id for number in range(20)}


async def test_what_waits_is_written_by_one_transaction(tmp_path: Path) -> None:
    before = REGISTRY.get_sample_value("crashgraph_spool_commit_seconds_count", OWN) or 0
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        await asyncio.gather(*(add(spool, portion(number)) for number in range(50)))
        # The first one goes alone; those that came while it was written follow together.
        assert (REGISTRY.get_sample_value("crashgraph_spool_commit_seconds_count", OWN) or 0) - before <= 2
        assert REGISTRY.get_sample_value("crashgraph_reports_waiting", OWN) == 50
        assert (REGISTRY.get_sample_value("crashgraph_spool_oldest_seconds", OWN) or 0) > 0


async def test_a_full_spool_refuses_and_recovers(tmp_path: Path) -> None:
    size = len(encode(portion(1)))
    async with Spool(tmp_path / "spool.db", 2 * size) as spool:
        numbers = await add(spool, portion(1))
        spool.check(size, 7)
        with pytest.raises(BusyError, match=r"1 reports .* CRASHGRAPH_SPOOL_MB") as busy:
            spool.check(size + 1, 7)
        assert busy.value.retry_after == 7
        with pytest.raises(TooLargeError, match="send fewer"):
            spool.check(2 * size + 1, 7)
        spool.remove(numbers)
        spool.check(2 * size, 7)
        assert await spool.unknown() == []


async def test_a_large_request_leaves_room_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "LARGE", 1_000)
    async with Spool(tmp_path / "spool.db", 10_000) as spool:
        with pytest.raises(TooLargeError, match="send fewer"):
            spool.check(5_001, 7)
        spool.check(5_000, 7)
        await spool.add([(1, b"x" * 4_000)])
        spool.check(1_000, 7, before=2_000)
        spool.check(0, 7, before=4_000)
        with pytest.raises(BusyError, match="wait to be stored"):
            spool.check(3_001, 7)
        spool.check(1_000, 7)


async def test_a_disk_that_is_nearly_full_is_left_to_neo4j(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        spool.check(100, 1)
        monkeypatch.setattr(spool_module, "DISK_RESERVE", 1 << 60)
        with pytest.raises(BusyError, match="free on the disk") as busy:
            spool.check(100, 1)
        assert busy.value.retry_after == 60


async def test_a_disk_that_fails_is_reported_and_costs_nothing(tmp_path: Path) -> None:
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        kept = await add(spool, portion(1))
        with sqlite3.connect(tmp_path / "spool.db") as other:
            other.execute("CREATE TRIGGER failing BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'I/O error'); END")
        spool.remove(kept)
        with pytest.raises(UnavailableError, match="I/O error"):
            await add(spool, portion(2))
        with sqlite3.connect(tmp_path / "spool.db") as other:
            other.execute("DROP TRIGGER failing")
        (number,) = await add(spool, portion(3))
        assert (spool.reports, spool.bytes) == (1, len(encode(portion(3))))
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        assert await spool.unknown() == [number]


async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        await add(spool, portion(1))
        assert {path.stat().st_mode & 0o777 for path in files(tmp_path)} == {0o600}


async def test_an_empty_spool_is_small_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SHRINK_BYTES", 1 << 18)
    async with Spool(tmp_path / "spool.db", 64 << 20) as spool:
        numbers = await add(spool, *[portion(*range(50))] * 100)
        spool.remove(numbers[1:])
        (last,) = await add(spool, portion(1))
        assert (tmp_path / "spool.db").stat().st_size > 1 << 20
        spool.remove([numbers[0], last])
        while spool._removed:
            await asyncio.sleep(0.05)
        await spool.unknown()
        assert sum(path.stat().st_size for path in files(tmp_path)) < 1 << 18


async def test_a_record_that_another_process_stored_is_left_out(tmp_path: Path) -> None:
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool, Spool(tmp_path / "spool.db", 1 << 20) as other:
        numbers = await add(spool, portion(1), portion(2))
        assert await other.unknown(older_than=60) == []
        assert await other.unknown() == numbers
        other.remove(numbers[:1])
        await add(other, portion(3))
        assert await spool.read(numbers[0]) is None
        assert spool.reports == 1


async def test_a_record_of_an_unknown_layout_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        numbers = await add(spool, portion(1), portion(2))
        with sqlite3.connect(tmp_path / "spool.db") as other:
            other.execute("UPDATE record SET layout = ? WHERE number = ?", (LAYOUT + 1, numbers[0]))
            other.execute("UPDATE record SET content = ? WHERE number = ?", (b'{"actor": 1}', numbers[1]))
        assert [await spool.read(number) for number in numbers] == [None, None]
        assert "stays there" in caplog.text
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        assert await spool.unknown() == numbers


async def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(os.urandom(8192))
    with pytest.raises(InvalidInputError, match=r"spool\.db cannot be opened .*; move it away"):
        await Spool(tmp_path / "spool.db", 1 << 20).__aenter__()


RECORD = (Path(__file__).parent / "data" / "spool_record_1.json").read_bytes()


async def test_records_of_this_layout_can_be_read_for_good(tmp_path: Path) -> None:
    """A crash that gets a field without default needs a new layout, and a way to read this one."""
    async with Spool(tmp_path / "spool.db", 1 << 20) as spool:
        ((number,), _) = await spool.add([(1, RECORD)])
        read = await spool.read(number)
    assert read is not None
    assert (read.actor, read.crashes[0].crash.title) == (person("ann"), "ZeroDivisionError: division by zero")
