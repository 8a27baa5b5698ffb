"""The order of a product's versions, whatever the product writes them like.

A version is read as a row of numbers and words. Numbers are compared as numbers, so ``1.10`` comes after ``1.9``; words that
announce a release (``alpha``, ``beta``, ``rc``, ``SNAPSHOT``) come before it; any other word or letter behind a number comes
after it, as in ``000.059e``. Dates written without separators are read as year, month, day. The order is total and does not
depend on what other versions there are, so releases in several styles of one product can be chained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"([0-9]++)|([A-Za-z]++)|([+!:])")
_DATE = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])?([0-9]{2})?([0-9]{2})?([0-9]{2})?")
_PREFIX = re.compile(r"\s*+(?:versions?|ver|releases?|rel|tags?)?[\s._/=-]*+v?(?=[0-9])", re.IGNORECASE)

_BEFORE = {
    word: rank
    for rank, words in enumerate(
        (
            ("dev", "nightly", "canary", "snapshot", "ea"),
            ("alpha", "a"),
            ("beta", "b"),
            ("milestone", "m"),
            ("preview", "pre", "c", "rc", "cr"),
        )
    )
    for word in words
}
"""Words that announce a release, and in which order they come."""
_LETTERS = frozenset({"a", "b", "c", "m"})
"""They announce a release only with a number behind: ``1.0b2`` comes before ``1.0``, ``1.0.2k`` and ``059e`` after it."""
_SAME = frozenset({"final", "ga", "release", "stable", "v"})
"""Words that say nothing: ``1.0.Final`` is ``1.0``."""

_ANNOUNCED, _END, _WORD, _NUMBER = range(4)

Key = tuple[tuple[int, int, str], ...]


def ordered(versions: Iterable[str]) -> list[str]:
    """The distinct versions of one product, oldest first."""
    return sorted(set(versions), key=lambda version: (version_key(version), version))


def version_key(version: str) -> Key:
    """Sort key of a version; equal for versions that differ only in trailing zeros or in words like ``GA``."""
    prefix = _PREFIX.match(version)
    tokens = [match.groups() for match in _TOKEN.finditer(version, prefix.end() if prefix else 0)]
    epoch = bool(len(tokens) > 2 and tokens[0][0] and tokens[1][2] in ("!", ":"))
    parts: list[tuple[int, int, str]] = [_number(tokens[0][0]) if epoch else _number("0")]
    rest = tokens[2:] if epoch else tokens
    for place, (digits, word, _) in enumerate(rest):
        if digits:
            parts.extend(_numbers(digits))
        elif word:
            parts.extend(_word(parts, word.lower(), followed=place + 1 < len(rest) and bool(rest[place + 1][0])))
    _cut_zeros(parts)
    return (*parts, (_END, 0, ""))


def _word(parts: list[tuple[int, int, str]], word: str, *, followed: bool) -> Iterable[tuple[int, int, str]]:
    """A word as a part; a pre-release word also drops trailing zeros of the numbers before it."""
    if word in _SAME:
        return ()
    if word in _BEFORE and (word not in _LETTERS or followed):
        _cut_zeros(parts)
        return ((_ANNOUNCED, _BEFORE[word], ""),)
    return ((_WORD, 0, word),)


def _cut_zeros(parts: list[tuple[int, int, str]]) -> None:
    while len(parts) > 2 and parts[-1] == _number("0") and parts[-2][0] == _NUMBER:
        parts.pop()


def _numbers(digits: str) -> Iterable[tuple[int, int, str]]:
    """The parts of a run of digits; a date without separators is year, month, day and so on."""
    date = _DATE.fullmatch(digits) if len(digits) in (8, 12, 14) else None
    return [_number(part) for part in date.groups() if part] if date else [_number(digits)]


def _number(digits: str) -> tuple[int, int, str]:
    """A number by its length and digits, which order it like its value however long it is."""
    plain = digits.lstrip("0")
    return (_NUMBER, len(plain), plain)


def order_text(version: str) -> str:
    """A text that sorts, character by character, like :func:`version_key`, for comparing versions in Cypher.

    Numbers are prefixed with their length; words are followed by a space, which sorts before every letter.
    """
    return "".join(_text(*part) for part in version_key(version))


def _text(kind: int, size: int, text: str) -> str:
    return f"{kind}{min(size, 9999):04d}{text} "
