"""The address of a page is the state of its query: read from and written to the query string."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from graph.model.errors import InvalidInputError
from resolvers.records import NetworkQuery

MOST_NODES, MOST_EDGES, MOST_DEPTH = 500, 1000, 4


def read_query(params: Mapping[str, str], default: NetworkQuery | None = None) -> NetworkQuery:
    """The query that a page's query string asks for; what it does not name is as in ``default``.

    Lists are comma-separated. Raises :class:`InvalidInputError` that names the parameter, the value and the range.
    """
    base = default or NetworkQuery()
    return NetworkQuery(
        first=whole(params, "first", base.first, 1, MOST_NODES),
        edges=whole(params, "edges", base.edges, 0, MOST_EDGES),
        focus=params.get("focus") or base.focus,
        depth=whole(params, "depth", base.depth, 1, MOST_DEPTH),
        types=names(params, "types", base.types),
        severities=names(params, "severities", base.severities),
        min_score=share(params, "min_score", base.min_score),
        search=params.get("search") or base.search,
    )


def query_string(query: NetworkQuery, **changes: object) -> str:
    """``?focus=…&depth=1`` for the query with some values changed; empty where nothing differs from the default."""
    default = NetworkQuery()
    values = {name: changes.get(name, getattr(query, name)) for name in NetworkQuery.__slots__}
    if values["focus"] is None:
        values["depth"] = default.depth
    said = {name: value for name, value in values.items() if value != getattr(default, name)}
    if values["focus"] is not None:
        said["depth"] = values["depth"]
    return "?" + urlencode({name: written(value) for name, value in said.items()}) if said else ""


def written(value: object) -> str:
    """A value of the query as the query string has it."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def whole(params: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number within its range."""
    text = params.get(name, "").strip()
    if not text:
        return default
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    if not low <= value <= high:
        raise InvalidInputError(f"{name}={text[:40]!r} is not a whole number from {low} to {high}: correct it in the address")
    return value


def share(params: Mapping[str, str], name: str, default: float) -> float:
    """A number from 0 to 1."""
    text = params.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InvalidInputError(f"{name}={text[:40]!r} is not a number from 0 to 1: correct it in the address")
    return value


def names(params: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """A comma-separated list."""
    found = tuple(part.strip() for part in params.get(name, "").split(",") if part.strip())
    return found or default
