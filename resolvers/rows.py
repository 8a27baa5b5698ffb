"""From the maps that queries return to records of the model, and to pages of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graph.cypher import query
from graph.model.errors import GraphError
from graph.ports import Graph, Row
from resolvers.cursors import Place, encode
from resolvers.records import Page

T = TypeVar("T")


def record_of(cls: type[T], properties: Mapping[str, Any]) -> T:
    """The declared record of a node's properties; undeclared ones are left out.

    Raises ``GraphError`` when the node lacks a required property, as one written by other means may.
    """
    shape = _shape(cls)
    values = {name: properties[name] for name in shape.names if name in properties}
    for name in shape.lists:
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    try:
        return cls(**values)
    except TypeError:
        missing = ", ".join(sorted(shape.required - values.keys()))
        raise GraphError(
            f"a {cls.__name__} in the graph lacks {missing}; `crashgraph doctor` reports what differs from the model"
        ) from None


def page_of(items: Sequence[T], first: int, listing: str, place: Callable[[T], Place]) -> Page[T]:
    """The page of up to ``first`` items, from one more than that if there is a next page."""
    shown = tuple(items[:first])
    return Page(shown, tuple(encode(listing, place(item)) for item in shown), len(items) > first)


async def found(graph: Graph, name: str, **params: Any) -> list[Row]:
    """The list that a query returns as its only row, column ``found``: one row moves several times faster than many."""
    rows = await graph.read(query(name, **params))
    return rows[0]["found"] if rows else []


async def one_each(graph: Graph, name: str, ids: Iterable[str], make: Callable[[Row], T]) -> dict[str, T]:
    """What a query that returns ``{id, item}`` found for each id; ids without are left out."""
    return {row["id"]: make(row["item"]) for row in await found(graph, name, ids=list(ids))}


@dataclass(frozen=True, slots=True)
class _Shape:
    names: tuple[str, ...]
    lists: tuple[str, ...]
    required: frozenset[str]


_SHAPES: dict[type, _Shape] = {}


def _shape(cls: type) -> _Shape:
    """What there is to know about a record class, found out once."""
    if cls not in _SHAPES:
        fields = dataclasses.fields(cls)
        _SHAPES[cls] = _Shape(
            tuple(field.name for field in fields),
            tuple(field.name for field in fields if "tuple" in str(field.type)),
            frozenset(field.name for field in fields if field.default is dataclasses.MISSING),
        )
    return _SHAPES[cls]
