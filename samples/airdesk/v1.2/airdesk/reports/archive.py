"""The archive of daily reports: a database of limited size."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def keep(folder: Path, lines: list[str], pages: int = 64) -> None:
    """Keep the report in an archive of limited size."""
    connection = sqlite3.connect(folder / "archive.sqlite")
    try:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        connection.execute("CREATE TABLE IF NOT EXISTS report (line TEXT)")
        # defect: report-disk/2
        connection.executemany("INSERT INTO report VALUES (?)", [(line,) for line in lines])
    finally:
        connection.close()
