"""Frame lines of the Java virtual machine, as ``Throwable.printStackTrace``, logging libraries and ``jstack`` print them.

.NET prints frames of a similar shape, so its parser rules these out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

SEARCH = re.compile(r"at [^\s()]{1,1000} ?\([^()\n]{1,300}\)")
"""Fast search for candidates; a match need not be a Java frame."""

# Class loader, module and version: "app//", "java.base@17.0.1/". A slash before a digit belongs to a lambda's class.
LOADER = re.compile(r"(?:[^\s/()]*+/(?!\d))*+")
LOCATION = re.compile(
    r"(?:Native Method|Unknown Source(?::(?P<unknown>\d{1,9}))?"
    r"|(?P<file>[^:()\n]+):(?P<line>-?\d{1,9})"
    r"|(?P<only>[^\s:(),]+\.(?:java|kt|kts|scala|groovy|clj|cljc|gvy|gy|rb|js|xtend|ceylon|aj)|<[^<>\s]+>|SourceFile|PG|null))"
)
# Maven prints a blank before the bracket; so do V8 and Mono, but with other locations.
SPACED = re.compile(r"Native Method|Unknown Source|[^:()\s]+\.(?:java|kt|kts|scala|groovy|clj|cljc)(?::\d{1,9})?")
CACHED_LENGTH = 512


def parse_jvm_frame(text: str) -> StackFrame | None:
    """Parse the frame in a line that starts with ``at ``, whatever follows it; ``None`` if it is not a Java frame."""
    return _parse_cached(text) if len(text) <= CACHED_LENGTH else _parse(text)


def _parse(text: str) -> StackFrame | None:
    opened = text.find("(")
    frame = _parse_located(text, opened)
    if frame is None and opened >= 0:
        # The name of a test may contain any character, brackets included.
        closed = text.rfind(")")
        frame = _parse_located(text, text.rfind("(", opened + 1, max(closed, opened + 1)))
    return frame


_parse_cached = lru_cache(maxsize=16_384)(_parse)


def _parse_located(text: str, opened: int) -> StackFrame | None:
    """Parse the frame with its source location in the bracket at ``opened``."""
    closed = text.find(")", opened)
    if opened < 0 or closed < 0 or not text.startswith("at "):
        return None
    location = LOCATION.fullmatch(text, opened + 1, closed)
    name = text[LOADER.match(text, 3).end() : opened]  # type: ignore[union-attr]  # always matches, possibly the empty string
    if name.endswith(" ") and SPACED.fullmatch(text, opened + 1, closed):
        name = name[:-1]
    space = name.find(" ")
    if space >= 0 and (not location or location["line"] is None):
        return None
    dot = name.rfind(".", 0, space if space >= 0 else len(name))
    if not location or dot < 1 or dot == len(name) - 1:
        return None
    return _build_frame(name[:dot][:NAME_LIMIT], name[dot + 1 :].rstrip()[:NAME_LIMIT], location)


def _build_frame(module: str, function: str, location: re.Match[str]) -> StackFrame:
    file = location["file"] or location["only"]
    if file and "@" in file:
        file = file[file.rfind("/") + 1 :]
    number = location["line"] or location["unknown"]
    line = int(number) if number and int(number) >= 0 else None
    library = frame_rules("java").is_library(f"{module}.{function}", file)
    return StackFrame(function, module, file[:NAME_LIMIT] if file else None, line, False if library else None)
