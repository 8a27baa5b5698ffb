"""Exception groups: several tracebacks within a margin of ``|`` and ``+``.

A group is split at its separators and wherever the column of the margin changes. The first piece is the group itself,
every other one a member of any depth; members are listed flat, in printed order.
"""

from __future__ import annotations

import re

from graph.parsing.protocol import line_at
from graph.parsing.python.message_end import ends_message
from graph.parsing.python.trace import HEADER, MESSAGE_LINES, joins_exceptions

MARKER = "Exception Group " + HEADER
SEPARATOR = re.compile(r"\+(?:-\+)?-{8,}(?: (?:\d+|\.\.\.|timeout) -{8,})?\s*$")


def split_group(text: str, start: int, limit: int) -> tuple[list[str], int]:
    """The pieces of the group with its header line at ``start``, without margins, and where the group ends."""
    header, position = line_at(text, start, limit)
    title = header.index(MARKER)
    column = len(header[:title].rstrip()) - 1
    if column < 0 or header[column] not in "+|":
        return [], start
    prefix = header[:column].rstrip()
    pieces: list[list[str]] = [[header[title:]]]
    margin, closed = column, False
    while position < limit:
        line, after = line_at(text, position, limit)
        at = _margin_column(line, prefix, column)
        if at is None:
            # Python 3.11 prints the further lines of a message without a margin.
            last = position if closed else _next_margin(text, position, limit, prefix, column)
            if last == position:
                break
            pieces[-1].extend(text[position:last].rstrip("\r\n").replace("\r\n", "\n").split("\n"))
            position = last
            continue
        if line[at] == "+" and MARKER not in line:
            if not SEPARATOR.match(line, at):
                break
            pieces.append([])
            closed = " " not in line[at:].rstrip()
        else:
            closed = False
            if at != margin and pieces[-1]:
                pieces.append([])
            margin = at
            pieces[-1].append(line[at + 2 :])
        position = after
    return ["\n".join(piece) for piece in pieces if piece], position


def _margin_column(line: str, prefix: str, column: int) -> int | None:
    """Column of the line's margin character; ``None`` if the line is not part of the group."""
    content = line[len(prefix) :].lstrip(" \t")
    at = len(line) - len(content)
    return at if at >= column and content[:1] in {"|", "+"} else None


def _next_margin(text: str, position: int, limit: int, prefix: str, column: int) -> int:
    """Start of the next line with a margin, or ``position`` if none is near or something else starts before it."""
    start = position
    for _ in range(MESSAGE_LINES):
        line, after = line_at(text, position, limit)
        if HEADER in line or ends_message(line) or joins_exceptions(line) or after >= limit:
            break
        position = after
        if _margin_column(line_at(text, position, limit)[0], prefix, column) is not None:
            return position
    return start


def starts_group(text: str, header: int) -> bool:
    """Whether the header at ``header`` belongs to a group with a margin."""
    begin = header - len("Exception Group ")
    if begin < 2 or not text.startswith(MARKER, begin):
        return False
    return text[begin - 2 : begin] in {"+ ", "| "}
