"""Exceptions of PHP in the records of a log: ``[object] (Class(code: 0): message at file:line)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.php.frames import Call, read_calls
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start

OBJECT = "[object] ("
STACK = "[stacktrace]"
PREVIOUS = "[previous exception] "
UNCAUGHT = "Uncaught PHP Exception "
CLASS = re.compile(r"([A-Za-z_\\][\w\\@]{0,500})(?:\(code: ([^)\n]{0,100})\))?: ?")
PLACE = re.compile(r" at ([^\n]{1,1000}?):(\d{1,9})\s*$")
WORDED = re.compile(rf"{UNCAUGHT}([\w\\]{{1,500}}): \"(.*)\" at (\S[^\n]{{0,1000}}?) line (\d{{1,9}})")
# What closes an exception: its stack, the one before it, or the end of the value it stands in.
CLOSE = re.compile(r"\)(?=\r?\n\[stacktrace\]|\r?\n\[previous exception\]|\"| \{|\r\n)")
HEAD_LIMIT = 40_000
LINE_LIMIT = 400_000


@dataclass(slots=True)
class Thrown:
    """One exception with the calls above it, innermost first."""

    error_type: str
    message: str
    place: tuple[str, int] | None
    calls: list[Call]
    span: tuple[int, int]


def worded(text: str, at: int) -> Thrown | None:
    """The exception that a record tells of in words."""
    end = text.find("\n", at)
    stop = min(len(text) if end < 0 else end, at + HEAD_LIMIT)
    found = WORDED.match(text, at, stop)
    if not found:
        return None
    begin = line_start(text, at)
    return Thrown(found[1], found[2][:MESSAGE_LIMIT], (found[3], int(found[4])), [], (begin, stop if end < 0 else end + 1))


def objects(text: str, at: int, floor: int) -> list[Thrown]:
    """The exceptions of the record around ``at``, the one logged first and then what it came from."""
    begin = line_start(text, at, floor)
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    line = text[at : min(end, at + LINE_LIMIT)]
    if "\\n" in line and (STACK in line or PREVIOUS in line):
        # Everything stands on one line, its line ends written as two characters.
        found = _chain(line.replace("\\n", "\n").replace("\\\\", "\\").replace("\\/", "/"), 0)
        for one in found:
            one.span = (begin, min(end + 1, len(text)))
        return found
    found = _chain(text, at)
    for one in found:
        one.span = (begin, one.span[1])
    return found


def _chain(text: str, at: int) -> list[Thrown]:
    found: list[Thrown] = []
    while at >= 0:
        one = _one(text, at + len(OBJECT))
        if not one:
            break
        found.append(one)
        after = one.span[1]
        after += len(text[after : after + 4]) - len(text[after : after + 4].lstrip())
        at = after + len(PREVIOUS) if text.startswith(PREVIOUS + OBJECT, after) else -1
    if found:
        # The record goes on behind the frames to the end of its line.
        after = found[-1].span[1]
        if text[max(after - 1, 0) : after] != "\n" or text[after : after + 2] in {'"}', "'}"}:
            end = text.find("\n", after)
            found[-1].span = (found[-1].span[0], len(text) if end < 0 else end + 1)
    return found


def _one(text: str, start: int) -> Thrown | None:
    named = CLASS.match(text, start)
    if not named:
        return None
    limit = min(len(text), named.end() + HEAD_LIMIT)
    found = CLOSE.search(text, named.end(), limit)
    end = text.find("\n", named.end(), limit) if not found else -1
    stop = found.start() if found else limit if end < 0 else end
    head = text[named.end() : stop]
    place = PLACE.search(head, max(0, len(head) - 1_100))
    message = head[: place.start()] if place else head
    lines = Lines(text, text.find("\n", stop) + 1 if "\n" in text[stop : stop + 4] else stop + 1)
    calls: list[Call] = []
    if lines.line is not None and lines.line.startswith(STACK):
        lines.skip()
        calls = read_calls(lines)
    error_type = named[1].replace("\\\\", "\\")
    return Thrown(
        error_type, message[:MESSAGE_LIMIT], (place[1], int(place[2])) if place else None, calls, (start, lines.position)
    )
