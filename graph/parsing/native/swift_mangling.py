"""The qualified name in a mangled Swift symbol: module, types and function, without the types of parameters and results.

Identifiers are written with their length and may repeat words of earlier ones (Swift's ``docs/ABI/Mangling.rst``,
section Identifiers). What follows the last identifier of the name describes types, which are not read.
"""

from __future__ import annotations

import re

PREFIX = re.compile(r"_?\$[sSe](?=\d)|_T0(?=\d)|_T(?:Z?F|W|v|To)[A-Z]{1,12}(?=\d)")
KINDS = frozenset("CVOPNaB")
"""Letters after the identifier of a class, struct, enumeration, protocol or alias."""
MOST_IDENTIFIERS = 40
MOST_WORDS = 26


def demangled_name(symbol: str) -> str:
    """The name, such as ``Shop.Basket.total``; empty if the symbol is of another kind."""
    prefix = PREFIX.match(symbol)
    if not prefix:
        return ""
    position = prefix.end()
    identifiers: list[str] = []
    words: list[str] = []
    while len(identifiers) < MOST_IDENTIFIERS and position < len(symbol) and symbol[position] in "0123456789":
        identifier, position = _identifier(symbol, position, words)
        if not identifier:
            return ""
        identifiers.append(identifier)
        if symbol[position : position + 1] in KINDS and symbol[position + 1 : position + 2].isdigit():
            position += 1
    return ".".join(identifiers) if len(identifiers) > 1 else ""


def _identifier(symbol: str, position: int, words: list[str]) -> tuple[str, int]:
    """An identifier and the position after it; its words are added to those known so far."""
    parts: list[str] = []
    substituting = symbol[position] == "0"
    position += substituting
    while True:
        while substituting and symbol[position : position + 1].isalpha():
            letter = symbol[position]
            position += 1
            substituting = letter.islower()
            number = ord(letter.lower()) - ord("a")
            if not 0 <= number < len(words):
                return "", position
            parts.append(words[number])
        if symbol[position : position + 1] == "0":
            return "".join(parts), position + 1
        digits = position
        while symbol[digits : digits + 1].isdecimal() and digits - position < 4:
            digits += 1
        if digits == position:
            return ("".join(parts) if not substituting else ""), position
        size = int(symbol[position:digits])
        literal = symbol[digits : digits + size]
        if len(literal) < size or not literal.isidentifier():
            return "", position
        _add_words(literal, words)
        parts.append(literal)
        position = digits + size
        if not substituting:
            return "".join(parts), position


def _add_words(literal: str, words: list[str]) -> None:
    """Add the words of a literal of at least two letters: they start at a capital after a lower-case letter, or after ``_``."""
    for word in re.findall(r"(?:[A-Z]+[a-z\d]*|[a-z][a-z\d]*)", literal):
        if len(word) >= 2 and len(words) < MOST_WORDS:
            words.append(word)
