"""The spool: crashes that are accepted and not in the graph yet, on disk.

A request is answered once its crashes are here, so that neither a killed service nor an absent Neo4j loses them (ADR 0018).
They are redacted before they come here. SQLite keeps them: one record per portion of a request, in order.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from crashgraph.metrics import OwnGauge, OwnHistogram
from crashgraph.spool_lock import SpoolLock
from graph.ingest.prepare import PreparedCrash
from graph.model.actor import Actor
from graph.model.errors import BusyError, InvalidInputError, TooLargeError, UnavailableError

log = logging.getLogger(__name__)

T = TypeVar("T")

LAYOUT = 1
"""Version of the records; another one is needed when records of the last can no longer be read."""
DISK_RESERVE = 256 << 20
"""Bytes of the disk that are left free: Neo4j writes there too."""
FULL_DISK_SECONDS = 60
LARGE = 16 << 20
"""Records of one request beyond this size must leave as much room to others as they take."""
REMOVAL_SECONDS = 1.0
"""Records are removed with the next ones written, or after this time. A removal that is lost is repeated by crash id."""
SHRINK_BYTES = 16 << 20
"""An empty spool gives disk space back from this size on."""

REPORTS = OwnGauge("crashgraph_reports_waiting", "Accepted reports that are not in the graph yet.")
BYTES = OwnGauge("crashgraph_spool_bytes", "Bytes of their records in the spool.")
OLDEST = OwnGauge("crashgraph_spool_oldest_seconds", "Age of the oldest of them.")
COMMITS = OwnHistogram("crashgraph_spool_commit_seconds", "Time to write a group of records to disk.")


@dataclass(frozen=True, slots=True)
class Portion:
    """Crashes of one request that are written and stored together."""

    actor: Actor
    crashes: tuple[PreparedCrash, ...]


class _Record(NamedTuple):
    reports: int
    bytes: int
    received_at: float


class Written(NamedTuple):
    """The numbers of records that were written, and the spool's version then: see :meth:`Spool.version`."""

    numbers: list[int]
    version: int


@dataclass(frozen=True, slots=True)
class _Addition:
    records: Sequence[tuple[int, bytes]]
    written: asyncio.Future[Written]


_PORTION = TypeAdapter(Portion)


def encode(portion: Portion) -> bytes:
    """The content of a record. Without the parsed report, which storing does not need."""
    return _PORTION.dump_json(portion, exclude={"crashes": {"__all__": {"parsed"}}})


