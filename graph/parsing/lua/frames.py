"""Frames of Lua's tracebacks, in the layouts of its hosts."""

from __future__ import annotations

import re
from collections.abc import Callable

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, base_name, fold_repeats, is_library

SOURCE = (
    r"\[(?:C|builtin[^\]\n]{0,40})\]|\[(?:string|love|string) \"[^\"\n]{0,300}\"\]|\w{1,40}_by_lua\w{0,20}\([^()\n]{1,200}\)"
    r"|\(command line\)|stdin|(?:[A-Za-z]:)?[^\s:\"'<>|][^:\"'<>|\n]{0,300}"
)
# nest.lua:3: in function 'open', [C]: in ?, /srv/nest.lua: in function 'open'
STANDARD = re.compile(
    rf"[ \t]*+(?P<file>{SOURCE})(?::(?P<line>\d{{1,9}}))?: (?:in|at) "
    r"(?P<kind>function|local|upvalue|method|field|metamethod|global|main chunk|hook|for iterator|\?|0x[0-9a-f]{1,16})"
    r"(?: ?(?:['`\u2018](?P<name>[^'\n]{1,300})['\u2019]|<(?P<place>[^\n]{1,400}?)>))?"
)
# Script 'ServerScriptService.Nest', Line 3 - function open
ROBLOX = re.compile(
    r"[ \t]*+Script '(?P<file>[^'\n]{1,300})', Line (?P<line>\d{1,9})"
    r"(?: - (?:function|method|global|local|field) (?P<name>\S{1,200}))?"
)
# 2. open - addons/heron/lua/nest.lua:31
GARRYS = re.compile(r"[ \t]++\d{1,3}\. (?P<name>[^\n]{1,200}?) - (?P<file>[^:\n]{1,300}):(?P<line>-?\d{1,9})[ \t]*$")
NOISE = re.compile(r"[ \t]*(?:coroutine \d|\.\.\.|\(\.\.\.|\(tail call\)|\[C\]: \?|$)")
NATIVE = ("[C]", "[builtin")
LAYOUTS = (STANDARD, ROBLOX, GARRYS)


def read_frames(lines: Lines) -> tuple[StackFrame, ...]:
    """The frames from the current line on; stop after the last one."""
    frames: list[StackFrame] = []
    end = lines.position
    while (line := lines.line) is not None:
        frame = parse_frame(line)
        if frame:
            frames.append(frame)
        elif not NOISE.match(line) or (frames and not line.strip()):
            break
        lines.skip()
        end = lines.position if frame else end
    lines.position = end
    return fold_repeats(frames)


def parse_frame(line: str) -> StackFrame | None:
    """The frame of a line; ``None`` for any other line."""
    match = next((found for found in (layout.match(line) for layout in LAYOUTS) if found), None)
    if not match:
        return None
    file, number = match["file"], int(match["line"] or 0)
    native = file.startswith(NATIVE)
    name = NAMES[match.re](match)[:NAME_LIMIT]
    library = native or is_library("lua", name, file)
    return StackFrame(name, "", None if native else file[:NAME_LIMIT], number if number > 0 else None, not library)


def _standard_name(match: re.Match[str]) -> str:
    """A function's name; one without a name is called after its file, since its line differs from release to release."""
    if match["name"]:
        return match["name"]
    if match["place"]:
        return f"<{base_name(match['place'].rpartition(':')[0] or match['place'])}>"
    return match["kind"] if not match["kind"].startswith("0x") else "?"


def _named(match: re.Match[str]) -> str:
    return match["name"] or "main chunk"


NAMES: dict[re.Pattern[str], Callable[[re.Match[str]], str]] = {STANDARD: _standard_name, ROBLOX: _named, GARRYS: _named}
