"""PHP stacks: each line gives the location a function was called from; frames give the location a function was in."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library, location_frame

MAIN = "{main}"
CALL = re.compile(
    r"[ \t]*+#(\d{1,7}) (?:(\{main\})(?![\w(])|\[internal function\](?:: )?|(.{1,2000}?)\((\d{1,9})\)(?:: |\s*$))"
)
# As ``debug_print_backtrace`` prints a call.
CALLED_AT = re.compile(r"[ \t]*+#\d{1,7} {1,3}(\S[^\n]{0,2000}?\)) called at \[([^\]\n]{1,1000}):(\d{1,9})\]")
# Outermost first: number, optional time and memory, function, and the location it was called from.
TABLE = re.compile(r"(?:PHP)?[ \t]++(?:\d++\.\d++[ \t]++)?(?:\d++[ \t]++)?(\d{1,7})\. (\S[^\n]*) (\S+):(\d{1,9})\s*$")
# A method, a closure or a function with a namespace.
OWN = re.compile(r"::|->|\\|\{")
TABLES = ("Call Stack:", "PHP Stack trace:")
BROKEN_LINES = 3
"""Maximum further lines of an argument with line ends."""


@dataclass(frozen=True, slots=True)
class PhpCall:
    """A function and the location of the call; no file if PHP itself called it."""

    function: str
    file: str | None = None
    line: int | None = None


def function_name(text: str) -> str:
    """Function name without arguments, HTML entities and JSON escapes resolved."""
    if "&" in text:
        text = html.unescape(text)
    text = text.replace("\\\\", "\\")
    start = text.find("{closure:")
    if start >= 0:
        end = text.find("}(", start)
        return text[: end + 1] if end >= 0 else text
    return text.partition("(")[0].strip()


def read_calls(lines: Lines) -> list[PhpCall]:
    """Read the calls listed from the current line on, innermost first; stops after the last one."""
    calls: list[PhpCall] = []
    while (line := lines.line) is not None:
        called_at = CALLED_AT.match(line)
        if called_at:
            calls.append(PhpCall(function_name(called_at[1])[:NAME_LIMIT], called_at[2], int(called_at[3])))
            lines.skip()
            continue
        call = CALL.match(line)
        if not call:
            if not calls or not _skip_broken_argument(lines):
                break
            continue
        lines.skip()
        if call[2]:
            calls.append(PhpCall(MAIN))
            break
        calls.append(PhpCall(function_name(line[call.end() :])[:NAME_LIMIT], call[3], int(call[4]) if call[4] else None))
    return calls


def _skip_broken_argument(lines: Lines) -> bool:
    """Skip the rest of an argument with line ends, if another call follows."""
    ahead = Lines(lines.text, lines.position, lines.prefix, lines.limit)
    for _ in range(BROKEN_LINES):
        ahead.skip()
        if ahead.line is None:
            return False
        if CALL.match(ahead.line):
            lines.position = ahead.position
            return True
    return False


def read_table(lines: Lines) -> list[PhpCall]:
    """Read the calls of an Xdebug table, innermost first; the cursor stays if there is none."""
    start, calls = lines.position, list[PhpCall]()
    lines.skip_blank()
    if lines.line is None or not lines.line.rstrip().endswith(TABLES):
        lines.position = start
        return calls
    lines.skip()
    while (line := lines.line) is not None and (row := TABLE.match(line)):
        calls.append(PhpCall(function_name(row[2])[:NAME_LIMIT], row[3], int(row[4])))
        lines.skip()
    return calls[::-1]


def frames_from_calls(location: tuple[str, int] | None, calls: Sequence[PhpCall]) -> tuple[StackFrame, ...]:
    """The frames, innermost first: each function at the location it had reached. ``location`` is the error's."""
    if not calls:
        return (_with_in_app(location_frame(*location)),) if location else ()
    frames: list[StackFrame] = []
    file, line = location or (None, None)
    for call in calls:
        frame = _with_in_app(StackFrame(call.function or "[internal function]", "", file, line))
        # A built-in function raises at the location of its caller.
        if frame.file and (call.file, call.line) == (file, line) and not OWN.search(frame.function):
            frame = replace(frame, in_app=False)
        frames.append(frame)
        file, line = call.file, call.line
    return fold_repeats(frames)


def _with_in_app(frame: StackFrame) -> StackFrame:
    return replace(frame, in_app=frame.file is not None and not is_library("php", frame.qualified, frame.file))
