"""Typed access to decoded JSON of unknown shape: a value of another type counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graph.parsing.protocol import NAME_LIMIT

JsonObject: TypeAlias = Mapping[str, object]

LINE_NUMBER_LIMIT = 10_000_000


def object_of(value: object) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_field(content: JsonObject, name: str, limit: int) -> str:
    """A string, at most ``limit`` characters of it and stripped, or a number as text; empty for any other type."""
    value = content.get(name)
    if isinstance(value, str):
        return value[:limit].strip()
    return str(value)[:NAME_LIMIT] if isinstance(value, int | float) and not isinstance(value, bool) else ""


def line_number_field(content: JsonObject, name: str) -> int | None:
    """A line number; ``None`` for any other type and outside 1 to ``LINE_NUMBER_LIMIT``."""
    value = content.get(name)
    return value if isinstance(value, int) and 0 < value < LINE_NUMBER_LIMIT else None
