"""Texts that stand as a value in JSON or in a string of a programming language."""

from __future__ import annotations

import re

ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
MEANING = {"n": "\n", "t": "\t", "r": "", "b": "", "f": ""}


def unescaped(text: str) -> str:
    """The text with its escapes resolved once; a carriage return is left out, a lone escape stays what it is."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else MEANING.get(found[2], found[2]), text)


def last_quote(text: str, end: int) -> int:
    """Where the last quote before ``end`` stands that is not escaped, or -1."""
    found = text.rfind('"', 0, end)
    while found > 0 and text[found - 1] == "\\":
        found = text.rfind('"', 0, found)
    return found


def next_quote(text: str, start: int) -> int:
    """Where the next quote from ``start`` on stands that is not escaped, or the text's end."""
    found = text.find('"', start)
    while found > 0 and text[found - 1] == "\\":
        found = text.find('"', found + 1)
    return found if found >= 0 else len(text)
