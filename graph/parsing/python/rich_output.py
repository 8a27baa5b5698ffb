"""Tracebacks in a box, drawn by the library Rich and tools based on it."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT, line_at
from graph.parsing.python.trace import HEADER, PythonException, exception_without_traceback
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.python_modules import module_and_in_app

TOP, SIDE, BOTTOM = "╭┌╔+", "│┃║|", "╰└╚+"
FRAME = re.compile(r"([^\n]{1,1000}):(\d{1,9}) in (\S[^\n]*)$")
# First characters of source lines, of the marked line, and of a box with local variables.
PATHS = frozenset("/~<.")
INNER = " ❱>╭╰│┌└+|"


def is_box(line: str) -> bool:
    """Whether a line with the header is the top of a box."""
    before = line[: line.find(HEADER)].rstrip()
    return before.endswith(("─", "━", "═", "--", "- "))


def read_box(text: str, start: int, limit: int) -> PythonException | None:
    """Parse the traceback in the box that starts in the line at ``start``, and the exception below it."""
    top, position = line_at(text, start, limit)
    edge = next((index for index, character in enumerate(top) if character in TOP), -1)
    frames: list[StackFrame] = []
    before = ""
    closed = False
    while position < limit and edge >= 0:
        line, after = line_at(text, position, limit)
        side = line[edge : edge + 1]
        if side not in SIDE or not side:
            closed = bool(side) and side in BOTTOM
            position = after if closed else position
            break
        content = line[edge + 1 :].rstrip()[:-1]
        before = _take_frame(content, before, frames)
        position = after
    if edge < 0 or not (frames or closed):
        return None
    raised = _exception_below(text, position, limit) if closed else None
    if raised is None:
        return PythonException("", "", fold_repeats(frames[::-1]), (start, position), truncated=True)
    return PythonException(raised.error_type, raised.message, fold_repeats(frames[::-1]), (start, raised.span[1]))


def _take_frame(content: str, before: str, frames: list[StackFrame]) -> str:
    """Add the frame in a line of the box; returns the first half of a frame that continues on the next line."""
    if content[1:2] in INNER or not content.startswith(" "):
        return ""
    bare_content = content.strip()
    for joined in (before + bare_content, f"{before} {bare_content}", bare_content) if before else (bare_content,):
        match = FRAME.match(joined) if " in " in joined else None
        if match:
            file = match[1][:NAME_LIMIT]
            module, in_app = module_and_in_app(file)
            frames.append(StackFrame(match[3].strip()[:NAME_LIMIT], module[:NAME_LIMIT], file, int(match[2]), in_app))
            return ""
    return (before + bare_content)[:NAME_LIMIT] if before or bare_content[:1] in PATHS or bare_content[1:2] == ":" else ""


def _exception_below(text: str, position: int, limit: int) -> PythonException | None:
    """The exception below a box."""
    line, after = line_at(text, position, limit)
    if not line.strip():
        position = after
    return exception_without_traceback(text, position, limit)
