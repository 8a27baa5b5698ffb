"""Frames in the logs of servers: ``#1: shop::pay() [0x55d6]`` of Envoy, and records of MongoDB with one frame each."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.cpp_symbols import demangle_cpp
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import line_at
from graph.parsing.text.log.fields import flatten, parse_json_object

RECORD = '"attr":{"frame":{'
CONTROL = '"c":"CONTROL"'
FATAL_RECORDS = 8
"""Records above a stack that may report its cause."""
NUMBERED = re.compile(r"[^\n#]{0,200}#\d{1,4}: (?:(?P<symbol>\S.{0,2000}) )?\[0x[0-9a-fA-F]{4,16}\]\s*\Z")


def numbered_frame(line: str) -> StackFrame | None:
    """Parse a frame with its number and address; the symbol may be missing."""
    match = NUMBERED.match(line)
    return frame_of(demangle_cpp(match["symbol"] or "")) if match else None


def record_frame(line: str) -> StackFrame | None:
    """Parse a frame in a JSON record: the symbol, mangled and plain, or else the offset in the program."""
    content = parse_json_object(line) if RECORD in line else None
    if not content:
        return None
    fields = flatten(content)
    symbol = fields.get("attr.frame.C") or demangle_cpp(str(fields.get("attr.frame.s") or ""))
    return frame_of(str(symbol), "", "", "" if symbol else f"0x{fields.get('attr.frame.o', '0')}")


def first_record(text: str, floor: int, start: int) -> int:
    """Start of the records directly above a stack that report the error behind it."""
    for _ in range(FATAL_RECORDS):
        above = max(text.rfind("\n", floor, max(start - 1, floor)) + 1, floor)
        if above >= start or CONTROL not in line_at(text, above, start)[0]:
            break
        start = above
    return start
