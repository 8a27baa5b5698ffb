"""Query results as records of the model and as pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from graph.cypher import query
from graph.cypher.selected import SELECTED
from graph.model.errors import GraphError
from graph.ports import Graph, Row
from resolvers.cursors import Cursors, Position
from resolvers.records import PageOf

T = TypeVar("T")


def record_of(cls: type[T], properties: Mapping[str, Any]) -> T:
    """The declared record of a node's properties; undeclared ones are dropped.

    A record of selected properties has those alone: to read another attribute is an ``AttributeError``.
    ``GraphError`` if the node lacks a required property, which only other programs can cause.
    """
    shape = _shape(cls)  # type: ignore[arg-type]  # mypy takes the class for an instance
    if SELECTED in properties:
        return _part(cls, shape, properties)
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
    return PageOf(shown, Cursors(listing, position, shown), has_next=len(items) > first, has_previous=after is not None)


async def read_list(graph: Graph, name: str, **params: Any) -> list[Row]:
    """The list in the only row of a query, column ``rows``: one row is transferred several times faster than many."""
    rows = await graph.read(query(name, **params))
    return rows[0]["rows"] if rows else []


async def one_each(graph: Graph, name: str, ids: Iterable[str], make: Callable[[Row], T]) -> dict[str, T]:
    """A record per id from a query that returns a list of ``{id, item}``; ids without an item are omitted."""
    return {row["id"]: make(row["item"]) for row in await read_list(graph, name, ids=list(ids))}


def _part(cls: type[T], shape: _Shape, properties: Mapping[str, Any]) -> T:
    """A record of the selected properties alone."""
    record = cls.__new__(cls)
    setters, special = shape.setters, shape.special
    for name, value in properties.items():
        if value is not None and name not in special:
            setters[name](record, value)
        elif name != SELECTED:
            setters[name](record, _converted(cls, shape, name, value))
    return record


def _converted(cls: type[Any], shape: _Shape, name: str, value: Any) -> Any:
    """The value of a property that is missing, a list or a time."""
    if value is None:
        if name in shape.required:
            raise GraphError(f"a {cls.__name__} in the graph lacks {name}")
        return shape.defaults[name]
    if name in shape.lists:
        return tuple(value)
    return datetime.fromisoformat(value.partition("[")[0])  # without the name of the zone


async def shared(graph: Graph, name: str, ids: Iterable[str], make: Callable[[Row], T]) -> dict[str, T]:
    """As :func:`one_each`, from a query that returns a list of ``{ids, item}``: many ids lead to the same record."""
    answers: dict[str, T] = {}
    for row in await read_list(graph, name, ids=list(ids)):
        answers |= dict.fromkeys(row["ids"], make(row["item"]))
    return answers


@dataclass(frozen=True, slots=True)
class _Shape:
    names: tuple[str, ...]
    lists: frozenset[str]
    required: frozenset[str]
    special: frozenset[str]
    """Lists, times and the mark of a part."""
    defaults: Mapping[str, Any]
    setters: Mapping[str, Callable[[Any, Any], None]]
    """Set one attribute of a record that is being made, although it is frozen."""


@cache
def _shape(cls: Any) -> _Shape:
    """Field names of a record class by kind, with defaults."""
    fields = dataclasses.fields(cls)
    optional = [field for field in fields if field.default is not dataclasses.MISSING]
    return _Shape(
        tuple(field.name for field in fields),
        frozenset(field.name for field in fields if "tuple" in str(field.type)),
        frozenset(field.name for field in fields if field.default is dataclasses.MISSING),
        frozenset({SELECTED, *(field.name for field in fields if "datetime" in str(field.type) or "tuple" in str(field.type))}),
        {field.name: field.default for field in optional},
        {field.name: getattr(cls, field.name).__set__ for field in fields},
    )
