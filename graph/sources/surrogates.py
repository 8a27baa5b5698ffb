"""Replace lone surrogates, which neither the database nor most libraries accept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, TypeVar, cast

T = TypeVar("T")

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def wellformed(value: T) -> T:
    """A text, tuple, map or record with U+FFFD for each lone surrogate; the same object if there are none."""
    made: Any = value
    if isinstance(value, str):
        made = value if is_wellformed(value) else _SURROGATE.sub("\ufffd", value)
    elif isinstance(value, tuple):
        parts = tuple(map(wellformed, value))
        made = value if all(map(is_, parts, value)) else parts
    elif isinstance(value, Mapping):
        made = {wellformed(key): wellformed(one) for key, one in value.items()}
        made = value if made == value else made
    elif is_dataclass(value) and not isinstance(value, type):
        values = ((name, getattr(value, name)) for name in _names(type(value)))
        changed = {name: whole for name, one in values if one and (whole := wellformed(one)) is not one}
        made = replace(value, **changed) if changed else value
    return cast("T", made)


@cache
def _names(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


def is_wellformed(text: str) -> bool:
    """Whether a text has no lone surrogate."""
    return text.isascii() or _SURROGATE.search(text) is None


def may_hold_surrogates(text: str) -> bool:
    """Whether values parsed from a well-formed text may contain surrogates, as JSON can escape them."""
    return "\\u" in text and _ESCAPED.search(text) is not None
