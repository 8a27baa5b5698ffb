"""Filters and orders of listings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph.model.choices import Choice, CrashStatus, PatternStatus
from graph.model.errors import InvalidInputError
from graph.model.nodes import Crash
from graph.model.severity import SEVERITIES

PATTERN_STATUSES = tuple(one.value for one in PatternStatus if one is not PatternStatus.MERGED)
"""Statuses of patterns that are listed."""
MAX_SEARCH_LENGTH = 200

_WORD = re.compile(r"\w+")


class CrashOrder(Choice):
    """Orders of crashes, latest first."""

    RECEIVED = "RECEIVED", "By the time they were stored."
    OCCURRED = "OCCURRED", "By the time they happened; undated ones are omitted."


class PatternOrder(Choice):
    """Orders of patterns, largest or latest first; orders by time omit undated patterns."""

    OCCURRENCES = "OCCURRENCES", "By the number of their crashes; moves as crashes arrive."
    LAST_SEEN = "LAST_SEEN", "By their latest crash; moves as crashes arrive."
    FIRST_SEEN = "FIRST_SEEN", "By their earliest crash; moves as crashes arrive."
    CREATED = "CREATED", "By when they were stored: pages neither skip nor repeat a pattern."


@dataclass(frozen=True, slots=True)
class CrashFilter:
    """A filter on crashes; values that are ``None`` or empty match everything.

    ``since`` (inclusive) and ``until`` (exclusive) refer to the time of occurrence; undated crashes match neither.
    ``search`` looks for words in the name of the pattern; crashes without a pattern do not match.
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
        """Query parameters, except ``pattern_id`` and ``search``; ``InvalidInputError`` for an invalid value."""
        check_values("status", self.statuses, CrashStatus.values())
        return _params(self)

    def matches(self, crash: Crash, pattern_id: str | None) -> bool:
        """Whether a crash of a pattern passes all but ``search``."""
        return (
            (not self.statuses or crash.status in self.statuses)
            and (not self.severities or crash.severity in self.severities)
            and all(
                wanted is None or wanted == value
                for wanted, value in (
                    (self.product, crash.product),
                    (self.site, crash.site),
                    (self.version, crash.version),
                    (self.error_type, crash.error_type),
                    (self.pattern_id, pattern_id),
                )
            )
            and (self.since is None or (crash.occurred_at is not None and crash.occurred_at >= self.since))
            and (self.until is None or (crash.occurred_at is not None and crash.occurred_at < self.until))
        )


@dataclass(frozen=True, slots=True)
class PatternFilter:
    """A filter on patterns; values that are ``None`` or empty match everything.

    ``product``, ``site`` and ``version`` require one crash that has all of them.
    ``since`` (inclusive) and ``until`` (exclusive) require that first and last seen overlap that interval.
    ``search`` requires all its words in the name, as words or parts of words, ignoring case.
    ``error_code`` is a category of the taxonomy, such as ``RES.NAME_ERROR``; ``family`` is the part before the dot.
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
        """Query parameters, except ``search`` and the category; ``InvalidInputError`` for an invalid value."""
        check_values("status", self.statuses, PATTERN_STATUSES)
        return _params(self)

    def category(self) -> dict[str, str | None]:
        """Query parameters of the category: its code, and a code prefix; both are ``None`` if every category matches."""
        family = None if self.family is None else f"{self.family}."
        return {"error_code": self.error_code, "code_prefix": family or self.error_code}


def check_severities(severities: tuple[str, ...]) -> list[str]:
    """The severities as a query parameter; ``InvalidInputError`` for an unknown one."""
    check_values("severity", severities, SEVERITIES)
    return list(severities)


def fulltext_query(search: str) -> str:
    """The full-text query for text that a person typed: every word is required, as a word or part of one.

    Only letters, digits and underscores are kept, so that no query syntax gets through.
    """
    if len(search) > MAX_SEARCH_LENGTH:
        raise InvalidInputError(f"search: {len(search)} characters; at most {MAX_SEARCH_LENGTH} are allowed")
    words = _WORD.findall(search)
    if not words:
        raise InvalidInputError(f"search: {search!r} contains no letter or digit")
    return " AND ".join(f"*{word}*" for word in words)


def _params(filter: CrashFilter | PatternFilter) -> dict[str, Any]:
    return {
        "statuses": list(filter.statuses),
        "severities": check_severities(filter.severities),
        "product": filter.product,
        "site": filter.site,
        "version": filter.version,
        "error_type": filter.error_type,
        "since": utc("since", filter.since),
        "until": utc("until", filter.until),
    }


def utc(name: str, time: datetime | None) -> datetime | None:
    """The same moment in UTC, because Cypher orders equal moments by zone."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise InvalidInputError(f"{name}: {time.isoformat()} has no time zone; add Z or an offset")
    return time.astimezone(UTC)


def check_values(name: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """``InvalidInputError`` for a value that is not one of those allowed."""
    for value in values:
        if value not in allowed:
            raise InvalidInputError(f"{name}: {value!r} is not one of {', '.join(allowed)}")
