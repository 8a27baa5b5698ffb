"""The view of a text that redaction rules work on, and the interface of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import re2

NOT_PLACEHOLDER = r"(?!<[a-z0-9]{2,12}:[0-9a-f]{10}>)"
IS_PLACEHOLDER = re.compile(r"<[a-z0-9]{2,12}:[0-9a-f]{10}>")


WORDS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", b"a" * 62)
NUMBERS = bytes.maketrans(b"123456789", b"0" * 9)
LONG_WORD = b"a" * 16
LONG_NUMBERS = (b"00000000", b"0000 0000", b"0000-0000")


@dataclass(frozen=True, slots=True)
class TextView:
    """A text with facts that many rules need.

    ``lowered`` is its lower case, of the same length; ``literals`` are the literals of rules that occur in it.
    """

    text: str
    lowered: str
    literals: frozenset[str]
    has_long_word: bool
    has_long_number: bool

    @classmethod
    def of(cls, text: str, literals: frozenset[str]) -> TextView:
        """The view of a text that contains these literals."""
        data = text.encode("utf-8", "replace")
        numbers = data.translate(NUMBERS)
        return cls(
            text,
            _lowered(text),
            literals,
            LONG_WORD in data.translate(WORDS),
            any(number in numbers for number in LONG_NUMBERS),
        )


def _lowered(text: str) -> str:
    """Lower case of the same length; if a letter's lower case is longer, only ASCII is changed."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if character.isascii() else character for character in text)


class RedactionRule(Protocol):
    """Recognises one kind of value."""

    @property
    def literals(self) -> tuple[str, ...]:
        """Lower-case literals of which a text with a value contains at least one; empty if there are no such literals."""

    @property
    def kind(self) -> str:
        """Kind in the placeholder, such as ``email``."""

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Start and end of each value, in order."""

    def same(self, value: str) -> str:
        """Canonical spelling of a value."""


class LiteralSet:
    """Finds which of many literals occur in a text, in one pass."""

    def __init__(self, literals: Iterable[str]) -> None:
        """``literals`` are in lower case."""
        self._literals = sorted(set(literals))
        self._set = re2.Set.SearchSet(options())
        for literal in self._literals:
            self._set.Add(re2.escape(literal))
        self._set.Compile()

    def within(self, text: str) -> frozenset[str]:
        """The literals in the text, ignoring case."""
        data = text.lower().encode("utf-8", "replace")
        return frozenset(self._literals[number] for number in self._set.Match(data) or ())


def options() -> re2.Options:
    """RE2 options that raise errors instead of logging them to standard error."""
    options = re2.Options()
    options.log_errors = False
    return options


def disjoint(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order of position, without those that begin within an earlier one."""
    last = 0
    for start, end in sorted(spans):
        if start >= last:
            yield start, end
            last = end
