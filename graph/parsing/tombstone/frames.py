"""Frames of a tombstone: ``#01 pc 0000000000089b4c  /system/lib64/libc.so (abort+164) (BuildId: …)``."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.names import frame_of

# A log prefix may precede the frame.
FRAME = re.compile(r"#(\d{1,5})[ \t]{1,8}+(?:pc[ \t]{1,8}+)?(?:0x)?([0-9a-fA-F]{4,16})(?![0-9a-zA-Z_./])[ \t]*+(.*)", re.DOTALL)
BUILD = re.compile(r"(?<!\s)\s*+\(BuildId: [^()]{0,200}\)\s*+$")
OFFSET = re.compile(r"(?<!\s)\s*+\(offset (?:0x)?[0-9a-fA-F]{1,16}\)")
DISTANCE = re.compile(r"\+(?:0x[0-9a-fA-F]{1,16}|\d{1,12})\Z")
LINE_LIMIT = 4_000


def parse_frame(line: str) -> tuple[int, StackFrame] | None:
    """Number and frame of a line; ``None`` if it has no frame."""
    match = FRAME.search(line[:LINE_LIMIT]) if "#" in line else None
    if not match:
        return None
    return int(match[1]), _frame(match[3].strip(), f"0x{match[2].lstrip('0') or '0'}")


def _frame(rest: str, offset: str) -> StackFrame:
    if rest.startswith("in ") or rest == "in":
        return _symbolised(rest[3:].strip(), offset)
    rest = OFFSET.sub("", BUILD.sub("", rest), count=1).strip()
    if rest.startswith("(") and rest.endswith(")"):
        library, _, distance = rest[1:-1].rpartition("+")
        return frame_of("", "", library, distance or offset) if library else frame_of("", "", rest[1:-1], offset)
    library, bracket, symbol = rest.partition(" (")
    if not bracket:
        return frame_of("", "", _library(library), offset)
    return frame_of(DISTANCE.sub("", symbol.removesuffix(")")), "", _library(library), offset)


def _symbolised(rest: str, offset: str) -> StackFrame:
    """Parse a frame with the function and location of a symboliser, or the library if the location is unknown."""
    if rest.endswith(")") and " (" in rest:
        symbol, _, library = rest.rpartition(" (")
        library, _, _ = library[:-1].rpartition("+")
        return frame_of(symbol, "", library, offset)
    symbol, _, place = rest.rpartition(" ")
    if symbol and ":" in place:
        return frame_of(symbol, place)
    return frame_of(rest, "", "", offset if rest else "")


def _library(path: str) -> str:
    """Library of a path; one inside a package follows an exclamation mark."""
    return path.strip().rpartition("!")[2]
