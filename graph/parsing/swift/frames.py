"""Frames that Swift's runtime and its backtracer print."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.apple_symbols import apple_function_of
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import Lines, is_library

# 1 [ra] [inlined] 0x000055d0f3 Nest.count() + 32 in heron at /src/Nest.swift:31:15
BACKTRACER = re.compile(
    r"[ \t]*+\d{1,5}[ \t]++(?P<attributes>(?:\[[\w ]{1,20}\][ \t]++){0,6})(?:0x[0-9a-f]{4,16}[ \t]++)?"
    r"(?P<symbol>\S[^\n]*?)(?: \+ \d{1,12})? in (?P<image>\S{1,200})"
    r"(?: at (?P<file>[^\n]{1,400}?):(?P<line>\d{1,9})(?::\d{1,6})?)?[ \t]*$"
)
# 0    libswiftCore.so   0x00007f1a7a11d000 _swift_stdlib_reportFatalErrorInFile + 135
RUNTIME = re.compile(
    r"[ \t]*+\d{1,5}[ \t]++(?P<image>\S{1,200})[ \t]++0x[0-9a-f]{4,16}[ \t]++"
    r"(?P<symbol>\S(?:[^\n]*?[^ \t\n])?)(?: \+ \d{1,12})?[ \t]*+$"
)
UNAVAILABLE = frozenset({"<unavailable>", "<unknown>", "???"})
NOISE_LINES = 60


def read_frames(lines: Lines, *, stop_at_blank: bool) -> tuple[StackFrame, ...]:
    """The frames of the first thread from the current line on; excerpts of the source between them are passed over."""
    frames: list[StackFrame] = []
    end, skipped = lines.position, 0
    while (line := lines.line) is not None and skipped < NOISE_LINES:
        frame = _frame(line)
        if frame:
            frames.append(frame)
            skipped = 0
        elif (line.startswith(("Thread ", "Registers:", "Images (", "Press ")) and frames) or (
            stop_at_blank and not (line.strip() and not frames)
        ):
            break
        else:
            skipped += 1
        lines.skip()
        end = lines.position if frame else end
    lines.position = end
    return fold_native_frames(frames)


def _frame(line: str) -> StackFrame | None:
    match = BACKTRACER.match(line) or RUNTIME.match(line)
    if not match:
        return None
    symbol = match["symbol"].strip()
    if match.re is BACKTRACER:
        file, number = match["file"], int(match["line"] or 0) or None
        inlined, is_system = "[inlined]" in match["attributes"], "[system]" in match["attributes"]
    else:
        file, number, inlined, is_system = None, None, False, False
    if symbol in UNAVAILABLE or symbol.startswith("0x"):
        module, function = match["image"].rpartition("/")[2], "<unknown>"
    else:
        module, function = "", apple_function_of(symbol)[:NAME_LIMIT]
    name = f"{module}.{function}" if module else function
    library = is_system or is_library("swift", name, file) or is_library("swift", match["image"], None)
    return StackFrame(
        function, module, file if file and not file.startswith("<") else None, number, not library, inlined=inlined
    )
