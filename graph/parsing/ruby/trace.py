"""One Ruby exception: printed by the interpreter in either order, or by a program, or a syntax error."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graph.model.report import Cause, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.ruby.frames import FILE_SIGN, RubyLocation, find_location, stack_frames
from graph.parsing.ruby.header import CLASS_LAST, CONSTANT, header_above, without_source
from graph.parsing.ruby.interpreter_crash import BUG
from graph.parsing.text.lines import Lines, line_start, lines_from, location_frame

TRACEBACK = "Traceback (most recent call last):"
REVERSED = re.compile(r"\s*\d{1,7}: from ")
ELIDED = re.compile(r"\s*\.\.\. (\d{1,9}) levels\.\.\.")
WRONG = re.compile(r"(\S[^\n:]{0,1000}+):(\d{1,9}): (syntax errors?[ ,][^\n]*)")
ONLY_CLASS = re.compile(CONSTANT)
THREAD = "terminated with exception (report_on_exception"
UNNAMED = "unhandled exception"
MESSAGE_LINES = 60


@dataclass(slots=True)
class RubyException:
    """One exception. ``reversed_order``: its frames are above it; ``printed_by_program``: not by the interpreter.

    ``causes`` are those printed without frames.
    """

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    span: tuple[int, int]
    reversed_order: bool = False
    printed_by_program: bool = False
    truncated: bool = False
    causes: tuple[Cause, ...] = ()


def read_raised(text: str, at: int, floor: int, above: list[RubyLocation] | None = None) -> RubyException | None:
    """Read an exception printed by the interpreter: location, message and class, then the callers."""
    lines = lines_from(text, at, floor)
    start = lines.position
    # Without a prefix shared by the next line, the location is searched in the whole line.
    location = find_location(lines.line or "")
    if not location:
        return None
    first = location.rest[1:].removeprefix(" ").rstrip()
    lines.skip()
    more = _message_lines(lines) if above is None else _short_message(lines)
    error_type, message = _class_and_message(first, more)
    if above is not None:
        return RubyException(
            error_type, message, stack_frames([location, *above]), (start, lines.position), reversed_order=True
        )
    locations, elided = _callers(lines)
    return RubyException(error_type, message, stack_frames([location, *locations], elided), (start, lines.position))


def _class_and_message(first: str, more: list[str]) -> tuple[str, str]:
    """Class and message of an exception from its first and further lines."""
    match = CLASS_LAST.match(first)
    if match:
        error_type, first = match[2], match[1]
    elif first in {"", UNNAMED}:
        error_type = "RuntimeError"
    else:
        error_type = first if ONLY_CLASS.fullmatch(first) else "RuntimeError"
    first = "" if first in {error_type, UNNAMED} else first
    return error_type, "\n".join([first, *more]).strip("\n")[:MESSAGE_LIMIT]


def _is_caller(line: str) -> bool:
    location = find_location(line)
    return (location is not None and location.before.strip() == "from" and not location.rest.strip()) or bool(
        ELIDED.match(line)
    )


def _message_lines(lines: Lines) -> list[str]:
    """The message lines after the first: up to the callers, or without callers up to the first blank line."""
    begin, kept = lines.position, list[str]()
    callers = False
    while (line := lines.line) is not None and len(kept) < MESSAGE_LINES and not callers:
        callers = _is_caller(line)
        if callers or find_location(line) or BUG in line:
            break
        kept.append(line)
        lines.skip()
    if callers:
        return without_source(kept)
    lines.position = begin
    return _short_message(lines)


def _short_message(lines: Lines) -> list[str]:
    """The message lines up to a blank one; skips the source quoted below them."""
    kept: list[str] = []
    while (line := lines.line) is not None and line.strip() and len(kept) < MESSAGE_LINES and not _ends_message(line):
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


def _ends_message(line: str) -> bool:
    return bool(find_location(line) or REVERSED.match(line)) or TRACEBACK in line or THREAD in line


def _callers(lines: Lines) -> tuple[list[RubyLocation], list[tuple[int, int]]]:
    """Callers, innermost first, and pairs of a frame count (raising frame included) and the frames omitted after it."""
    locations: list[RubyLocation] = []
    elided: list[tuple[int, int]] = []
    while (line := lines.line) is not None and _is_caller(line):
        location = find_location(line)
        gone = ELIDED.match(line)
        if location:
            locations.append(location)
        elif gone:
            elided.append((len(locations) + 1, int(gone[1])))
        lines.skip()
    return locations, elided


def read_reversed(text: str, begin: int, floor: int) -> RubyException | None:
    """Read an exception with its callers printed above it, outermost first."""
    lines = Lines(text, begin)
    start = begin
    above = line_start(text, begin - 1, floor) if begin > floor else begin
    if TRACEBACK in text[above:begin][:400]:
        start = above
    locations: list[RubyLocation] = []
    while (line := lines.line) is not None and (REVERSED.match(line) or ELIDED.match(line)):
        location = find_location(line)
        if location:
            locations.append(location)
        lines.skip()
    first = find_location(lines.line or "")
    if not first or not first.rest.startswith(":"):
        return RubyException(
            "", "", stack_frames(locations[::-1]), (start, lines.position), reversed_order=True, truncated=True
        )
    exception = read_raised(text, lines.position, lines.position, locations[::-1])
    return replace(exception, span=(start, exception.span[1])) if exception else None


def read_printed(text: str, begin: int, floor: int) -> RubyException | None:
    """Read an exception with frames that the program printed below the message."""
    lines = Lines(text, begin)
    first = find_location(lines.line or "")
    if first is None:
        return None
    prefix = "" if first.before.strip() in {"", "from", "#", "-"} else first.before
    below = find_location(Lines(text, lines.after).line or "")
    # A logger that prints all frames as one text puts its prefix before the first only.
    alone = bool(prefix) and below is not None and not below.before.strip() and not below.rest.startswith(":")
    lines = Lines(text, begin if not alone else begin + len(prefix), "" if alone else prefix)
    locations: list[RubyLocation] = []
    while (line := lines.line) is not None and (
        (location := find_location(line)) or (locations and _is_quoted_source(line, lines.peek()))
    ):
        if location and location.rest.startswith(":"):
            break
        locations.extend([location] if location else [])
        lines.skip()
    header = header_above(text, begin, floor)
    frames = stack_frames(locations)
    if header:
        span = (header.start, lines.position)
        message = header.message[:MESSAGE_LIMIT]
        return RubyException(header.error_type, message, frames, span, printed_by_program=True, causes=tuple(header.causes))
    if len(locations) < 2:
        return None
    return RubyException("", "", frames, (begin, lines.position), printed_by_program=True, truncated=True)


def _is_quoted_source(line: str, following: str | None) -> bool:
    """Whether a line is the source of the frame above it, which some services print, as Python does."""
    return line.startswith("    ") and following is not None and FILE_SIGN in following and find_location(following) is not None


def read_syntax_error(text: str, match: re.Match[str], floor: int) -> RubyException | None:
    """Read a syntax error; its only frame is the location."""
    begin = line_start(text, match.start(), floor)
    lines = Lines(text, begin)
    wrong = WRONG.search(lines.line or "")
    if not wrong or not wrong[1].endswith((".rb", ".erb", ".rake", ".ru", "-e")):
        return None
    lines.skip()
    named = CLASS_LAST.match(wrong[3])
    message = named[1] if named else wrong[3]
    file = wrong[1].rpartition(" ")[2]
    while (line := lines.line) is not None and line.strip() and not _ends_message(line):
        if lines.position - begin >= MESSAGE_LIMIT:
            break
        lines.skip()
    frame = location_frame(file, int(wrong[2]), in_app=True)
    return RubyException("SyntaxError", message, (frame,), (begin, lines.position))
