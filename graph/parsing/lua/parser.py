"""Lua: errors of the interpreters, OpenResty, LÖVE, Neovim, Roblox and Garry's Mod."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.lua.frames import SOURCE, parse_frame, read_frames
from graph.parsing.protocol import AnyLiteral, SharedLiterals
from graph.parsing.text.lines import Lines, line_start, lines_above, location_frame, next_line
from graph.parsing.text.report import complete

ANCHOR = re.compile(
    r"(?:^|[ \t>|:])(?P<mark>stack traceback:|Stack Begin|Call Stack:)(?=[ \t]*\r?$)"
    r"|^(?P<love>Traceback)[ \t]*\r?$|^(?P<addon>Stack: )"
    r"|^(?P<first>[ \t]{1,4}1\. [^\n]{1,200}? - [^:\n]{1,300}:-?\d)|(?P<vim>E51\d\d: [^\n]{1,60}?lua(?: chunk)?:? )",
    re.MULTILINE,
)
ANCHORED = AnyLiteral("stack traceback:", "Stack Begin", "Call Stack:", "Traceback", "Stack: ", " 1. ", "\t1. ", "E51")
"""What the lines with an anchor contain."""
PLACE = re.compile(rf"(?:^|(?<=[\s:@]))@?(?P<file>{SOURCE}):(?P<line>\d{{1,9}}):(?: |(?=\r?$))")
FILES = (".lua", ".luau", ".script", ".moon", ".fnl", ".p8", ".gui_script", ".render_script", "stdin", ")", '"]')
INTERPRETER = re.compile(r"(?:^|.{0,300}?[\s/])(?:lua[\w.-]*|luajit[\w.-]*|love|texlua|wlua[\w.]*)(?:\.exe)?: (?P<message>.*)$")
SYNTAX = re.compile(
    r"(?:near (?:'|<eof>|`)|unfinished (?:string|long|capture)|malformed number| expected\b(?:(?! expected\b).)*\bnear\b)"
)
CLIENT = re.compile(r", client: [^\n]*$")
ADDON_FIELDS = re.compile(r"(?:Time|Count|Locals): ")
TRACEBACK = "stack traceback:"
TRACEBACKS = SharedLiterals(TRACEBACK, "Stack Begin")
OTHERS = SharedLiterals("Call Stack:", "Error executing", "Error while calling", "Error loading", "[love ", "attempt to ")
ABOVE_LINES = 12
TYPE = "LuaError"


class LuaParser:
    """Parser for errors of Lua."""

    name = "lua"
    signs = (TRACEBACKS, OTHERS)
    title = "Lua errors with a traceback (interpreters, OpenResty, LÖVE, Neovim, Roblox, Garry's Mod)"
    takes = ("the traceback, C functions as library code", "the place of an error without a traceback (Neovim)")
    example = (
        "lua: basket.lua:3: attempt to index a nil value (local 'price')\n"
        "stack traceback:\n"
        "\t[C]: in metamethod 'index'\n"
        "\tbasket.lua:3: in function 'total'\n"
        "\tmain.lua:9: in main chunk\n"
        "\t[C]: in ?\n"
    )

    def sniff(self, text: str) -> float:
        """0.9 for a traceback, 0.5 for words that other programs print too."""
        if TRACEBACKS.occurs_in(text):
            return 0.9
        return 0.5 if OTHERS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error."""
        position = floor = 0
        for start in ANCHORED.lines_in(text):
            end, position = next_line(text, start), max(position, start)
            while match := ANCHOR.search(text, position, end):
                position = match.end()
                report = _editor_error(text, match, floor) if match["vim"] else _traced_error(text, match, floor)
                if report:
                    floor = position = max(position, report.span[1])
                    yield report


def _traced_error(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """An error with its traceback."""
    mark = match["mark"] or match["love"] or match["addon"]
    begin = line_start(text, match.start("mark") if match["mark"] else match.start(), floor)
    lines = Lines(text, next_line(text, match.end()) if mark else begin)
    if match["love"]:
        lines.skip_blank()
    frames = read_frames(lines)
    if not frames:
        return None
    message, start = _message(text, begin, floor)
    if start is None:
        return None
    last = text[lines.position : lines.position + 20]
    end = next_line(text, lines.position) if mark == "Stack Begin" and last.lstrip().startswith("Stack End") else lines.position
    return _report(message, frames, (start, end))


def _editor_error(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    """An error of Neovim: the place follows the number, and possibly a traceback."""
    start, end = line_start(text, match.start(), floor), next_line(text, match.end())
    rest = text[match.end() : end].rstrip()
    place = PLACE.match(rest)
    if not place:
        return None
    lines = Lines(text, end)
    message = [rest[place.end() :]]
    while (
        (line := lines.line) is not None and line[:1] in {" ", "\t"} and "traceback" not in line and len(message) < ABOVE_LINES
    ):
        message.append(line.strip())
        lines.skip()
    frames: tuple[StackFrame, ...] = ()
    if (lines.line or "").startswith(TRACEBACK):
        lines.skip()
        frames = read_frames(lines)
    located = location_frame(place["file"], int(place["line"]), in_app=True)
    return _report("\n".join(message), frames or (located,), (start, lines.position))


def _message(text: str, begin: int, floor: int) -> tuple[str, int | None]:
    """The message above a traceback without the place before it, and the start of its first line."""
    below: list[str] = []
    nearest: tuple[str, int] | None = None
    for start, line in lines_above(text, begin, floor, ABOVE_LINES):
        stripped = line.strip()
        if parse_frame(line):
            break
        if ADDON_FIELDS.match(line):
            continue
        place = next((found for found in PLACE.finditer(line) if found["file"].endswith(FILES)), None)
        named = INTERPRETER.match(line)
        if place or named:
            first = line[place.end() :] if place else named["message"] if named else ""
            return "\n".join([first, *reversed(below)]), start
        if not stripped and nearest:
            break
        if stripped:
            nearest = nearest or (stripped, start)
            below.append(stripped)
    if nearest is None:
        return "", None
    # Roblox writes the path of a script without an ending.
    unnamed = PLACE.search(nearest[0])
    return nearest[0][unnamed.end() if unnamed else 0 :], nearest[1]


def _report(message: str, frames: tuple[StackFrame, ...], span: tuple[int, int]) -> ParsedReport:
    message = CLIENT.sub("", message.strip())
    return complete(
        ParsedReport(
            format="lua",
            error_type="SyntaxError" if SYNTAX.search(message[:2_000]) else TYPE,
            message=message,
            frames=frames,
            span=span,
        ),
        "lua",
    )
