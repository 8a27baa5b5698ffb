"""What a redaction rule sees of a text, and what every rule offers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

NOT_PLACEHOLDER = r"(?!<[a-z0-9]{2,12}:[0-9a-f]{10}>)"
IS_PLACEHOLDER = re.compile(r"<[a-z0-9]{2,12}:[0-9a-f]{10}>")


WORDS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", b"a" * 62)
NUMBERS = bytes.maketrans(b"123456789", b"0" * 9)
LONG_WORD = b"a" * 16
LONG_NUMBERS = (b"00000000", b"0000 0000", b"0000-0000")


@dataclass(frozen=True, slots=True)
class View:
    """A text and what is known about all of it. ``lowered`` is its lower case, of the same length."""

    text: str
    lowered: str
    has_long_word: bool
    has_long_number: bool

    @classmethod
    def of(cls, text: str) -> View:
        """The view of a text."""
        data = text.encode("utf-8", "replace")
        numbers = data.translate(NUMBERS)
        return cls(text, _lowered(text), LONG_WORD in data.translate(WORDS), any(number in numbers for number in LONG_NUMBERS))


def _lowered(text: str) -> str:
    """Lower case of the same length: a few letters have a longer one, and then only ASCII is changed."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if character.isascii() else character for character in text)


class Rule(Protocol):
    """One kind of value."""

    @property
    def kind(self) -> str:
        """The word in the placeholder."""

    def values(self, view: View) -> Iterator[tuple[int, int]]:
        """Start and end of each value, in order."""

    def same(self, value: str) -> str:
        """One spelling for values that mean the same."""
