"""Query results as records of the model and as pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from graph.cypher import query
from graph.model.errors import GraphError
from graph.ports import Graph, Row
from resolvers.cursors import Position, encode
from resolvers.records import PageOf

T = TypeVar("T")


def record_of(cls: type[T], properties: Mapping[str, Any]) -> T:
    """The declared record of a node's properties; undeclared ones are dropped.

    ``GraphError`` if the node lacks a required property, which only other programs can cause.
    """
    shape = _shape(cls)  # type: ignore[arg-type]  # mypy takes the class for an instance
    values = {name: properties[name] for name in shape.names if name in properties}
    for name in shape.lists:
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    try:
        return cls(**values)
    except TypeError:
        missing = ", ".join(sorted(shape.required - values.keys()))
        raise GraphError(
            f"a {cls.__name__} in the graph lacks {missing}; `crashgraph doctor` compares the graph with the model"
        ) from None


def page_of(
    items: Sequence[T], first: int, listing: str, position: Callable[[T], Position], *, after: str | None = None
) -> PageOf[T]:
    """A page of up to ``first`` items; one item more than that means that there is a next page.

    A page behind a cursor has a previous one: the item that the cursor belongs to was there when it was made.
    """
    shown = tuple(items[:first])
    cursors = tuple(encode(listing, position(item)) for item in shown)
    return PageOf(shown, cursors, has_next=len(items) > first, has_previous=after is not None)


async def read_list(graph: Graph, name: str, **params: Any) -> list[Row]:
    """The list in the only row of a query, column ``rows``: one row is transferred several times faster than many."""
    rows = await graph.read(query(name, **params))
    return rows[0]["rows"] if rows else []


async def one_each(graph: Graph, name: str, ids: Iterable[str], make: Callable[[Row], T]) -> dict[str, T]:
    """A record per id from a query that returns a list of ``{id, item}``; ids without an item are omitted."""
    return {row["id"]: make(row["item"]) for row in await read_list(graph, name, ids=list(ids))}


@dataclass(frozen=True, slots=True)
class _Shape:
    names: tuple[str, ...]
    lists: tuple[str, ...]
    required: frozenset[str]


@cache
def _shape(cls: Any) -> _Shape:
    """Field names of a record class: all, those of lists, and those without a default."""
    fields = dataclasses.fields(cls)
    return _Shape(
        tuple(field.name for field in fields),
        tuple(field.name for field in fields if "tuple" in str(field.type)),
        frozenset(field.name for field in fields if field.default is dataclasses.MISSING),
    )
