"""JSON values in a text, wherever they stand: one document, JSON lines, an envelope, between lines of a log.

The elements of a list are given one by one, so that a list that was cut off still gives those that are whole. The last
value of a cut text is closed where it was cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

START = re.compile(r"^[ \t\ufeff]{0,64}+([\[{])", re.MULTILINE)
NEXT = re.compile(r"[\s,]*+")
# Strings, whole or cut, and brackets; what stands between them does not matter for closing.
PART = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
CLOSERS = {"{": "}", "[": "]"}
CLOSED_LIMIT = 4 << 20
"""Characters of a cut value that are looked at."""
DEPTH_LIMIT = 200
WINDOWS = (4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20)
"""Characters that are looked at, more when a value does not end there: an error costs time by what was looked at."""
REFUSED_LIMIT = 8

_decoder = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value and where it stands. ``cut`` says that its end is missing."""

    content: object
    start: int
    end: int
    cut: bool = False


def json_values(text: str) -> Iterator[Value]:
    """The objects that begin a line, and those in a list that begins one, in order of position."""
    reader = _Reader(text)
    position = 0
    while found := START.search(text, position):
        position = found.start(1)
        if found[1] == "[":
            position += 1
            for value in reader.elements(position):
                yield value
                position = value.end
            continue
        whole, position = reader.value(position)
        if whole is not None:
            yield whole


class _Reader:
    """Reads the values of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = len(text.rstrip())
        self._refused = 0

    def elements(self, position: int) -> Iterator[Value]:
        """The objects at the beginning of a list, up to the first thing that is none."""
        while True:
            gap = NEXT.match(self._text, position)
            position = gap.end() if gap else position
            if not self._text.startswith("{", position):
                return
            value, position = self.value(position)
            if value is None:
                return
            yield value

    def value(self, start: int) -> tuple[Value | None, int]:
        """The value at ``start``, if it can be read, and where to look on."""
        for window in WINDOWS:
            try:
                content, length = _decoder.raw_decode(self._text[start : start + window])
            except json.JSONDecodeError as error:
                if not _at_end(error):
                    return None, start + max(error.pos, 1)
                if start + window >= self._end:
                    return self._cut(start, error)
            except (ValueError, RecursionError):
                # A number of thousands of digits, or brackets a thousand deep. No event is like that, and to try again
                # and again would take time that grows with the square of the text.
                self._refused += 1
                return None, start + 1 if self._refused < REFUSED_LIMIT else len(self._text)
            else:
                return Value(content, start, start + length), start + length
        return None, start + WINDOWS[-1]

    def _cut(self, start: int, error: json.JSONDecodeError) -> tuple[Value | None, int]:
        """A value that goes on to the end of the text."""
        content = _closed(self._text, start)
        if content is None:
            return None, start + max(error.pos, 1)
        return Value(content, start, len(self._text), cut=True), len(self._text)


def _at_end(error: json.JSONDecodeError) -> bool:
    """Whether a value could not be read because the text ends: within a string, a word or an escape, or behind a part."""
    return error.msg.startswith("Unterminated") or error.pos + 12 >= len(error.doc)


def _closed(text: str, start: int) -> object:
    """What a value says up to the last bracket that was closed before it was cut; ``None`` when that is nothing."""
    opened: list[str] = []
    end = depth = 0
    for part in PART.finditer(text, start, start + CLOSED_LIMIT):
        kind = part[0][0]
        if kind in CLOSERS:
            opened.append(CLOSERS[kind])
        elif kind != '"':
            if not opened or opened.pop() != kind:
                return None
            end, depth = part.end(), len(opened)
        if len(opened) > DEPTH_LIMIT:
            return None
    if not end:
        return None
    try:
        content: object = _decoder.decode(text[start:end] + "".join(reversed(opened[:depth])))
    except (ValueError, RecursionError):
        return None
    return content
