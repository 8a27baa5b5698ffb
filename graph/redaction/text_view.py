"""What a redaction rule sees of a text, and what every rule offers."""

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
    """A text and what is known about all of it.

    ``lowered`` is its lower case, of the same length; ``literals`` those of the rules' literals that occur in it.
    """

    text: str
    lowered: str
    literals: frozenset[str]
    has_long_word: bool
    has_long_number: bool

    @classmethod
    def of(cls, text: str, literals: frozenset[str]) -> TextView:
        """The view of a text in which these literals occur."""
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
    """Lower case of the same length: a few letters have a longer one, and then only ASCII is changed."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if character.isascii() else character for character in text)


class RedactionRule(Protocol):
    """One kind of value."""

    @property
    def literals(self) -> tuple[str, ...]:
        """In lower case, texts of which one must occur for there to be a value; none when that cannot be said."""

    @property
    def kind(self) -> str:
        """The word in the placeholder."""

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Start and end of each value, in order."""

    def same(self, value: str) -> str:
        """One spelling for values that mean the same."""


class LiteralSet:
    """Finds in one pass which of many literals occur in a text."""

    def __init__(self, literals: Iterable[str]) -> None:
        """``literals`` are in lower case."""
        self._literals = sorted(set(literals))
        self._set = re2.Set.SearchSet(options())
        for one in self._literals:
            self._set.Add(re2.escape(one))
        self._set.Compile()

    def within(self, text: str) -> frozenset[str]:
        """Those that occur in the text, in any case."""
        data = text.lower().encode("utf-8", "replace")
        return frozenset(self._literals[number] for number in self._set.Match(data) or ())


def options() -> re2.Options:
    """RE2 that raises instead of writing to standard error."""
    made = re2.Options()
    made.log_errors = False
    return made
