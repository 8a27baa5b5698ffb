"""Log lines around a report: the prefix a logger puts before every line, where a record starts, and its time.

Shared by the formats that are often found in logs. ``text/log/record`` reads a whole record instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from graph.parsing.text.lines import PREFIX_LIMIT, lines_above
from graph.parsing.text.times import parse_time

CLASS_ENDINGS = ("Exception", "Error", "Throwable", "Failure", "Fault", "Death")
"""Endings of the class names that denote an error on the JVM and in .NET."""
SCAN_LIMIT = 4_000
"""Characters of a line that are scanned."""
LINES_ABOVE = 200

DATE_OR_CLOCK = r"\[?\d{4}[-/.]\d\d?[-/.]\d\d?[ T\]]|\[?\d{1,2}:\d\d:\d\d"
"""Start of a record with an ISO-like date or a clock as first field."""
RECORD = re.compile(
    rf"{DATE_OR_CLOCK}|\[?\d\d?[-/ ]\w{{3}}[-/ ]\d{{4}}"
    r"|\[?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b"
    r"|[A-Z][a-z]{2} [ \d]\d,? (?:\d{4} )?\d\d?:\d\d:\d\d|\d\d-\d\d \d\d:\d\d:\d\d|[VDIWEF]/|\d\d/\d\d/\d\d "
)
"""Start of a log record."""
LEVEL = re.compile(r"\b(?:ERROR|SEVERE|FATAL|WARN|WARNING|CRITICAL)\b")
ZONED_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})? ?(?:Z|[+-]\d\d:?\d\d)(?!\d)")
HEADER_ENDS = (":", "]", "|", "-")
TOKEN = re.compile(r"[\w$.]+")


def prefix_stripper(prefix: str) -> Callable[[str], str | None]:
    """A function that returns a line without ``prefix``, or ``None`` for a line that has another one.

    Numbers in the prefix may differ from line to line. An overlong prefix counts as none.
    """
    prefix = prefix.rstrip()
    if not prefix or len(prefix) > PREFIX_LIMIT:
        return lambda line: line
    pattern = _any_numbers(prefix)

    def strip_prefix(line: str) -> str | None:
        if line.startswith(prefix):
            return line[len(prefix) :]
        match = pattern.match(line)
        return line[match.end() :] if match else None if line.strip() else ""

    return strip_prefix


@lru_cache(maxsize=256)
def _any_numbers(prefix: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\d+", r"\\d++", re.escape(prefix)))


def context_lines(text: str, position: int, floor: int) -> Iterator[tuple[int, str]]:
    """Start and text of the lines before ``position`` (a line start), whole, nearest first, none before ``floor``."""
    return lines_above(text, position, floor, LINES_ABOVE, longest=len(text))


def exception_in_record(line: str, *, near: bool = False) -> tuple[str, str] | None:
    """Class and message of the first qualified exception class in a log record that a message or nothing follows.

    ``near``: directly above frames, a class right behind the header of the record needs no namespace.
    """
    line = line[:SCAN_LIMIT]
    for token in TOKEN.finditer(line):
        name = token[0]
        is_first = near and line[: token.start()].rstrip()[-1:] in HEADER_ENDS
        if not name.endswith(CLASS_ENDINGS) or ("." not in name.strip(".") and not is_first):
            continue
        rest = line[token.end() :]
        if rest.strip() and not rest.startswith(":"):
            continue
        message = rest[1:].removeprefix(" ")
        return name.lstrip("."), "" if message.strip() == "null" else message
    return None


def record_time(line: str) -> datetime | None:
    """Time at the start of a log record, in UTC; ``None`` without a zone."""
    match = ZONED_TIME.search(line[:100])
    return parse_time(match[0]) if match else None
