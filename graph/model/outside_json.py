"""JSON that comes from outside: one way to read it, with a bound on its depth.

Everything behind the readers walks or writes what it got, often by recursion; orjson writes at most 254 levels.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from graph.model.errors import InvalidInputError

MAX_DEPTH = 100
"""Lists and objects within each other; events of SDKs have about ten."""


def read_json(text: bytes | str, part: str = "the text", *, loosely: bool = False) -> Any:
    """The value; ``InvalidInputError``, which names the ``part``, if it is not JSON or nested too deeply.

    ``loosely`` also takes NaN, control characters in strings, and lone surrogates, which are replaced.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        value = _read_loosely(text) if loosely else None
        if value is None:
            raise InvalidInputError(f"{part} is not JSON: {error}") from None
    if is_deep(value):
        raise InvalidInputError(f"{part} has lists or objects that are nested more than {MAX_DEPTH} deep")
    return value


def _read_loosely(text: bytes | str) -> Any:
    decoded = text if isinstance(text, str) else text.decode("utf-8", "replace")
    try:
        value = json.loads(decoded, strict=False)
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def is_deep(value: Any) -> bool:
    """Whether lists and objects are nested more than ``MAX_DEPTH`` deep; does not recurse."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
