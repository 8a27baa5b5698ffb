"""The error above the frames of a Ruby backtrace that a logger, a framework or a test runner printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.ruby.frames import place_in
from graph.parsing.text.lines import LINE_LIMIT, line_start

CONSTANT = r"[A-Z]\w*(?:::[A-Z]\w*)*"
CLASS_LAST = re.compile(rf"(.*?) ?\(({CONSTANT})\)\s*$", re.DOTALL)
# `Class (message):`, `Class: message`, `Class - message:`, `Class:` with the message below
FORMS = (
    re.compile(rf"({CONSTANT}) \((.*)\):?\s*$"),
    re.compile(rf"({CONSTANT}): ?(.*)$"),
    re.compile(rf"({CONSTANT}) - (.*?):?\s*$"),
)
ENDINGS = ("Error", "Exception", "Failure", "Timeout", "NotFound", "Invalid", "Interrupt", "Exit", "Expired", "Denied")
START = re.compile(rf"(?:^|(?<=[\s\]]))(?={CONSTANT}(?: \(|:(?:\s|$)| - ))")
SOURCE = re.compile(r"\s*(?:=>|->)?\s*\d{1,6}:")
CARETS = re.compile(r"\s*\^[\^~]*\s*$")
ABOVE_LINES = 40
CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Head:
    """The error and where its line starts."""

    error_type: str
    message: str
    start: int


def head_above(text: str, frames: int, floor: int) -> Head | None:
    """The error that stands above the line at ``frames``, not before ``floor``."""
    end, below = frames, list[str]()
    for count in range(ABOVE_LINES):
        if end <= floor:
            break
        begin = line_start(text, end - 1, floor)
        line = text[begin : min(end, begin + LINE_LIMIT)].rstrip()
        if place_in(line):
            break
        found = _head(line, near=count == 0 or not any(below)) if line.strip() else None
        if found:
            message = "\n".join([found[1], *without_source(below[::-1])]).strip("\n")
            return Head(found[0], message, begin)
        below.append(line)
        end = begin
    return None


def _head(line: str, *, near: bool) -> tuple[str, str] | None:
    """Class and message in a line; away from the frames only a class whose name says that it is an error."""
    for start in _starts(line):
        for form in FORMS:
            found = form.match(line, start)
            if found and (
                (near and start == len(line) - len(line.lstrip())) or found[1].endswith(ENDINGS) or "Error" in found[1]
            ):
                return found[1], found[2].strip()
    last = CLASS_LAST.match(line) if near else None
    if not last:
        return None
    return last[2], _without_record(last[1]).strip()


def _starts(line: str) -> list[int]:
    found = []
    for one in START.finditer(line):
        found.append(one.start())
        if len(found) == CANDIDATES:
            break
    return found


def _without_record(line: str) -> str:
    """What a logger's line says, behind the mark that its formatter puts before it."""
    return line.partition(" -- ")[2].partition(": ")[2] if " -- " in line else line


def without_source(lines: list[str]) -> list[str]:
    """The lines of a message without source that is quoted in it, and without blank lines at its ends."""
    kept: list[str] = []
    for line in lines:
        if CARETS.match(line):
            del kept[-2:]
        elif not SOURCE.match(line):
            kept.append(line.strip() if not line.strip() else line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
