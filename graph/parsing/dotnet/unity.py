"""Errors that a Unity program logs itself: a message, then the calls that led to it, the logger's own first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.dotnet.frames import build_frame
from graph.parsing.text.lines import Lines, fold_repeats, line_start, lines_above
from graph.parsing.text.report import complete

LOGGED = re.compile(r"^UnityEngine\.Debug:Log(?:Error|Exception|Assertion)(?:Format)? ?\(", re.MULTILINE)
SIGN = "UnityEngine.Debug:Log"
CALL = re.compile(
    r"(?P<name>[\w.+/<>`|,\[\]]{1,500}:[\w.<>`|]{1,200}) ?\([^()\n]{0,1000}\)"
    r"(?: \(at (?P<file>[^()\n]{1,1000}):(?P<line>\d{1,9})\))?\s*$"
)
FILE = re.compile(r"\(Filename: [^\n]{0,1000} Line: -?\d{1,9}\)\s*$")
MESSAGE_LINES = 20


def logged_errors(text: str) -> Iterator[ParsedReport]:
    """One report per logged error, in order of position."""
    floor = 0
    while match := LOGGED.search(text, floor):
        start, message = _message(text, match.start(), floor)
        lines = Lines(text, line_start(text, start, floor) if message else match.start())
        while lines.line is not None and not CALL.match(lines.line) and lines.position < match.start():
            lines.skip()
        frames: list[StackFrame] = []
        while lines.line is not None and (call := CALL.match(lines.line)):
            frames.append(build_frame(call["name"], call["file"], int(call["line"]) if call["line"] else None))
            lines.skip()
        end = lines.position
        lines.skip_blank()
        if lines.line is not None and FILE.match(lines.line):
            lines.skip()
            end = lines.position
        floor = max(end, match.end())
        yield complete(ParsedReport("dotnet", "Error", message, fold_repeats(frames), span=(start, end)), "dotnet")


def _message(text: str, at: int, floor: int) -> tuple[int, str]:
    """Start and text of the message above the calls, of which some may precede the logger's."""
    start, lines = at, list[str]()
    for begin, line in lines_above(text, at, floor, MESSAGE_LINES):
        if not line.strip():
            break
        start = begin
        if not CALL.match(line):
            lines.append(line.strip())
    return start, "\n".join(reversed(lines))
