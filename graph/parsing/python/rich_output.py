"""Tracebacks in a box, as the library Rich and what builds on it draw them."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT, line_at
from graph.parsing.python.modules import place
from graph.parsing.python.trace import HEADER, Link, bare, folded

TOP, SIDE, BOTTOM = "╭┌╔+", "│┃║|", "╰└╚+"
FRAME = re.compile(r"([^\n]{1,1000}):(\d{1,9}) in (\S[^\n]*)$")
# Source, a marked line of it, and a box of local variables begin like this.
PATHS = frozenset("/~<.")
INNER = " ❱>╭╰│┌└+|"


def is_box(line: str) -> bool:
    """Whether a line with the header is the upper side of a box."""
    before = line[: line.find(HEADER)].rstrip()
    return before.endswith(("─", "━", "═", "--", "- "))


def read_box(text: str, start: int, limit: int) -> Link | None:
    """The traceback whose box begins in the line at ``start``, and the error below it."""
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
        before = _take(content, before, frames)
        position = after
    if edge < 0 or not (frames or closed):
        return None
    raised = _raised(text, position, limit) if closed else None
    if raised is None:
        return Link("", "", folded(frames[::-1]), (start, position), truncated=True)
    return Link(raised.error_type, raised.message, folded(frames[::-1]), (start, raised.span[1]))


def _take(content: str, before: str, frames: list[StackFrame]) -> str:
    """Read a frame from a line of the box; what it returns may be the first half of one that was too long for a line."""
    if content[1:2] in INNER or not content.startswith(" "):
        return ""
    bare_content = content.strip()
    for joined in (before + bare_content, f"{before} {bare_content}", bare_content) if before else (bare_content,):
        found = FRAME.match(joined) if " in " in joined else None
        if found:
            file = found[1][:NAME_LIMIT]
            module, in_app = place(file)
            frames.append(StackFrame(found[3].strip()[:NAME_LIMIT], module[:NAME_LIMIT], file, int(found[2]), in_app))
            return ""
    return (before + bare_content)[:NAME_LIMIT] if before or bare_content[:1] in PATHS or bare_content[1:2] == ":" else ""


def _raised(text: str, position: int, limit: int) -> Link | None:
    """The error below a box."""
    line, after = line_at(text, position, limit)
    if not line.strip():
        position = after
    return bare(text, position, limit)
