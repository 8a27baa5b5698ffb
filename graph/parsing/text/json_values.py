"""JSON objects anywhere in a text: one document, JSON lines, an envelope, between log lines.

The elements of a list come one by one, so a truncated list still yields those that are complete. The last value of a
truncated text is closed where it was cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model.outside_json import MAX_DEPTH, is_deep

START = re.compile(r"^[ \t\ufeff]{0,64}+([\[{])", re.MULTILINE)
NEXT = re.compile(r"[\s,]*+")
# Strings, complete or cut off, and brackets: all that matters for closing a truncated value.
PART = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
CLOSERS = {"{": "}", "[": "]"}
CLOSED_LIMIT = 4 << 20
"""Characters of a truncated value that are read."""
WINDOWS = (4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20)
"""Characters tried in turn until a value ends within them: the cost of a decoding error grows with the input."""
REFUSED_LIMIT = 8

_decoder = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class JsonValue:
    """A JSON value and its span in the text. The end of a ``cut`` value is missing."""

    content: object
    start: int
    end: int
    cut: bool = False


def json_values(text: str) -> Iterator[JsonValue]:
    """The objects at the start of a line, and those in a list at the start of one, in order of position."""
    reader = _JsonReader(text)
    position = 0
    while match := START.search(text, position):
        position = match.start(1)
        if match[1] == "[":
            position += 1
            for value in reader.elements(position):
                yield value
                position = value.end
            continue
        whole, position = reader.value(position)
        if whole is not None:
            yield whole


class _JsonReader:
    """Decodes the values of one text; gives up on it after ``REFUSED_LIMIT`` undecodable ones."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = len(text.rstrip())
        self._refused = 0

    def elements(self, position: int) -> Iterator[JsonValue]:
        """The leading objects of a list."""
        while True:
            gap = NEXT.match(self._text, position)
            position = gap.end() if gap else position
            if not self._text.startswith("{", position):
                return
            value, position = self.value(position)
            if value is None:
                return
            yield value

    def value(self, start: int) -> tuple[JsonValue | None, int]:
        """The value at ``start``, if it can be decoded, and where to continue."""
        for window in WINDOWS:
            try:
                content, length = _decoder.raw_decode(self._text[start : start + window])
            except json.JSONDecodeError as error:
                if not _is_truncation(error):
                    return None, start + max(error.pos, 1)
                if start + window >= self._end:
                    return self._truncated_value(start, error)
            except (ValueError, RecursionError):
                return None, self._refuse(start)
            else:
                if is_deep(content):
                    return None, self._refuse(start)
                return JsonValue(content, start, start + length), start + length
        return None, start + WINDOWS[-1]

    def _refuse(self, start: int) -> int:
        """Where to continue after a number of thousands of digits or deep nesting.

        No event looks like that, and unlimited retries would take quadratic time.
        """
        self._refused += 1
        return start + 1 if self._refused < REFUSED_LIMIT else len(self._text)

    def _truncated_value(self, start: int, error: json.JSONDecodeError) -> tuple[JsonValue | None, int]:
        """A value cut off by the end of the text."""
        content = _close_value(self._text, start)
        if content is None:
            return None, start + max(error.pos, 1)
        return JsonValue(content, start, len(self._text), cut=True), len(self._text)


def _is_truncation(error: json.JSONDecodeError) -> bool:
    """Whether decoding failed because the text ends: within a string, a word or an escape, or after a complete part."""
    return error.msg.startswith("Unterminated") or error.pos + 12 >= len(error.doc)


def _close_value(text: str, start: int) -> object:
    """The content of a truncated value up to the last bracket that is closed; ``None`` if none is."""
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
        if len(opened) > MAX_DEPTH:
            return None
    if not end:
        return None
    try:
        content: object = _decoder.decode(text[start:end] + "".join(reversed(opened[:depth])))
    except (ValueError, RecursionError):
        return None
    return content