def decode(layout: int, content: bytes) -> Portion | None:
    """The portion in a record; ``None`` if another version of crashgraph must read it."""
    try:
        return _PORTION.validate_json(content) if layout == LAYOUT else None
    except ValidationError as error:
        log.debug("a record of the spool cannot be read: %s", error.errors(include_input=False))
        return None


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the file of a spool: what it writes survives a power cut, what it removes is overwritten."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def opened(path: Path) -> sqlite3.Connection:
    """Open or create the file of a spool, for its owner only; ``InvalidInputError`` if it is damaged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = connect(path)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY AUTOINCREMENT, layout INTEGER NOT NULL,"
            " reports INTEGER NOT NULL, received_at REAL NOT NULL, content BLOB NOT NULL) STRICT"
        )
    except (OSError, sqlite3.DatabaseError) as error:
        raise InvalidInputError(f"{path} cannot be opened ({error}); move it away to start without it") from error
    return connection


class Spool:
    """The spool of one home. Several processes may use it; each stores what it accepted."""

    def __init__(self, path: Path, limit: int) -> None:
        """``limit`` is the most bytes of records. Use as an async context."""
        self._path = path
        self._limit = limit
        self._records: dict[int, _Record] = {}
        self._added: list[_Addition] = []
        self._removed: list[int] = []
        self._committing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, "spool")
        self._connection: sqlite3.Connection | None = None
        self._waiting, self._size, self._age = REPORTS.own(), BYTES.own(), OLDEST.own()
        self._commits = COMMITS.own()
        self.reports = 0
        self.bytes = 0

    async def __aenter__(self) -> Self:
        """Open or create the file, for its owner only; ``InvalidInputError`` if it is damaged."""
        await self._in_thread(self._open)
        self._age.set_function(self._oldest)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Write what waits, and close."""
        self._commit_soon()
        if self._committing is not None:
            await self._committing
        if self._timer is not None:
            self._timer.cancel()
        self._age.set_function(lambda: 0.0)
        await self._in_thread(self._close)
        self._thread.shutdown()

    def check(self, size: int, retry_after: int, before: int = 0) -> None:
        """Raise ``BusyError`` unless ``size`` more bytes fit; in ``retry_after`` seconds there may be room.

        ``TooLargeError`` if they never will. ``before`` are the bytes of the same request that were added already.
        """
        mine = before + size
        left_to_others = mine if mine > LARGE else 0
        if mine + left_to_others > self._limit:
            raise TooLargeError(f"{mine >> 20:,} MiB of reports at once are more than CRASHGRAPH_SPOOL_MB allows; send fewer")
        if self.bytes + size + left_to_others > self._limit:
            waiting = f"{self.reports:,} reports with {self.bytes >> 20:,} MiB wait to be stored"
            raise BusyError(f"{waiting}, and CRASHGRAPH_SPOOL_MB allows {self._limit >> 20:,} MiB", retry_after)
        if shutil.disk_usage(self._path.parent).free < DISK_RESERVE + size:
            reason = f"less than {DISK_RESERVE >> 20} MiB are free on the disk of {self._path.parent}"
            raise BusyError(f"{reason}; reports are accepted again when there are more", FULL_DISK_SECONDS)

    async def add(self, records: Sequence[tuple[int, bytes]]) -> Written:
        """Write records, each with its number of reports and a portion encoded by :func:`encode`.

        They survive a crash of the machine from then on. ``BusyError`` if the disk is full, ``UnavailableError`` if it fails.
        """
        addition = _Addition(records, asyncio.get_running_loop().create_future())
        self._count(sum(reports for reports, _ in records), sum(len(content) for _, content in records))
        self._added.append(addition)
        self._commit_soon()
        return await addition.written

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget records that are in the graph."""
        for number in numbers:
            record = self._records.pop(number, None)
            if record is not None:
                self._count(-record.reports, -record.bytes)
                self._removed.append(number)
        self._remove_later()

    async def read(self, number: int) -> Portion | None:
        """A portion; ``None`` if another process has removed it, or if another version of crashgraph must read it."""
        row = await self._in_thread(self._select, number)
        if row is None:
            self.remove([number])
            return None
        portion = decode(*row)
        if portion is None:
            log.error("record %d of %s stays there: the version of crashgraph that wrote it must store it", number, self._path)
        return portion

    async def unknown(self, older_than: float = 0.0) -> list[int]:
        """Numbers of records left by earlier or other processes, at least so many seconds old, in order."""
        rows = await self._in_thread(self._list, time.time() - older_than)
        known = self._records.keys() | self._removed
        fresh = {number: record for number, record in rows if number not in known}
        for record in fresh.values():
            self._count(record.reports, record.bytes)
        self._records.update(fresh)
        return list(fresh)

    def lock(self) -> SpoolLock:
        """A lock for one writer, to hold while it reads records and stores them; nothing changes them meanwhile."""
        return SpoolLock(self._path)

    async def version(self) -> int:
        """Another number once a process may have changed records."""
        return await self._in_thread(self._data_version)

    def _count(self, reports: int, size: int) -> None:
        self.reports += reports
        self.bytes += size
        self._waiting.set(self.reports)
        self._size.set(self.bytes)

    def _oldest(self) -> float:
        first = next(iter(self._records.values()), None)
        return max(0.0, time.time() - first.received_at) if first else 0.0

    def _remove_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(REMOVAL_SECONDS, self._commit_soon)

    def _commit_soon(self) -> None:
        self._timer = None
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all(), name="spool")

    async def _commit_all(self) -> None:
        """Write everything that waits as one group, until nothing does."""
        kept: list[int] = []
        while self._added or self._removed:
            added, self._added = self._added, []
            removed, self._removed = self._removed, []
            records = [record for addition in added for record in addition.records]
            now = time.time()
            try:
                written = await self._in_thread(self._commit, records, removed, now)
            except (BusyError, UnavailableError) as error:
                kept += removed
                self._count(-sum(reports for reports, _ in records), -sum(len(content) for _, content in records))
                for addition in added:
                    if not addition.written.cancelled():
                        addition.written.set_exception(error)
                continue
            numbers = iter(written.numbers)
            for addition in added:
                mine = {next(numbers): _Record(reports, len(content), now) for reports, content in addition.records}
                self._records.update(mine)
                if not addition.written.cancelled():
                    addition.written.set_result(Written(list(mine), written.version))
        if kept:
            self._removed = kept
            self._remove_later()

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, translated, function, *arguments)

    def _open(self) -> None:
        self._connection = opened(self._path)

    def _close(self) -> None:
        assert self._connection is not None
        self._connection.close()

    def _commit(self, records: Sequence[tuple[int, bytes]], removed: Sequence[int], now: float) -> Written:
        assert self._connection is not None
        insert = "INSERT INTO record (layout, reports, received_at, content) VALUES (?, ?, ?, ?)"
        with self._commits.time(), self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = [connection.execute(insert, (LAYOUT, reports, now, content)) for reports, content in records]
            connection.executemany("DELETE FROM record WHERE number = ?", [(number,) for number in removed])
            version = self._data_version()  # inside, so that no other process can change the records before
        if removed and self._path.stat().st_size > SHRINK_BYTES:
            self._shrink()
        return Written([row.lastrowid or 0 for row in rows], version)

    def _shrink(self) -> None:
        assert self._connection is not None
        if self._connection.execute("SELECT 1 FROM record").fetchone() is None:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _data_version(self) -> int:
        """Another number after each commit of another connection."""
        assert self._connection is not None
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _select(self, number: int) -> tuple[int, bytes] | None:
        assert self._connection is not None
        row: tuple[int, bytes] | None = self._connection.execute(
            "SELECT layout, content FROM record WHERE number = ?", (number,)
        ).fetchone()
        return row

    def _list(self, before: float) -> list[tuple[int, _Record]]:
        assert self._connection is not None
        select = "SELECT number, reports, length(content), received_at FROM record WHERE received_at <= ? ORDER BY number"
        return [(number, _Record(*record)) for number, *record in self._connection.execute(select, (before,))]


def translated(function: Callable[..., T], *arguments: object) -> T:
    """The result of a function; ``BusyError`` if the disk is full, ``UnavailableError`` if it fails."""
    try:
        return function(*arguments)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise BusyError("the disk of the spool is full; free space on it", FULL_DISK_SECONDS) from error
        raise UnavailableError(f"the spool cannot be written: {error}; see to the disk of CRASHGRAPH_HOME") from error
