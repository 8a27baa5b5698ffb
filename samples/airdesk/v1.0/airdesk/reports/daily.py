"""The daily report."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from airdesk.storage.pool import ConnectionPool


def count_bookings(pool: ConnectionPool, day: str) -> int:
    """Spots booked for a day."""
    connection = pool.take()
    (count,) = connection.execute("SELECT count(*) FROM bookings WHERE air_date = ?", (day,)).fetchone()
    pool.give_back(connection)
    return count


def archive(folder: Path, lines: list[str], pages: int = 64) -> None:
    """Keep the report in an archive of limited size."""
    connection = sqlite3.connect(folder / "archive.sqlite")
    try:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connection.execute("CREATE TABLE IF NOT EXISTS report (line TEXT)")
        # defect: report-disk
        connection.executemany("INSERT INTO report VALUES (?)", [(line,) for line in lines])
    finally:
        connection.close()


def replace_report(folder: Path, name: str, text: str) -> None:
    """Write the report in place of an older one."""
    path = folder / "reports" / name
    try:
        os.unlink(str(path))
    except FileNotFoundError as error:
        # defect: report-cleanup
        (folder / "reports" / "missing.log").write_text(error.filename.name, "utf-8")
    path.write_text(text, "utf-8")
