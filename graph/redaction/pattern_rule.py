"""A redaction rule by the shape of a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from graph.redaction.text_view import TextView


def _always(match: re.Match[str]) -> bool:
    return bool(match)


def _as_is(value: str) -> str:
    return value


class Searchable(Protocol):
    """An expression of ``re`` or RE2."""

    def search(self, text: str, /) -> object:
        """A match anywhere in the text, or ``None``."""


@dataclass(frozen=True, slots=True)
class PatternRule:
    """Recognises values by shape: the group ``value`` of a pattern, if ``accepts`` returns true.

    ``hint`` finds something in every text with a value. One in RE2 is much faster than ``pattern`` where that begins with
    words in any case.
    """

    kind: str
    pattern: re.Pattern[str]
    triggers: tuple[str, ...] = ()
    hint: Searchable | None = None
    accepts: Callable[[re.Match[str]], bool] = _always
    spelling: Callable[[str], str] = _as_is
    long_word: bool = False
    long_number: bool = False

    @property
    def literals(self) -> tuple[str, ...]:
        """Literals of which one must occur."""
        return self.triggers

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values, if the pre-checks pass."""
        if (self.long_word and not view.has_long_word) or (self.long_number and not view.has_long_number):
            return
        if self.hint and not self.hint.search(view.text):
            return
        for match in self.pattern.finditer(view.text):
            if self.accepts(match):
                yield match.span("value")

    def same(self, value: str) -> str:
        """Canonical spelling of a value."""
        return self.spelling(value)
