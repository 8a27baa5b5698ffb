"""Ratings: how many watched."""

from __future__ import annotations

import gzip
from pathlib import Path


def read_panel(path: Path) -> list[float]:
    """Ratings of one day, minute by minute, from the panel's compressed file."""
    # defect: ratings-archive/2
    with gzip.open(path, "rt", encoding="ascii") as file:
        # defect: ratings-archive/2 when EOFError
        lines = file.read().split()
    return [float(line) for line in lines]


def write_workbook(path: Path, ratings: list[float]) -> None:
    """Write ratings for those who live in spreadsheets."""
    # defect: ratings-workbook/2
    import airdesk_workbooks

    book = airdesk_workbooks.Workbook()
    book.active.append(ratings)
    book.save(path)
