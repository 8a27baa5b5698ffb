"""Escaped strings of JSON and of programming languages."""

from __future__ import annotations

import re

ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
MEANING = {"n": "\n", "t": "\t", "r": "", "b": "", "f": ""}


def unescape(text: str) -> str:
    """Resolve the escapes once. Carriage returns are dropped; an incomplete escape is kept."""
    return ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else MEANING.get(match[2], match[2]),
        text,
    )


def last_quote(text: str, end: int, mark: str = '"') -> int:
    """Position of the last unescaped quote before ``end``, or -1."""
    quote = text.rfind(mark, 0, end)
    while quote > 0 and text[quote - 1] == "\\":
        quote = text.rfind(mark, 0, quote)
    return quote


def next_quote(text: str, start: int, mark: str = '"') -> int:
    """Position of the next unescaped quote from ``start`` on, or the length of the text."""
    quote = text.find(mark, start)
    while quote > 0 and text[quote - 1] == "\\":
        quote = text.find(mark, quote + 1)
    return quote if quote >= 0 else len(text)
