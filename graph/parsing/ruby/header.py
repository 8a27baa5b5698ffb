"""The error above the frames of a Ruby backtrace from a logger, a framework or a test runner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from textwrap import dedent

from graph.model.report import Cause
from graph.parsing.ruby.frames import find_location
from graph.parsing.text.lines import lines_above

CONSTANT = r"[A-Z]\w*(?:::[A-Z]\w*)*"
CLASS_LAST = re.compile(rf"(.*?) ?\(({CONSTANT})\)\s*$", re.DOTALL)
# `Class (message):`, `Class: message`, `Class - message:`, `Class:` with the message below
FORMS = (
    re.compile(rf"({CONSTANT}) \((.*)\):?\s*$"),
    re.compile(rf"({CONSTANT}): ?(.*)$"),
    re.compile(rf"({CONSTANT}) - (.*?)(?::\s*+|(?:(?<!\s)|(?<= - ))\s*+)$"),
)
CLOSED = re.compile(rf"\s*{CONSTANT} \(.*\):?\s*$")
OPENED = re.compile(rf"({CONSTANT}) \((.*)$")
INSPECTED = re.compile(rf"(?>.*?#<({CONSTANT}): )(.*)>\s*$")
ENDINGS = ("Error", "Exception", "Failure", "Timeout", "NotFound", "Invalid", "Interrupt", "Exit", "Expired", "Denied")
START = re.compile(rf"(?:^|(?<=[\s\]]))(?={CONSTANT}(?: \(|:(?:\s|$)| - ))")
SOURCE = re.compile(r"\s*+(?:=>|->)?\s*+\d{1,6}:")
CARETS = re.compile(r"\s*\^[\^~]*\s*$")
CAUSES = "Causes:"
RSPEC = "Failure/Error: "
UNMET = "RSpec::Expectations::ExpectationNotMetError"
COMMENT = re.compile(r"\A\s*+#(?: |$)")
ABOVE_LINES = 40
CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class RubyHeader:
    """An error and the start of its line; ``causes`` are listed below it without frames."""

    error_type: str
    message: str
    start: int
    causes: Sequence[Cause] = ()


def header_above(text: str, frames: int, floor: int) -> RubyHeader | None:
    """The error above the line at ``frames``, not before ``floor``."""
    headers, listed = _headers_above(text, frames, floor)
    if listed is not None:
        above, _ = _headers_above(text, listed, floor)
        return replace(above[0], causes=[_cause(header) for header in headers[::-1]]) if above else headers[-1]
    return headers[0] if headers else None


def _headers_above(text: str, frames: int, floor: int) -> tuple[list[RubyHeader], int | None]:
    """The errors above the line at ``frames``, nearest first, and the start of Rails' line that they are causes."""
    below: list[str] = []
    headers: list[RubyHeader] = []
    for count, (begin, full_line) in enumerate(lines_above(text, frames, floor, ABOVE_LINES)):
        line = full_line.rstrip()
        if find_location(line):
            break
        if line.strip() == CAUSES and headers:
            return headers, begin
        if RSPEC in line:
            test = replace(headers[-1], start=begin) if headers else RubyHeader(UNMET, _message("", below), begin)
            return [test], None
        header = _parse_header(line, near=count == 0 or not any(below)) or _opened(line, below) if line.strip() else None
        if header is None:
            below.append(line)
            continue
        named = _is_error_name(header[0])
        found = RubyHeader(header[0], _message(header[1], below), begin)
        headers.append(_topmost(text, found, [*below, line], floor, named=named) or found)
        below = []
        if not _may_be_listed(text, headers[-1].start, floor):
            break
    return headers, None


def _topmost(text: str, nearest: RubyHeader, below: list[str], floor: int, *, named: bool) -> RubyHeader | None:
    """The topmost error of the paragraph, of whose message the nearest one is a line; ``below`` are the lines read.

    Above a name of an error (``named``), only one that a line begins with.
    """
    chosen: RubyHeader | None = None
    for begin, full_line in lines_above(text, nearest.start, floor, ABOVE_LINES):
        line = full_line.rstrip()
        if not line.strip() or find_location(line) or RSPEC in line or line.strip() == CAUSES:
            break
        header = _parse_header(line, near=False) or _opened(line, below)
        # A message in brackets is complete, and "Error:" alone is the title of a failed test.
        whole = CLOSED.match(line) is not None or (header is not None and header[0] in ENDINGS and not header[1])
        if header and not whole and (not named or line.lstrip().startswith(header[0])):
            chosen = RubyHeader(header[0], _message(header[1], below), begin)
        below.append(line)
    return (
        chosen
        if chosen and (chosen.error_type, chosen.message.split("\n")[0]) != (nearest.error_type, nearest.message)
        else None
    )


def _opened(line: str, below: list[str]) -> tuple[str, str] | None:
    """Class and first line of ``Class (message):`` with a message of several lines; their end is removed from ``below``."""
    last = next((number for number, text in enumerate(below) if text.strip()), None)
    if last is None or not below[last].endswith("):"):
        return None
    for start in _class_positions(line):
        match = OPENED.match(line, start)
        if match and _is_error_name(match[1]):
            below[last] = below[last][:-2]
            return match[1], match[2].strip()
    return None


def _is_error_name(name: str) -> bool:
    return name.endswith(ENDINGS) or "Error" in name


def _may_be_listed(text: str, begin: int, floor: int) -> bool:
    """Whether the error at ``begin`` may be one of Rails' list of causes, or that of a failed test of RSpec."""
    nearest = (line for _, line in islice(lines_above(text, begin, floor, CANDIDATES), CANDIDATES))
    return any(RSPEC in line or line.strip() == CAUSES for line in nearest)


def _cause(header: RubyHeader) -> Cause:
    return Cause("cause", header.error_type, header.message.partition("\n\n")[0], ())


def _message(first: str, below: Sequence[str]) -> str:
    """The message from its first line and the lines below, nearest to the frames first."""
    lines = without_source([COMMENT.sub("", line, 1) if COMMENT.match(line) else line for line in reversed(below)])
    body = dedent("\n".join(lines)) if not first else "\n".join(lines)
    return f"{first}\n{body}".strip("\n").rstrip()


def _parse_header(line: str, *, near: bool) -> tuple[str, str] | None:
    """Class and message in a line; not directly above the frames (``near``) only a class named like an error."""
    matches = [(start, match) for start in _class_positions(line) for form in FORMS if (match := form.match(line, start))]
    named = next((match for _, match in matches if _is_error_name(match[1])), None)
    if named:
        return named[1], named[2].strip()
    last = CLASS_LAST.match(line)
    if not near:
        # Below a class behind the first line of a message follow its other lines.
        return (last[2], _without_log_header(last[1]).strip()) if last and _is_error_name(last[2]) else None
    inspected = INSPECTED.match(line)
    if inspected:
        return inspected[1], inspected[2].strip()
    label = next((match for start, match in matches if start == len(line) - len(line.lstrip())), None)
    if label and not (last and _is_error_name(last[2])):
        return label[1], label[2].strip()
    return (last[2], _without_log_header(last[1]).strip()) if last else None


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
