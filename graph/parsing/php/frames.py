"""The stack of PHP, whose lines say from where each function was called, turned into frames that say where each one was."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, folded, is_library, place_frame

MAIN = "{main}"
CALL = re.compile(
    r"[ \t]*+#(\d{1,7}) (?:(\{main\})(?![\w(])|\[internal function\](?:: )?|(.{1,2000}?)\((\d{1,9})\)(?:: |\s*$))"
)
# Outermost first: number, function, and the place it was called from; time and memory may stand before.
TABLE = re.compile(r"(?:PHP)?[ \t]++(?:\d++\.\d++[ \t]++)?(?:\d++[ \t]++)?(\d{1,7})\. (\S[^\n]*) (\S+):(\d{1,9})\s*$")
# A method, a closure or a function with a namespace.
OWN = re.compile(r"::|->|\\|\{")
TABLES = ("Call Stack:", "PHP Stack trace:")
BROKEN_LINES = 3
"""Lines that an argument may spread over."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function and where it was called; no file where PHP itself called it."""

    function: str
    file: str | None = None
    line: int | None = None


def name_of(text: str) -> str:
    """A function without its arguments, and without what HTML or JSON made of its signs."""
    if "&" in text:
        text = html.unescape(text)
    text = text.replace("\\\\", "\\")
    start = text.find("{closure:")
    if start >= 0:
        end = text.find("}(", start)
        return text[: end + 1] if end >= 0 else text
    return text.partition("(")[0].strip()


def read_calls(lines: Lines) -> list[Call]:
    """The calls listed from the present line on, innermost first; stops behind the last one."""
    found: list[Call] = []
    while (line := lines.line) is not None:
        call = CALL.match(line)
        if not call:
            if not found or not _broken(lines):
                break
            continue
        lines.skip()
        if call[2]:
            found.append(Call(MAIN))
            break
        found.append(Call(name_of(line[call.end() :])[:NAME_LIMIT], call[3], int(call[4]) if call[4] else None))
    return found


def _broken(lines: Lines) -> bool:
    """Go past the rest of an argument that holds line ends, where another call follows."""
    ahead = Lines(lines.text, lines.position, lines.prefix, lines.limit)
    for _ in range(BROKEN_LINES):
        ahead.skip()
        if ahead.line is None:
            return False
        if CALL.match(ahead.line):
            lines.position = ahead.position
            return True
    return False


def read_table(lines: Lines) -> list[Call]:
    """The calls of a table as Xdebug prints it below an error, innermost first; the place stays where there is none."""
    start, found = lines.position, list[Call]()
    lines.skip_blank()
    if lines.line is None or not lines.line.rstrip().endswith(TABLES):
        lines.position = start
        return found
    lines.skip()
    while (line := lines.line) is not None and (row := TABLE.match(line)):
        found.append(Call(name_of(row[2])[:NAME_LIMIT], row[3], int(row[4])))
        lines.skip()
    return found[::-1]


def frames_of(place: tuple[str, int] | None, calls: Sequence[Call]) -> tuple[StackFrame, ...]:
    """The frames, innermost first: each function where it was when it called the next one. ``place`` is that of the error."""
    if not calls:
        return (_in_app(place_frame(*place)),) if place else ()
    frames: list[StackFrame] = []
    file, line = place or (None, None)
    for call in calls:
        frame = _in_app(StackFrame(call.function or "[internal function]", "", file, line))
        # What PHP itself offers raises at the place of its caller.
        if frame.file and (call.file, call.line) == (file, line) and not OWN.search(frame.function):
            frame = replace(frame, in_app=False)
        frames.append(frame)
        file, line = call.file, call.line
    return folded(frames)


def _in_app(frame: StackFrame) -> StackFrame:
    return replace(frame, in_app=frame.file is not None and not is_library("php", frame.qualified, frame.file))
