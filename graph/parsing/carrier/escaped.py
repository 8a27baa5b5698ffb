"""Texts of several lines on one line, their line feeds and tabs escaped: by rsyslog, by a JSON string, by a shell, in HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import BREAK, FRAMED, HEADED, LEADING
from graph.parsing.text.escapes import last_quote, next_quote

OCTAL = re.compile(r"#(0[0-3][0-7]|177)")
"""A control character as rsyslog and syslog-ng write it."""
BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(0[0-3][0-7])|(.))")
LETTERS = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b"}
JSON = re.compile(r'[ \t]*+(?:[\[{][ \t\[{]*+(?:"|$)|"[^"\n]{1,200}+"[ \t]*+:)')
"""Start of a line of a JSON document: its own parsers decode it."""
BREAKS = re.compile(BREAK)
LINE_LIMIT = 1 << 20
"""Characters of a line that are decoded; a longer line is left alone."""


def split_escaped(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """Each line that holds an escaped stack as lines of its own, and last the other lines; ``None`` if there is none."""
    parts: list[list[CarriedLine]] = []
    rest: list[CarriedLine] = []
    for line in lines:
        decoded = _decode(line) if len(line.text) < LINE_LIMIT and BREAKS.search(line.text) else None
        if decoded:
            parts.append(decoded)
        else:
            rest.append(line)
    if not parts:
        return None
    return [*parts, rest] if rest else parts


def _decode(line: CarriedLine) -> list[CarriedLine] | None:
    text = line.text
    if "#012" in text:
        pieces = _pieces(text, 0, len(text), OCTAL)
    elif JSON.match(text):
        return None
    elif "\\" in text:
        first = BREAKS.search(text)
        begin = last_quote(text, first.start()) + 1 if first else 0
        pieces = _pieces(text, begin, next_quote(text, begin) if begin else len(text), BACKSLASH)
    else:
        pieces = [(piece, 0) for piece in BREAKS.split(text)]
    if not any(FRAMED.match(piece) or HEADED.match(piece.lstrip()) for piece, _ in pieces[1:]):
        return None
    shift = line.end - len(text)
    split = line.split([piece for piece, _ in pieces], [shift + end for _, end in pieces[:-1]])
    leading = LEADING.match(split[0].text)
    return (
        [
            split[0].with_text(split[0].text[leading.end() :], leading[leading.lastgroup] if leading.lastgroup else ""),
            *split[1:],
        ]
        if leading
        else split
    )


def _pieces(text: str, begin: int, end: int, escape: re.Pattern[str]) -> list[tuple[str, int]]:
    """The lines between two positions after decoding, and where each one ends in the text."""
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
    if match.re is OCTAL:
        return chr(int(match[1], 8))
    if match[1] or match[2]:
        return chr(int(match[1] or match[2], 16))
    return chr(int(match[3], 8)) if match[3] else LETTERS.get(match[4], match[4])
