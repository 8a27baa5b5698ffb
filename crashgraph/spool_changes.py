"""Changes what waits in the spool, from any process of the home, whether a service runs or not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from crashgraph.spool import connect, decode, encode, translated
from crashgraph.spool_lock import SpoolLock
from graph.erasure.waiting import Change, WaitingChanges


class SpoolChanges:
    """Implements ``graph.erasure.waiting.WaitingReports`` on the spool of one home."""

    def __init__(self, path: Path) -> None:
        """``path`` is the spool's file, which need not exist."""
        self._path = path

    async def change(self, change: Change, *, dry_run: bool = False) -> WaitingChanges:
        """Change each crash, a record at a time; ``UnavailableError`` if the disk fails."""
        if not self._path.exists():
            return WaitingChanges()
        async with nullcontext() if dry_run else SpoolLock(self._path).changing():
            return await asyncio.to_thread(translated, self._change, change, dry_run)

    def _change(self, change: Change, dry_run: bool) -> WaitingChanges:
        ids: list[str] = []
        unread = 0
        with closing(connect(self._path)) as connection:
            for number, reports, layout, content in _records(connection):
                portion = decode(layout, content)
                if portion is None:
                    unread += reports
                    continue
                pairs = [(one, change(one)) for one in portion.crashes]
                changed = [old.crash.crash_id for old, new in pairs if new is not old]
                ids += changed
                if changed and not dry_run:
                    crashes = tuple(new for _, new in pairs if new is not None)
                    if crashes:
                        row = (encode(replace(portion, crashes=crashes)), len(crashes), number)
                        connection.execute("UPDATE record SET content = ?, reports = ? WHERE number = ?", row)
                    else:
                        connection.execute("DELETE FROM record WHERE number = ?", (number,))
            if ids and not dry_run:
                # The log beside the file holds what was overwritten.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return WaitingChanges(tuple(ids), unread)


def _records(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int, bytes]]:
    """Number, number of reports, layout and content of each record; one at a time, as a service may remove them meanwhile."""
    number = 0
    select = "SELECT number, reports, layout, content FROM record WHERE number > ? ORDER BY number LIMIT 1"
    while row := connection.execute(select, (number,)).fetchone():
        number = row[0]
        yield row
