"""Opaque cursors of keyset pages.

A cursor is URL-safe base64 of a JSON list ``[listing, value, key]``: the listing it belongs to, the value of its last
item that the listing is sorted by, and the unique key that breaks ties. Since it is no offset, pages neither skip nor
repeat items that stay in the graph while a client reads on.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar, overload

import orjson

from graph.model.errors import InvalidInputError, LimitError
from graph.model.outside_json import read_json
from graph.model.quoting import quoted

MAX_FIRST = 100
MAX_CURSOR_LENGTH = 1000
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
BEGINNING_OF_TIME = datetime(1, 1, 1, tzinfo=UTC)
LARGEST_INTEGER = 2**63 - 1

T = TypeVar("T")

Value: TypeAlias = int | float | datetime
"""Type of the value that a listing is sorted by."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a listing: after the item with this sort value and key."""

    value: Value
    key: str

    @property
    def number(self) -> float:
        """The value of a listing that is sorted by a number."""
        if isinstance(self.value, datetime):
            raise TypeError("a time is no number")
        return self.value


TIME_START = Position(END_OF_TIME, "")
COUNT_START = Position(LARGEST_INTEGER, "")
SCORE_START = Position(2.0, "")
POSITION_START = Position(-1, "")
P_VALUE_START = Position(-1.0, "")
KEY_START = Position(0, "")
"""Before a listing sorted by keys alone."""


def encode(listing: str, position: Position) -> str:
    """The cursor of a position."""
    value = position.value.isoformat() if isinstance(position.value, datetime) else position.value
    return base64.urlsafe_b64encode(orjson.dumps([listing, value, position.key])).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Cursors(Sequence[str], Generic[T]):
    """The cursors of the items of a page, each made when it is read: most pages are shown without them."""

    listing: str
    position: Callable[[T], Position]
    items: tuple[T, ...]

    def __len__(self) -> int:
        """As many as items."""
        return len(self.items)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...

    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """The cursor of one item, or of several."""
        if isinstance(at, slice):
            return Cursors(self.listing, self.position, self.items[at])
        return encode(self.listing, self.position(self.items[at]))


def position_after(cursor: str | None, listing: str, start: Position) -> Position:
    """The position that a page starts behind; ``start`` if there is no cursor.

    Raises ``InvalidInputError`` for a cursor that is damaged or belongs to another listing or order.
    """
    if cursor is None:
        return start
    try:
        return _decode(cursor, listing, type(start.value))
    except (ValueError, TypeError, binascii.Error, InvalidInputError):
        raise InvalidInputError(
            f"after: {quoted(cursor)} is not a cursor of {listing}; pass the endCursor of the same listing and order"
        ) from None


def check_first(first: int, maximum: int = MAX_FIRST) -> int:
    """``first`` if it is 1 to ``maximum``; else ``InvalidInputError`` or ``LimitError``."""
    if first < 1:
        raise InvalidInputError(f"first: {first} is too small for a page; ask for 1 to {maximum}")
    if first > maximum:
        raise LimitError(f"first: {first} is above the page limit; ask for 1 to {maximum}, then continue with after")
    return first


def _decode(cursor: str, listing: str, kind: type) -> Position:
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise ValueError("too long")
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    name, value, key = read_json(raw)
    if name != listing or not isinstance(key, str):
        raise ValueError("belongs to another listing")
    return Position(_value(value, kind), key)


def _value(value: Any, kind: type) -> Value:
    if kind is datetime:
        time = datetime.fromisoformat(value)
        if time.tzinfo is None:
            raise ValueError("time without a zone")
        return time
    number: int | float = value
    if isinstance(value, bool) or not isinstance(value, int | kind) or not -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
        raise ValueError("wrong type of value")
    return number
