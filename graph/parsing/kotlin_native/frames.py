"""Frames of Kotlin/Native: ``at 3   Heron   0x10b8e4b53   kfun:org.heron.nest.Nest#open(){} + 2707 (Nest.kt:31:9)``."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.apple_symbols import apple_function_of
from graph.parsing.native.kotlin_symbols import SYMBOL, kotlin_name
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import is_library

RULES = "kotlin_native"
FRAME = re.compile(
    r"[ \t]*+at (?P<number>\d{1,5})[ \t]++(?:(?P<image>\S[^\n\t]{0,120}?)[ \t]++)??(?P<address>0x[0-9a-fA-F]{1,16})"
    r"(?:[ \t]++(?P<rest>[^\n]*))?$"
)
OLD_FRAME = re.compile(r"[ \t]*+at (?P<number>\d{1,5})[ \t]++(?P<image>\S{1,200})[ \t]++\((?P<rest>kfun:[^\n]*)\)[ \t]*$")
PLACE = re.compile(r" \((<[^<>\n]{1,60}>|[^()\n]{1,400}?\.\w{1,6}):(\d{1,9})(?::\d{1,6})?\)$")
DISTANCE = re.compile(r" \+ (?:0x[0-9a-f]{1,16}|\d{1,12})$")
UNKNOWN = "<unknown>"


def parse_frame(line: str) -> StackFrame | None:
    """The frame of a line; ``None`` for any other line."""
    match = FRAME.match(line) or OLD_FRAME.match(line)
    if not match:
        return None
    rest = (match["rest"] or "").rstrip()
    place = PLACE.search(rest[-480:]) if rest.endswith(")") else None
    file, number = (place[1], int(place[2]) or None) if place else (None, None)
    rest = rest[: len(rest) - len(place[0])] if place else rest
    file = None if file and file.startswith("<") else file
    symbol = DISTANCE.sub("", rest[-NAME_LIMIT * 4 :].rstrip())
    at = symbol.find(SYMBOL)
    if at >= 0:
        module, function = kotlin_name(symbol[at + len(SYMBOL) :])
    else:
        module, function = "", apple_function_of(symbol)
    if not function or function.startswith("0x"):
        module, function = match["image"] or "", UNKNOWN
    name = f"{module}.{function}" if module else function
    return StackFrame(function[:NAME_LIMIT], module[:NAME_LIMIT], file, number, not is_library(RULES, name, file))
