"""Exception groups: what is drawn with ``|`` and ``+`` around several tracebacks.

A group's region is cut at its separators and wherever the column of the margin changes. The first piece is the group
itself, every other one a member, at whatever depth; members are listed flat, in the order they were printed.
"""

from __future__ import annotations

import re

from graph.ingest.parsers.base import line_at
from graph.ingest.parsers.python_block import HEADER

MARKER = "Exception Group " + HEADER
SEPARATOR = re.compile(r"\+(?:-\+)?-{8,}(?: (?:\d+|\.\.\.|timeout) -{8,})?\s*$")


def region(text: str, start: int, limit: int) -> tuple[list[str], int]:
    """The pieces of the group whose header line starts at ``start``, margins removed, and where it ends."""
    header, position = line_at(text, start, limit)
    title = header.index(MARKER)
    column = len(header[:title].rstrip()) - 1
    if column < 0 or header[column] not in "+|":
        return [], start
    prefix = header[:column].rstrip()
    pieces: list[list[str]] = [[header[title:]]]
    margin = column
    while position < limit:
        line, after = line_at(text, position, limit)
        at = _margin(line, prefix, column)
        if at is None:
            break
        if line[at] == "+" and MARKER not in line:
            if not SEPARATOR.match(line, at):
                break
            pieces.append([])
        else:
            if at != margin and pieces[-1]:
                pieces.append([])
            margin = at
            pieces[-1].append(line[at + 2 :])
        position = after
    return ["\n".join(piece) for piece in pieces if piece], position


def _margin(line: str, prefix: str, column: int) -> int | None:
    """Column of the line's margin character, or ``None`` when the line is not part of the group."""
    body = line[len(prefix) :].lstrip(" ")
    at = len(line) - len(body)
    return at if at >= column and body[:1] in {"|", "+"} else None


def starts_group(text: str, header: int) -> bool:
    """Whether the header found at ``header`` is that of a group with a margin."""
    begin = header - len("Exception Group ")
    if begin < 2 or not text.startswith(MARKER, begin):
        return False
    return text[begin - 2 : begin] in {"+ ", "| "}
