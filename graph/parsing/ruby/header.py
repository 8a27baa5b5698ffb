"""The error above the frames of a Ruby backtrace from a logger, a framework or a test runner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from graph.parsing.ruby.frames import find_location
from graph.parsing.text.lines import lines_above

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
class RubyHeader:
    """An error and the start of its line."""

    error_type: str
    message: str
    start: int


def header_above(text: str, frames: int, floor: int) -> RubyHeader | None:
    """The error above the line at ``frames``, not before ``floor``."""
    below: list[str] = []
    for count, (begin, full_line) in enumerate(lines_above(text, frames, floor, ABOVE_LINES)):
        line = full_line.rstrip()
        if find_location(line):
            break
        header = _parse_header(line, near=count == 0 or not any(below)) if line.strip() else None
        if header:
            message = "\n".join([header[1], *without_source(below[::-1])]).strip("\n")
            return RubyHeader(header[0], message, begin)
        below.append(line)
    return None


def _parse_header(line: str, *, near: bool) -> tuple[str, str] | None:
    """Class and message in a line; not directly above the frames (``near``) only a class named like an error."""
    for start in _class_positions(line):
        for form in FORMS:
            match = form.match(line, start)
            if match and (
                (near and start == len(line) - len(line.lstrip())) or match[1].endswith(ENDINGS) or "Error" in match[1]
            ):
                return match[1], match[2].strip()
    last = CLASS_LAST.match(line) if near else None
    if not last:
        return None
    return last[2], _without_log_header(last[1]).strip()


def _class_positions(line: str) -> list[int]:
    return [match.start() for match in islice(START.finditer(line), CANDIDATES)]


def _without_log_header(line: str) -> str:
    """The message of a log line, after the formatter's ``--``."""
    return line.partition(" -- ")[2].partition(": ")[2] if " -- " in line else line


def without_source(lines: list[str]) -> list[str]:
    """The lines of a message without source quoted in it, and without trailing blank lines."""
    kept: list[str] = []
    for line in lines:
        if CARETS.match(line):
            del kept[-2:]
        elif not SOURCE.match(line):
            kept.append(line.strip() if not line.strip() else line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
