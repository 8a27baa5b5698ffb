"""One exception of Ruby: as the interpreter prints it, in either order, as a program printed it, or a wrong file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graph.model.report import StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.ruby.frames import Place, place_in, stack
from graph.parsing.ruby.header import CLASS_LAST, CONSTANT, head_above, without_source
from graph.parsing.ruby.interpreter_crash import BUG
from graph.parsing.text.lines import Lines, line_start, place_frame, prefixed

TRACEBACK = "Traceback (most recent call last):"
REVERSED = re.compile(r"\s*\d{1,7}: from ")
ELIDED = re.compile(r"\s*\.\.\. (\d{1,9}) levels\.\.\.")
WRONG = re.compile(r"(\S[^\n:]{0,1000}):(\d{1,9}): (syntax errors?[ ,][^\n]*)")
ONLY_CLASS = re.compile(CONSTANT)
THREAD = "terminated with exception (report_on_exception"
UNNAMED = "unhandled exception"
MESSAGE_LINES = 60


@dataclass(slots=True)
class Link:
    """One exception. ``backwards`` says that its frames stood above it, ``printed`` that the program printed it itself."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    span: tuple[int, int]
    backwards: bool = False
    printed: bool = False
    truncated: bool = False


def raised(text: str, at: int, floor: int, above: list[Place] | None = None) -> Link | None:
    """An exception as the interpreter prints it: its place, message and class, then where it was called from."""
    lines = prefixed(text, at, floor)
    start = lines.position
    # Behind a prefix of this line alone the place is looked for again.
    place = place_in(lines.line or "")
    if not place:
        return None
    first = place.rest[1:].removeprefix(" ").rstrip()
    lines.skip()
    more = _message_lines(lines) if above is None else _short_message(lines)
    error_type, message = _named(first, more)
    if above is not None:
        return Link(error_type, message, stack([place, *above]), (start, lines.position), backwards=True)
    places, elided = _callers(lines)
    return Link(error_type, message, stack([place, *places], elided), (start, lines.position))


def _named(first: str, more: list[str]) -> tuple[str, str]:
    """Class and message of an exception from its first line and the further ones."""
    found = CLASS_LAST.match(first)
    if found:
        error_type, first = found[2], found[1]
    elif first in {"", UNNAMED}:
        error_type = "RuntimeError"
    else:
        error_type = first if ONLY_CLASS.fullmatch(first) else "RuntimeError"
    first = "" if first in {error_type, UNNAMED} else first
    return error_type, "\n".join([first, *more]).strip("\n")[:MESSAGE_LIMIT]


def _is_caller(line: str) -> bool:
    place = place_in(line)
    return (place is not None and place.before.strip() == "from" and not place.rest.strip()) or bool(ELIDED.match(line))


def _message_lines(lines: Lines) -> list[str]:
    """The lines of a message after its first: up to the callers, without callers up to the first blank line."""
    begin, kept = lines.position, list[str]()
    callers = False
    while (line := lines.line) is not None and len(kept) < MESSAGE_LINES and not callers:
        callers = _is_caller(line)
        if callers or place_in(line) or BUG in line:
            break
        kept.append(line)
        lines.skip()
    if callers:
        return without_source(kept)
    lines.position = begin
    return _short_message(lines)


def _short_message(lines: Lines) -> list[str]:
    """The lines of a message up to a blank one, and past the source quoted below."""
    kept: list[str] = []
    while (line := lines.line) is not None and line.strip() and len(kept) < MESSAGE_LINES and not _stops(line):
        kept.append(line)
        lines.skip()
    quoted = Lines(lines.text, lines.position, lines.prefix, lines.limit)
    for _ in range(3):
        if quoted.line is None:
            break
        caret = quoted.line.strip(" ^~\t") == "" and "^" in quoted.line
        quoted.skip()
        if caret:
            lines.position = quoted.position
    return without_source(kept)


def _stops(line: str) -> bool:
    return bool(place_in(line) or REVERSED.match(line)) or TRACEBACK in line or THREAD in line


def _callers(lines: Lines) -> tuple[list[Place], list[tuple[int, int]]]:
    """The frames called from, innermost first, and where how many were left out, counted with the raising frame."""
    places: list[Place] = []
    elided: list[tuple[int, int]] = []
    while (line := lines.line) is not None and _is_caller(line):
        place = place_in(line)
        gone = ELIDED.match(line)
        if place:
            places.append(place)
        elif gone:
            elided.append((len(places) + 1, int(gone[1])))
        lines.skip()
    return places, elided


def backwards(text: str, begin: int, floor: int) -> Link | None:
    """An exception whose callers stand above it, outermost first."""
    lines = Lines(text, begin)
    start = begin
    above = line_start(text, begin - 1, floor) if begin > floor else begin
    if TRACEBACK in text[above:begin][:400]:
        start = above
    places: list[Place] = []
    while (line := lines.line) is not None and (REVERSED.match(line) or ELIDED.match(line)):
        place = place_in(line)
        if place:
            places.append(place)
        lines.skip()
    first = place_in(lines.line or "")
    if not first or not first.rest.startswith(":"):
        return Link("", "", stack(places[::-1]), (start, lines.position), backwards=True, truncated=True)
    link = raised(text, lines.position, lines.position, places[::-1])
    return replace(link, span=(start, link.span[1])) if link else None


def printed(text: str, begin: int, floor: int) -> Link | None:
    """An exception whose frames somebody printed below its message."""
    lines = Lines(text, begin)
    first = place_in(lines.line or "")
    if first is None:
        return None
    prefix = "" if first.before.strip() in {"", "from", "#", "-"} else first.before
    lines = Lines(text, begin, prefix)
    places: list[Place] = []
    while (line := lines.line) is not None and (place := place_in(line)) and not place.rest.startswith(":"):
        places.append(place)
        lines.skip()
    head = head_above(text, begin, floor)
    frames = stack(places)
    if head:
        return Link(head.error_type, head.message[:MESSAGE_LIMIT], frames, (head.start, lines.position), printed=True)
    return Link("", "", frames, (begin, lines.position), printed=True, truncated=True) if len(places) > 1 else None


def syntax(text: str, found: re.Match[str], floor: int) -> Link | None:
    """A file that could not be read."""
    begin = line_start(text, found.start(), floor)
    lines = Lines(text, begin)
    wrong = WRONG.search(lines.line or "")
    if not wrong or not wrong[1].endswith((".rb", ".erb", ".rake", ".ru", "-e")):
        return None
    lines.skip()
    named = CLASS_LAST.match(wrong[3])
    message = named[1] if named else wrong[3]
    file = wrong[1].rpartition(" ")[2]
    while lines.line is not None and lines.line.strip() and lines.position - begin < MESSAGE_LIMIT and not _stops(lines.line):
        lines.skip()
    frame = place_frame(file, int(wrong[2]), in_app=True)
    return Link("SyntaxError", message, (frame,), (begin, lines.position))
