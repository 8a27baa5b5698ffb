"""Tracebacks of IPython and Jupyter, in the old and the new layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT, line_at
from graph.parsing.python.trace import HEADER, PythonException, exception_without_traceback, joins_exceptions
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.python_modules import module_and_in_app

HEADER_LINE = re.compile(r"(?:.*\s)?([A-Za-z_][\w.]*)\s{2,}Traceback \(most recent call last\)\s*$")
CELL = re.compile(r"(?:Cell |Input )In ?\[(\d{1,9})\](?:, line (\d{1,9}))?(?:, in ([^\n]{0,499}\S))?\s*+$")
FILE = re.compile(r"File ([^\n]{1,1000}):(\d{1,9})(?:, in ([^\n]{0,1999}\S))?\s*+$")
OLD = re.compile(r"((?:[/~.<]|[A-Za-z]:\\)[^\n]{0,1000}?) in ([\w<>.]+)(?:\([^\n]*)?\s*$")
ARROW = re.compile(r"-{1,10}> ?(\d{1,9})(?:\s|$)")
SYNTAX = re.compile(r"(?:SyntaxError|IndentationError|TabError)\b")
CELL_START = "Cell In["
LINES = 20_000
SOURCE_LINES = 4
OLD_BEGINS = frozenset("/~.<")
MAIN = "__main__"


def is_notebook(line: str) -> bool:
    """Whether a line with the header is IPython's, which puts the error's name before it."""
    return HEADER_LINE.match(line[:2_000]) is not None


def read_notebook(text: str, start: int, limit: int) -> PythonException | None:
    """Parse the traceback with its header line at ``start``; ``None`` without frames and without an error."""
    header, position = line_at(text, start, limit)
    header_match = HEADER_LINE.match(header)
    name = header_match[1] if header_match else ""
    frames: list[StackFrame] = []
    for _ in range(LINES):
        line, after = line_at(text, position, limit)
        if position >= limit or HEADER in line or joins_exceptions(line):
            break
        if name and line.startswith(name) and line[len(name) : len(name) + 1] in {"", ":"}:
            return _with_exception(text, _start_of_rule(text, start), position, limit, frames)
        frame, arrow = parse_frame(line), ARROW.match(line.lstrip())
        if frame:
            frames.append(frame)
        elif arrow and frames and frames[-1].line is None:
            frames[-1] = replace(frames[-1], line=int(arrow[1]))
        position = after
    if not frames:
        return None
    return PythonException(name, "", fold_repeats(frames[::-1]), (_start_of_rule(text, start), position), truncated=True)


def _start_of_rule(text: str, start: int) -> int:
    """Start of the row of dashes above the header, else ``start``."""
    above = max(text.rfind("\n", 0, start - 1) + 1, 0) if start else 0
    return above if text[above:start].rstrip().endswith("-----") else start


def _with_exception(text: str, start: int, position: int, limit: int, frames: list[StackFrame]) -> PythonException | None:
    raised = exception_without_traceback(text, position, limit)
    if raised is None:
        return None
    return PythonException(raised.error_type, raised.message, fold_repeats(frames[::-1]), (start, raised.span[1]))


def parse_frame(line: str) -> StackFrame | None:
    """Parse a frame line of IPython; its line number may come later, with the source."""
    if line.startswith(("Cell In", "Input In")):
        cell = CELL.match(line)
        if not cell:
            return None
        return StackFrame(_function_name(cell[3]), MAIN, f"In[{cell[1]}]", int(cell[2]) if cell[2] else None, in_app=True)
    match = FILE.match(line) if line.startswith("File ") else None
    old = OLD.match(line) if not match and (line[:1] in OLD_BEGINS or line[1:3] == ":\\") else None
    if match:
        return _build_frame(match[1], match[3], int(match[2]))
    return _build_frame(old[1], old[2], None) if old else None


def _build_frame(file: str, function: str | None, line: int | None) -> StackFrame:
    module, in_app = module_and_in_app(file)
    if file.startswith("<ipython-input"):
        module, in_app = MAIN, True
    return StackFrame(_function_name(function), module[:NAME_LIMIT], file[:NAME_LIMIT], line, in_app)


def _function_name(text: str | None) -> str:
    """Function name without arguments; ``<module>`` for top-level code of a cell or file."""
    name = (text or "").partition("(")[0].strip()
    return "<module>" if not name or name.startswith("<cell line") else name[:NAME_LIMIT]


def syntax_errors(text: str) -> Iterator[PythonException]:
    """Cells that failed to compile: a location and an error without a traceback."""
    at = text.find(CELL_START)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        line, position = line_at(text, at, len(text))
        cell = CELL.match(line)
        for _ in range(SOURCE_LINES if cell else 0):
            after = line_at(text, position, len(text))[1]
            if SYNTAX.match(text, position):
                raised = exception_without_traceback(text, position, after)
                if raised and cell and cell[2]:
                    frame = StackFrame("<module>", MAIN, f"In[{cell[1]}]", int(cell[2]), in_app=True)
                    yield PythonException(
                        raised.error_type, raised.message, (frame,), (start, after), location=(frame.file or "", int(cell[2]))
                    )
                    break
            position = after
        at = text.find(CELL_START, max(position, at + 1))
