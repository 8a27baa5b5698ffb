"""Texts of several lines on one line, their line feeds and tabs escaped: by rsyslog, by a JSON string, by a shell, in HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import BREAK, LEADING, carries_stack
from graph.parsing.text.escapes import last_quote, next_quote
from graph.parsing.text.log.fields import flatten, level_of, parse_json_object

OCTAL = re.compile(r"#(0[0-3][0-7]|177)")
"""A control character as rsyslog and syslog-ng write it."""
BACKSLASH_OCTAL = re.compile(r"\\(0[0-3][0-7])")
BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(0[0-3][0-7])|(.))")
LETTERS = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b"}
JSON = re.compile(r'[ \t]*+(?:[\[{][ \t\[{]*+(?:"|$)|"[^"\n]{1,200}+"[ \t]*+:)')
"""Start of a line of a JSON document: its own parsers decode it."""
QUOTES = ('"', "'")
OPENED = re.compile(r".{0,2}(?:^|\W|\bb)'$")
"""A single quote that opens a string of Python and is no apostrophe."""
STATED = re.compile(r"stack|exc|trace|resourceLogs|resourceSpans", re.IGNORECASE)
"""Names under which records state exceptions."""
BREAKS = re.compile(BREAK)
LINE_LIMIT = 1 << 20
"""Characters of a line that are decoded; a longer line is left alone."""


def split_escaped(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """Each line that holds an escaped stack as lines of its own, and last the other lines; ``None`` if there is none."""
    parts: list[list[CarriedLine]] = []
    rest: list[CarriedLine] = []
    for line in lines:
        decoded = _decode(line) if _may_be_escaped(line.text) else None
        if decoded:
            parts.append(decoded)
        else:
            rest.append(line)
    if not parts:
        return None
    return [*parts, rest] if rest else parts


def _may_be_escaped(text: str) -> bool:
    """Whether a line may hold others; a JSON document holds its own line ends, which its parsers decode."""
    first = BREAKS.search(text) if len(text) < LINE_LIMIT else None
    if first is None or (first[0][0] == "\\" and JSON.match(text)):
        return False
    brace = text.find('{"', 0, first.start())
    record = parse_json_object(text[brace : text.rfind("}") + 1]) if brace >= 0 else None
    return record is None or not _states_stack(flatten(record))


def _states_stack(fields: Mapping[str, object]) -> bool:
    """Whether a record is one of a logger, which its own parsers decode."""
    return bool(level_of(fields)) or any(STATED.search(name) for name in fields)


def _decode(line: CarriedLine) -> list[CarriedLine] | None:
    """The lines that a line holds; ``None`` if they are no stack."""
    text = line.text
    leading = LEADING.match(text)
    start = leading.end() if leading else 0
    begin, end, escape = _bounds(text)
    pieces = _pieces(text, max(begin, start), end, escape)
    if pieces[-1][0] == '"':
        # The end of a string that the text does not have whole.
        pieces.pop()
    stacked = [carries_stack(piece) for piece, _ in pieces]
    if len(pieces) < 2 or not any(stacked):
        return None
    shift = line.end - len(text)
    stamp = leading[leading.lastgroup] if leading and leading.lastgroup else ""
    return line.split([piece for piece, _ in pieces], [shift + stop for _, stop in pieces[:-1]], stamp)


def _bounds(text: str) -> tuple[int, int, re.Pattern[str] | None]:
    """Where the escaped text begins and ends, and the form of its escapes; ``None`` for tags."""
    if "#012" in text:
        return 0, len(text), OCTAL
    if "\\012" in text:
        return 0, len(text), BACKSLASH_OCTAL
    breaks = list(BREAKS.finditer(text))
    if breaks[0][0][0] != "\\":
        return 0, len(text), None
    for mark in QUOTES:
        begin = last_quote(text, text.find("\\"), mark) + 1
        end = next_quote(text, begin, mark)
        if begin and end > breaks[-1].start() and (mark == '"' or OPENED.match(text, max(begin - 3, 0), begin)):
            return begin, end, BACKSLASH
    return 0, len(text), BACKSLASH


def _pieces(text: str, begin: int, end: int, escape: re.Pattern[str] | None) -> list[tuple[str, int]]:
    """The lines between two positions after decoding, and where each one ends in the text."""
    if escape is None:
        ends = [match.end() for match in BREAKS.finditer(text)]
        return list(zip(BREAKS.split(text), [*ends, len(text)], strict=True))
    pieces = []
    current: list[str] = []
    position = begin
    for match in escape.finditer(text, begin, end):
        current.append(text[position : match.start()])
        position = match.end()
        character = _character(match)
        if character == "\n":
            pieces.append(("".join(current), position))
            current = []
        elif character != "\r":
            current.append(character)
    current.append(text[position:end])
    return [*pieces, ("".join(current), end)]


def _character(match: re.Match[str]) -> str:
    if match.re is not BACKSLASH:
        return chr(int(match[1], 8))
    if match[1] or match[2]:
        return chr(int(match[1] or match[2], 16))
    return chr(int(match[3], 8)) if match[3] else LETTERS.get(match[4], match[4])
