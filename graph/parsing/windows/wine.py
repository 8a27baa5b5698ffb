r"""Crashes that Wine's debugger prints: ``=>0 0x00401014 pay+0x14(rate=0) [Z:\src\pay.c:31] in shop (0x0033fe20)``."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.faults import VIOLATION, access_of, exception_kind, exception_name
from graph.parsing.native.names import frame_of
from graph.parsing.protocol import line_at

FRAME = re.compile(
    r"[ \t]{0,4}(?:=>)?[ \t]{0,4}\d{1,4} 0x[0-9a-f]{4,16} (?:(?P<symbol>[^\s(]{1,400})(?:\([^\n]{0,2000}?\))? ?)?"
    r"(?:\[(?P<place>[^\]\n]{1,400})\] )?in (?P<module>\S{1,200})(?: \((?:\+(?P<offset>0x[0-9a-f]{1,16})|0x[0-9a-f]{1,16})\))?"
)
OFFSET = re.compile(r"\+0x[0-9a-f]{1,16}\Z")
DETAIL = re.compile(r"Unhandled exception: ([^\n]{1,200}?) in (?:\d\d-bit|native) code")
PAGE_FAULT = re.compile(r"page fault on (read|write|execute) access to (0x[0-9a-fA-F]{1,16})")
CODE = re.compile(r"0x([0-9a-fA-F]{8})\b")
KINDS = {
    "divide by zero": "EXCEPTION_INT_DIVIDE_BY_ZERO",
    "stack overflow": "EXCEPTION_STACK_OVERFLOW",
    "illegal instruction": "EXCEPTION_ILLEGAL_INSTRUCTION",
    "privileged instruction": "EXCEPTION_PRIV_INSTRUCTION",
    "breakpoint": "EXCEPTION_BREAKPOINT",
    "C++ exception": "C++ exception",
}
DISTANCE = 80
"""Maximum lines between the exception and its stack."""
LINE_LIMIT = 4_000


def wine_error(line: str) -> tuple[str, str]:
    """Type and message of an exception."""
    match = DETAIL.search(line)
    detail = match[1] if match else ""
    fault, code = PAGE_FAULT.search(detail), CODE.search(detail)
    if fault:
        return exception_kind(VIOLATION, access_of(fault[1])), detail
    named = next((name for words, name in KINDS.items() if words in detail), "")
    if named or not code:
        return exception_kind(named) if named else "Unhandled exception", detail
    return exception_kind(exception_name(int(code[1], 16))), detail


def read_wine_frames(text: str, position: int, limit: int) -> tuple[list[StackFrame], int]:
    """Read the frames of the first stack below ``position``; returns them with the position after them."""
    frames: list[StackFrame] = []
    end = position
    for _ in range(DISTANCE):
        if position >= limit:
            break
        line, position = line_at(text, position, limit)
        match = FRAME.match(line[:LINE_LIMIT])
        if match:
            frames.append(_frame(match))
            end = position
        elif frames:
            break
    return frames, end


def _frame(match: re.Match[str]) -> StackFrame:
    symbol = OFFSET.sub("", match["symbol"] or "")
    return frame_of(symbol, match["place"] or "", match["module"], match["offset"] or "")
