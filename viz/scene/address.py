"""The address of a page is the state of its query: read from and written to the query string."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted
from resolvers.network import MAX_DEPTH, MAX_EDGES, MAX_NODES
from resolvers.records import NetworkQuery

DEFAULT = NetworkQuery()


def read_query(params: Mapping[str, str]) -> NetworkQuery:
    """The query in a page's query string; missing parameters take their defaults.

    Lists are comma-separated. Raises :class:`InvalidInputError` with the parameter, the value and the range.
    """
    return NetworkQuery(
        first=whole_number(params, "first", DEFAULT.first, 1, MAX_NODES),
        edges=whole_number(params, "edges", DEFAULT.edges, 0, MAX_EDGES),
        focus=params.get("focus") or DEFAULT.focus,
        depth=whole_number(params, "depth", DEFAULT.depth, 1, MAX_DEPTH),
        types=names(params, "types"),
        severities=names(params, "severities"),
        min_score=share(params, "min_score", DEFAULT.min_score),
        search=params.get("search") or DEFAULT.search,
    )


def query_string(query: NetworkQuery, **changes: object) -> str:
    """``?focus=…&depth=1`` for the query with some values changed; empty where nothing differs from the default."""
    values = {name: changes.get(name, getattr(query, name)) for name in NetworkQuery.__slots__}
    if values["focus"] is None:
        values["depth"] = DEFAULT.depth
    written = {name: value for name, value in values.items() if value != getattr(DEFAULT, name)}
    if values["focus"] is not None:
        written["depth"] = values["depth"]
    return "?" + urlencode({name: parameter(value) for name, value in written.items()}) if written else ""


def parameter(value: object) -> str:
    """A value of the query in the syntax of the query string."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def whole_number(params: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number within its range."""
    text = params.get(name, "").strip()
    if not text:
        return default
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    if not low <= value <= high:
        raise InvalidInputError(f"{name}={quoted(text)} is not a whole number from {low} to {high}: correct it in the address")
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
        raise InvalidInputError(f"{name}={quoted(text)} is not a number from 0 to 1: correct it in the address")
    return value


def names(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A comma-separated list; empty without the parameter."""
    return tuple(part.strip() for part in params.get(name, "").split(",") if part.strip())
