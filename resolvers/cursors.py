"""Opaque cursors of keyset pages.

A cursor is URL-safe base64 of a JSON list ``[listing, value, key]``: the listing it belongs to, the value that the
listing is sorted by, and the unique key that breaks ties. It names a place, not an offset, so pages neither skip nor
repeat what stays in the graph while somebody pages through it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from graph.model.errors import InvalidInputError, LimitError

MAX_FIRST = 100
MAX_CURSOR_LENGTH = 1000
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
BEGINNING_OF_TIME = datetime(1, 1, 1, tzinfo=UTC)
LARGEST_INTEGER = 2**63 - 1

Value: TypeAlias = int | float | datetime
"""What a listing is sorted by."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a listing: after the item of this value and key."""

    at: Value
    key: str


TIME_START = Place(END_OF_TIME, "")
COUNT_START = Place(LARGEST_INTEGER, "")
SCORE_START = Place(2.0, "")
POSITION_START = Place(-1, "")


def encode(listing: str, place: Place) -> str:
    """The cursor of a place."""
    at = place.at.isoformat() if isinstance(place.at, datetime) else place.at
    raw = json.dumps([listing, at, place.key], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def place_after(cursor: str | None, listing: str, start: Place) -> Place:
    """The place a page begins at: ``start`` without a cursor.

    Raises ``InvalidInputError`` for a cursor that is damaged, or was made by another listing or another order.
    """
    if cursor is None:
        return start
    try:
        return _decode(cursor, listing, type(start.at))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidInputError(
            f"after: {cursor[:60]!r} is not a cursor of {listing}; pass an endCursor of the same listing and order, or none"
        ) from None


def check_first(first: int, maximum: int = MAX_FIRST) -> int:
    """``first`` if it is 1 to ``maximum``; else ``InvalidInputError`` or ``LimitError``."""
    if first < 1:
        raise InvalidInputError(f"first: {first} is not a page size; ask for 1 to {maximum}")
    if first > maximum:
        raise LimitError(f"first: {first} is more than one page may have; ask for 1 to {maximum} and go on with after")
    return first


def _decode(cursor: str, listing: str, kind: type) -> Place:
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise ValueError("too long")
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    name, at, key = json.loads(raw)
    if name != listing or not isinstance(key, str):
        raise ValueError("of another listing")
    return Place(_value(at, kind), key)


def _value(at: Any, kind: type) -> Value:
    if kind is datetime:
        time = datetime.fromisoformat(at)
        if time.tzinfo is None:
            raise ValueError("a time without its zone")
        return time
    number: int | float = at
    if isinstance(at, bool) or not isinstance(at, int | kind) or not -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
        raise ValueError("another kind of value")
    return number
