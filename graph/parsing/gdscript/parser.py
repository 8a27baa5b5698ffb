"""GDScript: errors of scripts as Godot 3 and 4 print them, with the stack that newer versions add."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import NAME_LIMIT, SharedLiterals
from graph.parsing.text.lines import Lines, fold_repeats, is_library, lines_from
from graph.parsing.text.report import complete

NAME = "gdscript"
MARK = "SCRIPT ERROR: "
HEADINGS = SharedLiterals(MARK)
ERROR = re.compile(rf"(?:USER )?{MARK}(?P<message>[^\n]*)")
PLACE = re.compile(
    r"[ \t]{0,40}(?:at: |At: |\[\d{1,5}\] )(?:(?P<function>[^\s()]{1,300}) \()?"
    r"(?P<file>(?:res|user)://[^\n]{1,1000}?|[^\s()]{1,1000}\.gd|gdscript://[^\s()]{1,300}):(?P<line>\d{1,9})(?:\)|\.)?\s*$"
)
STACK = re.compile(r"[ \t]{0,40}GDScript backtrace \(most recent call first\):\s*$")
# Godot 3 begins the message with the function.
FUNCTION = re.compile(r"(?P<function>[a-z_]\w{0,100}): (?P<message>(?!$).*)$")
PARSE = "Parse Error: "
MESSAGE_LINES = 10


class GdscriptParser:
    """Parser for errors of scripts in Godot."""

    name = NAME
    signs = (HEADINGS,)
    title = "Errors of scripts in the Godot engine"
    takes = ("the function and place of the error, or its stack",)
    example = (
        "SCRIPT ERROR: Invalid access to property or key 'price' on a base object of type 'Nil'.\n"
        "          at: total (res://shop/basket.gd:12)\n"
        "          GDScript backtrace (most recent call first):\n"
        "              [0] total (res://shop/basket.gd:12)\n"
        "              [1] _ready (res://shop/till.gd:40)\n"
    )

    def sniff(self, text: str) -> float:
        """0.9 for the heading of an error."""
        return 0.9 if HEADINGS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error with a place."""
        floor = 0
        for match in ERROR.finditer(text):
            if match.start() >= floor and (report := _report(text, match, floor)):
                floor = report.span[1]
                yield report


def _report(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    lines = lines_from(text, match.start(), floor)
    start = lines.position
    lines.skip()
    message = [match["message"].strip()]
    while (line := lines.line) is not None and not PLACE.match(line) and not STACK.match(line):
        if len(message) > MESSAGE_LINES or not line.strip() or MARK in line:
            return None
        message.append(line.strip())
        lines.skip()
    function = FUNCTION.match(message[0])
    place = PLACE.match(lines.line or "")
    named = (place and place["function"]) or (function["function"] if function else "")
    frames = _frames(lines, named)
    if not frames:
        return None
    if function and place and not place["function"]:
        message[0] = function["message"]
    is_syntax = message[0].startswith(PARSE)
    message[0] = message[0].removeprefix(PARSE)
    return complete(
        ParsedReport(
            format=NAME,
            error_type="ParseError" if is_syntax else "ScriptError",
            message="\n".join(message),
            frames=frames,
            span=(start, lines.position),
        ),
        NAME,
    )


def _frames(lines: Lines, function: str) -> tuple[StackFrame, ...]:
    """The frames of the stack, or else the place of the error alone, in ``function``."""
    located: tuple[StackFrame, ...] = ()
    if match := PLACE.match(lines.line or ""):
        located = (_frame(match, function),)
        lines.skip()
    if not STACK.match(lines.line or ""):
        return located
    lines.skip()
    frames: list[StackFrame] = []
    while match := PLACE.match(lines.line or ""):
        frames.append(_frame(match, ""))
        lines.skip()
    return fold_repeats(frames) or located


def _frame(match: re.Match[str], function: str) -> StackFrame:
    file = match["file"][:NAME_LIMIT]
    module = file.rpartition("/")[2].partition(".")[0]
    name = match["function"] or function or "<unknown>"
    return StackFrame(name, module, file, int(match["line"]) or None, not is_library(NAME, f"{module}.{name}", file))
