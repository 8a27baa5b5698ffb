"""Go stacks as web frameworks print recovered panics: a location, then the short function name with its source line."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.go.frames import Goroutine
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, fold_repeats, is_library, line_start

ADDRESS_MARK = " (0x"
PLACE = re.compile(r"(\S[^\n]{0,2000}?\.(?:go|s)):(\d{1,9}) \(0x[0-9a-f]{1,16}\)\s*$")
FUNCTION = re.compile(r"\t?([^\s:/][^:\n]{0,500}): ")
ROOTS = ("/pkg/mod/", "/src/")


def find_recovered_stack(text: str, position: int) -> tuple[Goroutine, int, int] | None:
    """Find the next such stack, with its start and end; ``None`` if there is none."""
    while (at := text.find(ADDRESS_MARK, position)) >= 0:
        start = line_start(text, at, position)
        lines = Lines(text, start)
        frames = _frames(lines)
        if len(frames) > 1:
            return Goroutine(frames=fold_repeats(frames)), start, lines.position
        position = max(lines.position, lines.after, at + len(ADDRESS_MARK))
    return None


def _frames(lines: Lines) -> list[StackFrame]:
    frames: list[StackFrame] = []
    while (line := lines.line) is not None and (place := PLACE.match(line)):
        lines.skip()
        named = FUNCTION.match(lines.line) if lines.line is not None else None
        if not named:
            break
        lines.skip()
        module, function = package_of(place[1]), named[1].strip()
        in_app = not is_library("go", f"{module}.{function}", place[1])
        frames.append(StackFrame(function[:NAME_LIMIT], module[:NAME_LIMIT], place[1][:NAME_LIMIT], int(place[2]), in_app))
    return frames


def package_of(file: str) -> str:
    """Package of a source file, derived from its folder: ``/usr/local/go/src/net/http/server.go`` is ``net/http``."""
    folder = file.replace("\\", "/").rpartition("/")[0]
    for root in ROOTS:
        before, separator, after = f"{folder}/".partition(root)
        if separator and (root != "/src/" or before.endswith(("/go", "/golang"))):
            return after.rstrip("/")
    return folder.rpartition("/")[2]
