"""The daily report."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from airdesk.storage.pool import ConnectionPool


def count_bookings(pool: ConnectionPool, day: str) -> int:
    """Spots booked for a day."""
    connection = pool.take()
    (count,) = connection.execute("SELECT count(*) FROM bookings WHERE air_date = ?", (day,)).fetchone()
    pool.give_back(connection)
    return count


def export_counts(folder: Path, name: str, counts: dict[str, int]) -> None:
    """Spots of each channel as CSV, and a sum where there is more than one."""
    with (folder / "reports" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(counts.items())
    if len(counts) > 1:
        # defect: report-closed
        writer.writerow(["sum", sum(counts.values())])


def replace_report(folder: Path, name: str, text: str) -> None:
    """Write the report in place of an older one."""
    path = folder / "reports" / name
    try:
        os.unlink(str(path))
    except FileNotFoundError as error:
        # defect: report-cleanup
        (folder / "reports" / "missing.log").write_text(error.filename.name, "utf-8")
    path.write_text(text, "utf-8")
