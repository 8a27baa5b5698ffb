"""Crash reports that a panic hook saves as TOML and asks the user to send, as the crate human-panic does."""

from __future__ import annotations

import re

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.rust.frames import in_app, read_backtrace
from graph.parsing.text.lines import Lines, lines_above, location_frame
from graph.parsing.text.report import complete

OCCURRED = "Panic occurred in file '"
PLACE = re.compile(r"([^'\n]{1,1000})' at line (\d{1,9})")
FIELD = re.compile(r"\"?([a-z_]{1,40})\"? ?= ?(?:'{3}|\"{3}|(['\"]))(.*)$")
ABOVE_LINES = 12
BELOW_LINES = 20


def saved_report(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the report with its explanation at ``at``: fields above and below it, and the backtrace as the last one."""
    place = PLACE.match(text, at + len(OCCURRED))
    if not place:
        return None
    fields: dict[str, str] = {}
    start = at
    for begin, line in lines_above(text, text.rfind("\n", floor, at) + 1, floor, ABOVE_LINES):
        start = _take(line, begin, fields, start)
    lines = Lines(text, text.rfind("\n", floor, at) + 1)
    _take(lines.line or "", lines.position, fields, start)
    start = min(start, lines.position)
    lines.skip()
    frames: tuple[StackFrame, ...] = ()
    for _ in range(BELOW_LINES):
        if lines.line is None:
            break
        _take(lines.line, lines.position, fields, start)
        is_last = lines.line.startswith(("backtrace", '"backtrace"'))
        lines.skip()
        if is_last:
            lines.skip_blank()
            frames = read_backtrace(lines)
            break
    while lines.line is not None and (not lines.line.strip() or lines.line.endswith(("'''", '"""'))):
        lines.skip()
    file, number = place[1], int(place[2])
    if not any(frame.in_app for frame in frames):
        frames = (location_frame(file, number, in_app=in_app("", file)), *frames)
    return complete(
        ParsedReport(
            format="rust",
            error_type="panic",
            message=fields.get("cause", ""),
            frames=frames,
            product=fields.get("name"),
            version=fields.get("crate_version"),
            environment={"os": fields["operating_system"]} if "operating_system" in fields else {},
            span=(start, lines.position),
        ),
        "rust",
    )


def _take(line: str, begin: int, fields: dict[str, str], start: int) -> int:
    """Keep the field in a line; returns the start of the report, which includes the line."""
    match = FIELD.match(line)
    if not match:
        return start
    value = match[3].removesuffix(match[2] or "").replace("\\n", "\n").strip()
    if value:
        fields.setdefault(match[1], value[:NAME_LIMIT])
    return min(start, begin)
