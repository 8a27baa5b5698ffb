"""Frames in a JVM fatal error log: native, JVM-internal, interpreted and compiled."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.names import function_of
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

NATIVE = re.compile(
    r"[CVA] {1,3}(?:\[(?P<library>[^\]\n+]{1,300})(?:\+(?P<offset>0x[0-9a-fA-F]{1,16}))?\]|(?P<address>0x[0-9a-fA-F]{1,16}))"
    r"(?: {1,3}(?P<symbol>[^\n]{1,2000}))?$"
)
OFFSET = re.compile(r"\+0x[0-9a-fA-F]{1,16}(?: {1,3}\((?P<file>[^\s():]{1,300}):(?P<line>\d{1,9})\))?\s*$")
INTERPRETED = re.compile(r"j {1,3}(?P<name>[^\s(]{1,1000})\(")
COMPILED = re.compile(r"J {1,3}(?:\d{1,9}\b)?[%!sbn ]{0,12}(?<= )(?:(?:c1|c2|jvmci) {1,3})?(?P<name>[^\s(]{1,1000})\(")
STUB = re.compile(r"v {1,3}(?P<name>~[^\s]{1,300})")


def frame_of(text: str) -> StackFrame | None:
    """Parse the frame on a line, or return ``None``. The file of a native frame is its library unless a source is given."""
    line = text.rstrip()
    native = NATIVE.match(line)
    if native:
        return _native(native)
    java = INTERPRETED.match(line) or COMPILED.match(line)
    if java:
        module, _, function = java["name"].rpartition(".")
        return _build_frame(function[:NAME_LIMIT], module.replace("/", ".")[:NAME_LIMIT], None, None)
    stub = STUB.match(line)
    return _build_frame(stub["name"], "", None, None) if stub else None


def _native(match: re.Match[str]) -> StackFrame:
    library = (match["library"] or "").replace("\\", "/").rsplit("/", 1)[-1]
    symbol = match["symbol"] or ""
    place = OFFSET.search(symbol[-400:])
    name = symbol[: len(symbol) - len(place[0])] if place else symbol
    if name.strip():
        function = function_of(name.strip())
        file, line = (place["file"], int(place["line"])) if place and place["file"] else (library or None, None)
        return _build_frame(function[:NAME_LIMIT], "", file, line, library)
    return _build_frame(f"+{match['offset'] or match['address'] or '0x0'}", library, library or None, None)


def _build_frame(function: str, module: str, file: str | None, line: int | None, library: str = "") -> StackFrame:
    rules = frame_rules("hotspot")
    name = f"{module}.{function}" if module else function
    known = rules.is_library(name, library or file)
    return StackFrame(function, module, file, line, False if known else None)
