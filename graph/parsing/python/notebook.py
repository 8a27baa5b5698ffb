"""Tracebacks as IPython and Jupyter print them, in their old and new spellings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT, line_at
from graph.parsing.python.modules import place
from graph.parsing.python.trace import HEADER, Link, bare, folded, is_chain

HEAD = re.compile(r"(?:.*\s)?([A-Za-z_][\w.]*)\s{2,}Traceback \(most recent call last\)\s*$")
CELL = re.compile(r"(?:Cell |Input )In ?\[(\d{1,9})\](?:, line (\d{1,9}))?(?:, in ([^\n]{1,500}))?\s*$")
FILE = re.compile(r"File ([^\n]{1,1000}):(\d{1,9})(?:, in ([^\n]{1,2000}))?\s*$")
OLD = re.compile(r"((?:[/~.<]|[A-Za-z]:\\)[^\n]{0,1000}?) in ([\w<>.]+)(?:\([^\n]*)?\s*$")
ARROW = re.compile(r"-{1,10}> ?(\d{1,9})(?:\s|$)")
SYNTAX = re.compile(r"(?:SyntaxError|IndentationError|TabError)\b")
CELL_START = "Cell In["
LINES = 20_000
SOURCE_LINES = 4
OLD_BEGINS = frozenset("/~.<")
MAIN = "__main__"


def is_notebook(line: str) -> bool:
    """Whether a line with the header is one of IPython: the error's name stands before it."""
    return HEAD.match(line[:2_000]) is not None


def read_notebook(text: str, start: int, limit: int) -> Link | None:
    """The traceback whose header line starts at ``start``; ``None`` when it has no frame and no error."""
    head, position = line_at(text, start, limit)
    named = HEAD.match(head)
    name = named[1] if named else ""
    frames: list[StackFrame] = []
    for _ in range(LINES):
        line, after = line_at(text, position, limit)
        if position >= limit or HEADER in line or is_chain(line):
            break
        if name and line.startswith(name) and line[len(name) : len(name) + 1] in {"", ":"}:
            return _ended(text, _begin(text, start), position, limit, frames)
        frame, arrow = frame_of(line), ARROW.match(line.lstrip())
        if frame:
            frames.append(frame)
        elif arrow and frames and frames[-1].line is None:
            frames[-1] = replace(frames[-1], line=int(arrow[1]))
        position = after
    if not frames:
        return None
    return Link(name, "", folded(frames[::-1]), (_begin(text, start), position), truncated=True)


def _begin(text: str, start: int) -> int:
    """The row of dashes above the header belongs to it."""
    above = max(text.rfind("\n", 0, start - 1) + 1, 0) if start else 0
    return above if text[above:start].rstrip().endswith("-----") else start


def _ended(text: str, start: int, position: int, limit: int, frames: list[StackFrame]) -> Link | None:
    raised = bare(text, position, limit)
    if raised is None:
        return None
    return Link(raised.error_type, raised.message, folded(frames[::-1]), (start, raised.span[1]))


def frame_of(line: str) -> StackFrame | None:
    """The frame that a line of IPython names; its line number may follow with the source."""
    if line.startswith(("Cell In", "Input In")):
        cell = CELL.match(line)
        if not cell:
            return None
        return StackFrame(_function(cell[3]), MAIN, f"In[{cell[1]}]", int(cell[2]) if cell[2] else None, in_app=True)
    found = FILE.match(line) if line.startswith("File ") else None
    old = OLD.match(line) if not found and (line[:1] in OLD_BEGINS or line[1:3] == ":\\") else None
    if found:
        return _placed(found[1], found[3], int(found[2]))
    return _placed(old[1], old[2], None) if old else None


def _placed(file: str, function: str | None, line: int | None) -> StackFrame:
    module, in_app = place(file)
    if file.startswith("<ipython-input"):
        module, in_app = MAIN, True
    return StackFrame(_function(function), module[:NAME_LIMIT], file[:NAME_LIMIT], line, in_app)


def _function(text: str | None) -> str:
    """The function's name without its arguments; code of a cell or a file is its module."""
    name = (text or "").partition("(")[0].strip()
    return "<module>" if not name or name.startswith("<cell line") else name[:NAME_LIMIT]


def syntax_errors(text: str) -> Iterator[Link]:
    """Cells that could not be compiled: they have a place and an error but no traceback."""
    found = text.find(CELL_START)
    while found >= 0:
        start = text.rfind("\n", 0, found) + 1
        line, position = line_at(text, found, len(text))
        cell = CELL.match(line)
        for _ in range(SOURCE_LINES if cell else 0):
            after = line_at(text, position, len(text))[1]
            if SYNTAX.match(text, position):
                raised = bare(text, position, after)
                if raised and cell and cell[2]:
                    frame = StackFrame("<module>", MAIN, f"In[{cell[1]}]", int(cell[2]), in_app=True)
                    yield Link(
                        raised.error_type, raised.message, (frame,), (start, after), location=(frame.file or "", int(cell[2]))
                    )
                    break
            position = after
        found = text.find(CELL_START, max(position, found + 1))
