"""Frames of the Java virtual machine, as ``Throwable.printStackTrace``, its logging libraries and ``jstack`` print them."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

SEARCH = re.compile(r"at [^\s()]{1,1000}\([^()\n]{1,300}\)")
"""Finds frames fast; what it finds may still be no Java."""

# Class loader, module and its version: "app//", "java.base@17.0.1/". A slash before a digit belongs to a lambda's class.
LOADER = re.compile(r"(?:[^\s/()]*+/(?!\d))*+")
LOCATION = re.compile(
    r"(?:Native Method|Unknown Source(?::(?P<unknown>\d{1,9}))?"
    r"|(?P<file>[^:()\n]+):(?P<line>-?\d{1,9})"
    r"|(?P<only>[^\s:(),]+\.(?:java|kt|kts|scala|groovy|clj|cljc|gvy|gy|rb|js|xtend|ceylon|aj)|<[^<>\s]+>|SourceFile|PG|null))"
)
CACHED_LENGTH = 512


def frame_of(text: str) -> StackFrame | None:
    """The frame in a line that begins with ``at ``; ``None`` when it is not one of Java. What follows it does not matter."""
    return _cached(text) if len(text) <= CACHED_LENGTH else _frame(text)


def _frame(text: str) -> StackFrame | None:
    opened = text.find("(")
    found = _located(text, opened)
    if found is None and opened >= 0:
        # A test's name may hold anything, brackets too.
        closed = text.rfind(")")
        found = _located(text, text.rfind("(", opened + 1, max(closed, opened + 1)))
    return found


_cached = lru_cache(maxsize=16_384)(_frame)


def _located(text: str, opened: int) -> StackFrame | None:
    """The frame whose place begins with the bracket at ``opened``."""
    closed = text.find(")", opened)
    if opened < 0 or closed < 0 or not text.startswith("at "):
        return None
    place = LOCATION.fullmatch(text, opened + 1, closed)
    name = text[LOADER.match(text, 3).end() : opened]  # type: ignore[union-attr]  # it can match nothing, so it always matches
    spaced = name.find(" ")
    if spaced >= 0 and (not place or place["line"] is None):
        return None
    dot = name.rfind(".", 0, spaced if spaced >= 0 else len(name))
    if not place or dot < 1 or dot == len(name) - 1:
        return None
    return _built(name[:dot][:NAME_LIMIT], name[dot + 1 :].rstrip()[:NAME_LIMIT], place)


def _built(module: str, function: str, place: re.Match[str]) -> StackFrame:
    file = place["file"] or place["only"]
    if file and "@" in file:
        file = file[file.rfind("/") + 1 :]
    number = place["line"] or place["unknown"]
    line = int(number) if number and int(number) >= 0 else None
    library = frame_rules("java").is_library(f"{module}.{function}", file)
    return StackFrame(function, module, file[:NAME_LIMIT] if file else None, line, False if library else None)
