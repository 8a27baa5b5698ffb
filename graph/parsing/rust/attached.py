"""Errors as error-stack draws them: each error with the place it was reported at, its cause below it as a branch."""

from __future__ import annotations

import re

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.rust.frames import in_app, read_backtrace
from graph.parsing.text.lines import Lines, line_start, lines_above, location_frame
from graph.parsing.text.report import complete

PLACED = "├╴at "
PLACE = re.compile(r"[│ ]{0,80}[├╰]╴at (\S[^\n]{0,1000}?):(\d{1,9}):\d{1,9}\s*$")
BRANCH = re.compile(r"[│ ]{0,80}[├╰]─▶ ?(.*)$")
DRAWN = re.compile(r"[│├╰ ]{1,80}[^\n]*$")
BACKTRACE = re.compile(r"━{10,}$|backtrace no\. \d{1,6}\s*$")
LINES = 400


def attached_report(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the error whose first place is at ``at``, its message in the line above."""
    line = line_start(text, at, floor)
    start, first = next(iter(lines_above(text, line, floor, 1)), (line, ""))
    message = first.partition("Error: ")[2] or first.strip()
    if not message:
        return None
    lines = Lines(text, line)
    errors: list[tuple[str, list[StackFrame]]] = [(message, [])]
    for _ in range(LINES):
        if lines.line is None or not DRAWN.match(lines.line):
            break
        place, branch = PLACE.match(lines.line), BRANCH.match(lines.line)
        if place:
            file, number = place[1], int(place[2])
            errors[-1][1].append(location_frame(file, number, in_app=in_app("", file)))
        elif branch:
            errors.append((branch[1].strip(), []))
        lines.skip()
    end, frames = lines.position, tuple(errors[0][1])
    lines.skip_blank()
    while lines.line is not None and (BACKTRACE.match(lines.line) or not lines.line.strip()):
        lines.skip()
    called = read_backtrace(lines)
    if called:
        end, frames = lines.position, called
    causes = tuple(Cause("cause", "Error", cause[:MESSAGE_LIMIT], tuple(places)) for cause, places in errors[1:])
    return complete(ParsedReport("rust", "Error", message, frames, causes=causes, span=(start, end)), "rust")
