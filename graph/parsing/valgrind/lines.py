"""Read errors from Valgrind's text output: lines ``==7961==    at 0x4F36209: egg_drop (egg.c:31)`` of one process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import StackFrame
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import line_at
from graph.parsing.valgrind.errors import ValgrindError, error_type_of

LINE = re.compile(r"[^=\n]{0,120}?==(?:\d\d:\d\d:\d\d:\d\d\.\d{3} )?(\d{1,9})== ?(.*)", re.DOTALL)
FRAME = re.compile(r"\s{1,12}(?:at|by) 0x[0-9A-Fa-f]{1,16}: (\S.*)", re.DOTALL)
COMMAND = re.compile(r"Command: (\S{1,500})")
LINE_LIMIT = 4_000
UNKNOWN = frozenset({"???", "UnknownInlinedFun"})


def frame_in(line: str) -> StackFrame | None:
    """The frame on a line, such as ``   by 0x4F387B5: nest_fold (nest.c:88)``; ``None`` for any other line."""
    match = FRAME.match(line)
    return parse_frame(match[1]) if match else None


def parse_frame(text: str) -> StackFrame:
    """Parse ``function (file:line)`` or ``function (in library)``."""
    text = text.rstrip()
    symbol, bracket, place = text.rpartition(" (") if text.endswith(")") else (text, "", "")
    if bracket and not (place.startswith("in ") or ":" in place):
        symbol, place = text, ""
    place = place.removesuffix(")")
    library = place.removeprefix("in ") if place.startswith("in ") else ""
    symbol = "" if symbol.strip() in UNKNOWN else symbol
    return frame_of(symbol, "" if library else place, library)


def errors_in(text: str) -> Iterator[ValgrindError]:
    """Yield the errors of all processes, each at the position of its title."""
    opened: dict[str, ValgrindError] = {}
    position = text.find("==")
    position = text.rfind("\n", 0, max(position, 0)) + 1
    while position < len(text):
        line, after = line_at(text, position, len(text))
        match = LINE.match(line[:LINE_LIMIT]) if "==" in line[:LINE_LIMIT] else None
        if match:
            error = opened.get(match[1])
            closed = _read(error, match[1], match[2], position, after, opened)
            if closed is not None:
                yield closed
        position = after
    yield from sorted((error for error in opened.values() if error.stacks), key=lambda error: error.start)


def _read(
    error: ValgrindError | None, pid: str, body: str, start: int, after: int, opened: dict[str, ValgrindError]
) -> ValgrindError | None:
    """Read a line of a process into its open error; returns the error that the line closes."""
    frame = frame_in(body)
    if frame is not None:
        if error is not None:
            _add_frame(error, frame, after)
        return None
    words = body.strip()
    indented = body.startswith(" ")
    if error is not None and words and (indented or not error.stacks):
        error.remarks.append(words)
        error.end = after if error.stacks else error.end
        return None
    closed = opened.pop(pid, None)
    if words and not indented:
        begun = ValgrindError(start, after, pid, words)
        if error_type_of(begun) or words.startswith("Invalid"):
            opened[pid] = begun
    return closed if closed is not None and closed.stacks else None


def _add_frame(error: ValgrindError, frame: StackFrame, after: int) -> None:
    remark = error.remarks[-1] if error.remarks else ""
    if not error.stacks or error.stacks[-1][0] != remark:
        error.stacks.append((remark, []))
    error.stacks[-1][1].append(frame)
    error.end = after
