"""Go stacks that programs print themselves: recovered panics, errors of libraries, and loggers that add a stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.model.report import Cause, ParsedReport
from graph.parsing.go.frames import GOROUTINE, Goroutine, read_frames
from graph.parsing.go.recovered import ADDRESS_MARK, find_recovered_stack
from graph.parsing.go.report import PanicHeader, go_report
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start, lines_above
from graph.parsing.text.log.fields import first_text, flatten, parse_json_object
from graph.parsing.text.log.record import parse_record, starts_record

RECOVERED = "panic recovered:"
RECOVERED_LINES = 60
ERROR_FIELDS = ("error", "err")


def printed_stacks(text: str, *, bare: bool) -> Iterator[ParsedReport]:
    """Yield one report per stack; ``bare`` reads only those without arguments of functions, unlike a goroutine's."""
    yield from _recovered(text) if ADDRESS_MARK in text else _with_wrappers(_printed(text, bare=bare), text)


def line_above(text: str, start: int, floor: int) -> tuple[int, str]:
    """Start and text of the nearest non-blank line above, at most one blank line away."""
    for begin, line in lines_above(text, start, floor, 2):
        if line.strip():
            return begin, line.strip()
    return start, ""


def _with_wrappers(reports: Iterator[ParsedReport], text: str) -> Iterator[ParsedReport]:
    """Join the stacks of one error: libraries print the root first, then each wrapper with a stack of its own below it."""
    previous: ParsedReport | None = None
    for report in reports:
        if previous and previous.span[1] == report.span[0] and not starts_record(text[report.span[0] : report.span[0] + 200]):
            root = Cause("cause", previous.error_type, previous.message, previous.frames)
            previous = replace(report, causes=(root, *previous.causes), span=(previous.span[0], report.span[1]))
            continue
        if previous:
            yield previous
        previous = report
    if previous:
        yield previous


def _stated_error(above: str) -> str:
    """The message of the line above a stack; of a log record its text, with the error among its fields.

    Console loggers separate logger, caller and message by tabs.
    """
    record = parse_record(above) if starts_record(above) else None
    if record is None:
        return above
    message, brace, fields = record.message.partition("{")
    stated = parse_json_object(brace + fields) if brace and fields.endswith("}") else None
    if stated is None:
        return record.message
    error = first_text(flatten(stated), ERROR_FIELDS)
    return ": ".join(part for part in (message.strip().rpartition("\t")[2], error.strip()) if part)[:MESSAGE_LIMIT]


def _recovered(text: str) -> Iterator[ParsedReport]:
    """Yield panics that a web framework recovered and printed, with the value on the line above the stack."""
    floor = 0
    while recovered := find_recovered_stack(text, floor):
        goroutine, start, end = recovered
        begin, above = line_above(text, start, floor)
        heading = next((at for at, line in lines_above(text, begin, floor, RECOVERED_LINES) if RECOVERED in line), begin)
        yield go_report(PanicHeader("panic: ", [above]), goroutine, heading, end)
        floor = end


def _printed(text: str, *, bare: bool) -> Iterator[ParsedReport]:
    """Yield stacks that an error library printed below a message: functions without arguments, each with a location."""
    position = floor = 0
    while (at := text.find(".go:", position)) >= 0:
        place = line_start(text, at, position)
        function = line_start(text, place - 1, position) if place > position else place
        lines = Lines(text, function)
        goroutine = read_frames(lines, arguments=False) if _may_be_stack(text, function, place, bare=bare) else Goroutine()
        position = max(lines.position, lines.after if not goroutine.frames else 0, at + 4)
        begin, above = line_above(text, function, floor)
        if len(goroutine.frames) > 1 and above and not GOROUTINE.match(above):
            floor = lines.position
            yield replace(
                go_report(PanicHeader("panic: ", [_stated_error(above)]), goroutine, begin, lines.position), error_type="Error"
            )


def _may_be_stack(text: str, function: int, place: int, *, bare: bool) -> bool:
    """Whether a line with a location and the line above it, at ``function``, look like a frame."""
    return text[place : place + 1] in {"\t", " ", "/"} and not (bare and text[max(place - 2, function) : place].startswith(")"))
