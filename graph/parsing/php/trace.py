"""Exceptions of PHP with a ``Stack trace:``, as the interpreter prints them, in chains, coloured by HTML or not."""

from __future__ import annotations

import html
import re

from graph.parsing.php.frames import Call, read_calls, read_table
from graph.parsing.php.log import Thrown
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start

TRACE = "Stack trace:"
UNCAUGHT = "Uncaught "
NEXT = "Next "
CLASS = re.compile(r"[A-Za-z_\\][\w\\]{0,500}(?:@anonymous[^\s:]{0,1000})?(?=:| in |$)")
PLACE = re.compile(r"([^\n]{1,1000}?)(?::| on line )(\d{1,9})\s*$")
CALLED = re.compile(r", called in \S[^\n]{0,1000}? on line \d{1,9}(?: and defined)?$")
LEVEL = re.compile(r"(?:PHP )?(?:<b>)?(?:[A-Z][a-z]+ )?(?:[Ee]rror|Warning)(?:</b>)?: {1,3}")
THROWN = re.compile(r"[ \t]+thrown in ")
ABOVE_LINES = 60


def read_chain(text: str, at: int, floor: int) -> list[Thrown]:
    """The exceptions of the chain whose first stack is headed by the words at ``at``, the one thrown first in front."""
    first = _above(text, line_start(text, at, floor), floor)
    if not first:
        return []
    found = [first]
    lines = Lines(text, line_start(text, at, floor))
    lines.skip()
    first.calls = read_calls(lines)
    first.span = (first.span[0], lines.position)
    while another := _next(lines):
        found.append(another)
    if lines.line is not None and THROWN.match(lines.line):
        lines.skip()
    if not found[-1].calls:
        _take_table(lines, found[-1])
    found[-1].span = (found[-1].span[0], lines.position)
    return found


def _take_table(lines: Lines, error: Thrown) -> None:
    """Give an error the table that Xdebug prints below it, behind its head once more."""
    start = lines.position
    lines.skip_blank()
    if lines.line is not None and lines.line.startswith(f"{error.error_type}: "):
        lines.skip()
    error.calls = read_table(lines)
    if not error.calls:
        lines.position = start


def _next(lines: Lines) -> Thrown | None:
    """The exception that was thrown while the one above was handled, where one follows."""
    position = lines.position
    if lines.line is not None and not lines.line.strip():
        lines.skip()
    if lines.line is None or not lines.line.startswith(NEXT):
        lines.position = position
        return None
    start = lines.position
    said = [lines.line.removeprefix(NEXT)]
    lines.skip()
    for _ in range(ABOVE_LINES):
        if lines.line is None or lines.line.startswith(TRACE) or (not lines.line.strip() and place_in(said[-1])):
            break
        said.append(lines.line)
        lines.skip()
    else:
        lines.position = position
        return None
    calls: list[Call] = []
    if lines.line is not None and lines.line.startswith(TRACE):
        lines.skip()
        calls = read_calls(lines)
    named = named_in("\n".join(said))
    if not named:
        lines.position = position
        return None
    return Thrown(*named, calls, (start, lines.position))


def _above(text: str, trace: int, floor: int) -> Thrown | None:
    """The exception above a stack, whose head may take several lines."""
    end, said = trace, list[str]()
    for _ in range(ABOVE_LINES):
        if end <= floor:
            break
        begin = line_start(text, end - 1, floor)
        line = text[begin : min(end, begin + LINE_LIMIT)].rstrip()
        mark = line.find(UNCAUGHT)
        if mark >= 0 and CLASS.match(line, mark + len(UNCAUGHT)):
            named = named_in("\n".join([line[mark + len(UNCAUGHT) :], *said[::-1]]))
            return Thrown(*named, [], (begin, trace)) if named else None
        if line.startswith(TRACE):
            break
        said.append(line)
        offset = _plain(line)
        if offset >= 0 and not LEVEL.match(line):
            head = "\n".join([line[offset:], *said[-2::-1]])
            named = named_in(head)
            if named and named[2]:
                return Thrown(*named, [], (begin, trace))
        if said[-1] == "" and len(said) > 1:
            break
        end = begin
    return None


def _plain(line: str) -> int:
    """Where a class with a message begins in a line that does not say that it was not caught, or -1."""
    if CLASS.match(line):
        return 0
    for mark in ("] ", ": "):
        at = line.rfind(mark, 0, 300)
        found = CLASS.match(line, at + 2) if at >= 0 else None
        if found and found[0].endswith(("Exception", "Error")):
            return at + 2
    return -1


def named_in(head: str) -> tuple[str, str, tuple[str, int] | None] | None:
    """Class, message and place of an exception from what stands above its stack."""
    if "<b>" in head:
        head = html.unescape(head.replace("<b>", "").replace("</b>", ""))
    named = CLASS.match(head)
    if not named:
        return None
    cut, place = place_in(head) or (len(head), None)
    message = CALLED.sub("", head[named.end() : cut].removeprefix(":").strip())
    return named[0].partition("\x00")[0], message[:MESSAGE_LIMIT], place


def place_in(head: str) -> tuple[int, tuple[str, int]] | None:
    """The place that a head ends with, and where the words before it end."""
    at = max(head.rfind(" in "), head.rfind("\nin "))
    found = PLACE.match(head, at + 4) if at >= 0 else None
    return (at, (found[1], int(found[2]))) if found else None
