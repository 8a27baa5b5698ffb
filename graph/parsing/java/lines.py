"""What stands before and above a stack trace of Java: what a log puts before every line, and the line that names the error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

PREFIX_LIMIT = 300
LOOKED_AT = 4_000
ENDINGS = ("Exception", "Error", "Throwable", "Failure", "Fault", "Death")

# The marks are literal and the name is taken greedily, so that every line is read once.
HEAD = re.compile(
    r'[ \t]*+(?:(?P<mark>Exception in thread "(?P<thread>[^\n]{0,200}?)"|Caused by:|Suppressed:|Wrapped by:'
    r"|== Java Exception:|Uncaught Kotlin exception:|Uncaught exception:|Unhandled exception:) ?)?"
    r"(?P<type>[^\W\d][\w$.-]*+)(?:(?P<colon>:(?!\S*//)) ?(?P<message>.*)|(?P<rest>[;( \[].*)|\s*$)",
    re.DOTALL,
)
TOKEN = re.compile(r"[\w$.]+")
# What begins like this is a record of a log.
RECORD = re.compile(
    r"\[?\d{4}[-/.]\d\d?[-/.]\d\d?[ T\]]|\[?\d{1,2}:\d\d:\d\d|\[?\d\d?[-/ ]\w{3}[-/ ]\d{4}"
    r"|\[?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b"
    r"|[A-Z][a-z]{2} [ \d]\d,? (?:\d{4} )?\d\d?:\d\d:\d\d|\d\d-\d\d \d\d:\d\d:\d\d|[VDIWEF]/|\d\d/\d\d/\d\d "
)
LEVEL = re.compile(r"\b(?:ERROR|SEVERE|FATAL|WARN|WARNING|CRITICAL)\b")
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6})\d*)? ?(Z|[+-]\d\d:?\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Head:
    """The line that names an error. ``mark`` is what stands before the name, such as ``Caused by:``."""

    error_type: str
    message: str
    mark: str = ""
    thread: str = ""


def bodies(prefix: str) -> Callable[[str], str | None]:
    """What gives a line without ``prefix``, whose numbers may differ; it gives ``None`` for a line that has another."""
    prefix = prefix.rstrip()
    if not prefix or len(prefix) > PREFIX_LIMIT:
        return lambda line: line
    pattern = _pattern(prefix)

    def body(line: str) -> str | None:
        if line.startswith(prefix):
            return line[len(prefix) :]
        found = pattern.match(line)
        return line[found.end() :] if found else None if line.strip() else ""

    return body


@lru_cache(maxsize=256)
def _pattern(prefix: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\d+", r"\\d++", re.escape(prefix)))


def head_of(body: str, *, near: bool) -> Head | None:
    """The error that a line begins with. Directly above the frames (``near``) any name is one, further up only a plain one."""
    found = HEAD.match(body[:LOOKED_AT])
    if not found:
        return None
    name, mark = found["type"].rstrip("-"), found["mark"] or ""
    if not mark and not _plain(name, near=near and found["rest"] is None, told=found["colon"] is not None):
        return None
    if found["rest"] is not None and not name.endswith(ENDINGS):
        return Head("Exception", body[found.start("type") :].strip(), mark, found["thread"] or "") if mark else None
    message = body[found.start("message") :] if found["colon"] else (found["rest"] or "").lstrip("; ")
    return Head(name, "" if message.strip() == "null" else message, mark, found["thread"] or "")


def _plain(name: str, *, near: bool, told: bool) -> bool:
    """Whether a name must be that of an error's class: it says so, or is written like a class with its package.

    Directly above the frames (``near``) one without a package will do if a message follows (``told``).
    """
    last = name[name.rfind(".") + 1 :]
    if not last or name.endswith("."):
        return False
    if name.endswith(ENDINGS):
        return last[0].isupper() or "." in name
    if near:
        return "." in name or (told and last[0].isupper())
    return "." in name and last[0].isupper() and len(last) > 1 and not last.isupper()


def head_within(line: str) -> Head | None:
    """The error that a record of a log speaks of somewhere: the first name of an error that a message or nothing follows."""
    line = line[:LOOKED_AT]
    for token in TOKEN.finditer(line):
        name = token[0]
        rest = line[token.end() :]
        if not name.endswith(ENDINGS) or "." not in name.strip(".") or not (not rest.strip() or rest.startswith((": ", ":"))):
            continue
        message = rest[1:].removeprefix(" ")
        return Head(name.lstrip("."), "" if message.strip() == "null" else message)
    return None


def time_of(line: str) -> datetime | None:
    """The time a record begins with, in UTC; ``None`` unless it tells its zone."""
    found = STAMP.search(line[:100])
    if not found:
        return None
    zone = "+00:00" if found[4] == "Z" else found[4]
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}.{(found[3] or '0').ljust(6, '0')}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
