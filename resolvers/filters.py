"""What listings can be narrowed to, and in which order they come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from graph.model.errors import InvalidInputError
from graph.model.severity import SEVERITIES

CRASH_STATUSES = ("matched", "unparsed", "muted")
PATTERN_STATUSES = ("open", "resolved", "ignored", "regressed")
MAX_SEARCH_LENGTH = 200

_WORD = re.compile(r"\w+")


class CrashOrder(Enum):
    """Orders of crashes, last first."""

    RECEIVED = "RECEIVED"
    OCCURRED = "OCCURRED"


class PatternOrder(Enum):
    """Orders of patterns, largest or last first."""

    OCCURRENCES = "OCCURRENCES"
    LAST_SEEN = "LAST_SEEN"
    FIRST_SEEN = "FIRST_SEEN"


@dataclass(frozen=True, slots=True)
class CrashFilter:
    """Which crashes; what is ``None`` or empty lets all pass.

    ``since`` (inclusive) and ``until`` (exclusive) are about when they occurred, so undated crashes pass neither.
    ``search`` looks for words in the names of their patterns, so crashes without a pattern do not pass it.
    """

    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    product: str | None = None
    site: str | None = None
    version: str | None = None
    error_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    pattern_id: str | None = None
    search: str | None = None

    def params(self) -> dict[str, Any]:
        """Query parameters of all but ``pattern_id`` and ``search``; ``InvalidInputError`` for a value that cannot be."""
        _check_words("status", self.statuses, CRASH_STATUSES)
        return _params(self)


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """Which patterns; what is ``None`` or empty lets all pass.

    ``product``, ``site`` and ``version`` ask for at least one crash there; one that is so in all that are given.
    ``since`` (inclusive) and ``until`` (exclusive) keep patterns that were seen in between, or before and after it.
    ``search`` looks for all its words in the name, each also as a part of a word, in any case.
    ``error_code`` is a category of the taxonomy, such as ``RES.NAME_ERROR``, ``family`` the part before the dot.
    """

    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    product: str | None = None
    site: str | None = None
    version: str | None = None
    error_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    error_code: str | None = None
    family: str | None = None

    def params(self) -> dict[str, Any]:
        """Query parameters of all but ``search`` and the category; ``InvalidInputError`` for a value that cannot be."""
        _check_words("status", self.statuses, PATTERN_STATUSES)
        return _params(self)

    def category(self) -> dict[str, str | None]:
        """Query parameters of the category: a code, and what codes begin with; both are empty where all pass."""
        family = None if self.family is None else f"{self.family}."
        return {"error_code": self.error_code, "code_prefix": family or self.error_code}


def check_severities(severities: tuple[str, ...]) -> list[str]:
    """The severities as a query parameter; ``InvalidInputError`` names one that is none."""
    _check_words("severity", severities, SEVERITIES)
    return list(severities)


def words_of(search: str) -> str:
    """The full-text query for text a person typed: every word must be there, also as a part of one.

    Only letters, digits and underscores are kept, so no query syntax gets through.
    """
    if len(search) > MAX_SEARCH_LENGTH:
        raise InvalidInputError(f"search: {len(search)} characters; at most {MAX_SEARCH_LENGTH} are looked for")
    words = _WORD.findall(search)
    if not words:
        raise InvalidInputError(f"search: {search!r} has no letter or digit to look for")
    return " AND ".join(f"*{word}*" for word in words)


def _params(narrowed: CrashFilter | PatternFilter) -> dict[str, Any]:
    return {
        "statuses": list(narrowed.statuses),
        "severities": check_severities(narrowed.severities),
        "product": narrowed.product,
        "site": narrowed.site,
        "version": narrowed.version,
        "error_type": narrowed.error_type,
        "since": _utc("since", narrowed.since),
        "until": _utc("until", narrowed.until),
    }


def _utc(name: str, time: datetime | None) -> datetime | None:
    """The same moment in UTC: Cypher orders equal moments of different zones one before the other."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise InvalidInputError(f"{name}: {time.isoformat()} has no time zone; add Z or an offset")
    return time.astimezone(UTC)


def _check_words(what: str, words: tuple[str, ...], known: tuple[str, ...]) -> None:
    for word in words:
        if word not in known:
            raise InvalidInputError(f"{what}: {word!r} is none of {', '.join(known)}")
