"""Tables of log records as services export them: comma-separated values, a quote in a cell written twice."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from graph.parsing.carrier.lines import CarriedLine, oldest_first
from graph.parsing.text.times import STAMP

Cell: TypeAlias = list[CarriedLine]
QUOTED_CELL = re.compile(r'(?:^|(?P<comma>[,;\t]))"')
CUT = (("", '"'), ('"', ""), ('"', '"'))
"""What the part of a cell lacks before and after it."""


def split_table(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The cells with a text of several lines, or a program's lines from the column with one in each row.

    ``None`` for a text of which a part is no row.
    """
    if not any('"' in line.text and QUOTED_CELL.search(line.text) for line in lines):
        return None
    rows = _rows(lines)
    if rows is None:
        return None
    cells = [cell for row in rows for cell in row]
    whole = [cell for cell in cells if len(cell) > 2]
    return whole or [[line for text in oldest_first(_widest_column(rows)) for line in text]]


def _widest_column(rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    """The cells of the column with most characters, a line of a program each, without the heading, which has no time."""
    records = [row for row in rows if row[0][0].stamp] or rows
    columns = [[row[index] for row in records if index < len(row)] for index in range(len(records[0]))]
    return max(columns, key=lambda column: sum(len(line.text) for lines in column for line in lines))


def _rows(lines: Sequence[CarriedLine]) -> list[list[Cell]] | None:
    """The rows of at least two cells each, all with the same number of them; a part of one cell is one cell."""
    comma = next(
        (match["comma"] for match in (QUOTED_CELL.search(line.text) for line in lines) if match and match["comma"]), ","
    )
    rows = _read(lines, comma, "", "")
    if rows is not None:
        return rows if len(rows[0]) > 1 and len({len(row) for row in rows}) == 1 else None
    for before, after in CUT if any('""' in line.text for line in lines) else ():
        rows = _read(lines, comma, before, after)
        if rows is not None:
            return rows
    return None


def _read(lines: Sequence[CarriedLine], comma: str, before: str, after: str) -> list[list[Cell]] | None:
    """The rows between what is put before and after the text; ``None`` if a part of it is no row."""
    texts = [f"{line.text}\n" for line in lines]
    texts[0] = before + texts[0]
    texts[-1] = texts[-1].rstrip("\n") + after
    reader = csv.reader(texts, delimiter=comma, strict=True)
    rows: list[list[Cell]] = []
    start = 0
    try:
        for row in reader:
            if row:
                rows.append(list(_cells(row, lines, start)))
            start = reader.line_num
    except csv.Error:
        return None
    return rows or None


def _cells(row: Sequence[str], lines: Sequence[CarriedLine], start: int) -> Iterator[Cell]:
    """The cells of a row that begins in line ``start``."""
    stamp = next((text for text in row if STAMP.match(text)), "")
    for text in row:
        texts = text.split("\n")
        yield [lines[start + index].with_text(own, stamp) for index, own in enumerate(texts)]
        start += len(texts) - 1
