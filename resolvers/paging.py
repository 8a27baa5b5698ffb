"""Pages per id from queries that answer for many ids at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from graph.model import NODES
from graph.ports import Graph, Row
from resolvers.cursors import (
    COUNT_START,
    KEY_START,
    LARGEST_INTEGER,
    TIME_START,
    Position,
    Value,
    check_first,
    position_after,
)
from resolvers.records import PageOf
from resolvers.rows import page_of, read_list, record_of

T = TypeVar("T")

EXPANDED = 2_000
"""Most neighbours of a node that are read to sort them; those of a node with more come from an index."""
NEAR = 1_000
"""As :data:`WINDOW`, tried before it: enough for a node with a tenth of all crashes. The server reads a window whole."""
WINDOW = 20_000
"""Most crashes of an index, whatever node they belong to, that are read to find the latest of one node."""


async def pages(
    graph: Graph,
    name: str,
    ids: Sequence[str],
    first: int,
    after: str | None,
    make: Callable[[Row], T],
    position: Callable[[T], Position],
    *,
    start: Position = COUNT_START,
    listing: str | None = None,
    **params: Any,
) -> dict[str, PageOf[T]]:
    """A page per id from a query that returns a list of ``{id, items}``; empty for an id that it omits."""
    listing = listing or name.split("/")[1]
    at = position_after(after, listing, start)
    rows = await read_list(graph, name, ids=list(ids), at=at.value, key=at.key, limit=check_first(first) + 1, **params)
    items = {row["id"]: [make(item) for item in row["items"]] for row in rows}
    return {id: page_of(items.get(id, []), first, listing, position, after=after) for id in ids}


async def node_pages(
    graph: Graph, name: str, cls: type[T], ids: Sequence[str], first: int, after: str | None, **params: Any
) -> dict[str, PageOf[T]]:
    """A page of nodes per id, sorted by their keys, from a query that returns a list of ``{id, item}`` in that order."""
    listing = name.split("/")[1]
    start = position_after(after, listing, KEY_START)
    rows = await read_list(graph, name, ids=list(ids), key=start.key, limit=check_first(first) + 1, **params)
    found: dict[str, list[T]] = {id: [] for id in ids}
    for row in rows:
        found[row["id"]].append(record_of(cls, row["item"]))
    return {id: page_of(items, first, listing, key_position, after=after) for id, items in found.items()}


async def spread_pages(
    graph: Graph, name: str, cls: type[T], ids: Sequence[str], first: int, after: str | None
) -> dict[str, PageOf[T]]:
    """As :func:`node_pages`, from a query that does not expand nodes with more than :data:`EXPANDED` neighbours."""
    return await node_pages(graph, name, cls, ids, first, after, most=EXPANDED)


async def timed_pages(
    graph: Graph,
    name: str,
    cls: type[T],
    ids: Sequence[str],
    first: int,
    after: str | None,
    time: str = "at",
) -> dict[str, PageOf[T]]:
    """A page of nodes per id, latest first by a property that holds a time."""

    def position(node: T) -> Position:
        return Position(getattr(node, time), key_position(node).key)

    return await pages(graph, name, ids, first, after, partial(node_in, cls), position, start=TIME_START)


def node_in(cls: type[T], item: Row) -> T:
    """The record of the column ``node``."""
    return record_of(cls, item["node"])


def key_position(node: object) -> Position:
    """The position of a node in a listing sorted by keys alone."""
    return Position(KEY_START.value, key_of_record(node))


def key_of_record(node: object) -> str:
    """The value of the key property of a record."""
    return str(getattr(node, NODES[type(node).__name__].key))


def ranked(value: Value, node: object) -> Position:
    """The position of a node in a listing sorted by a value, then by keys."""
    return Position(value, key_of_record(node))


async def newest_pages(
    graph: Graph,
    name: str,
    newest: str,
    ids: Sequence[str],
    first: int,
    after: str | None,
    make: Callable[[Row], T],
    position: Callable[[T], Position],
    *,
    order: str,
) -> dict[str, PageOf[T]]:
    """A page of crashes per id, latest first.

    The crashes of a node with few are read and sorted, by ``name``. Of a node with many, those among the latest of all crashes
    are enough for most pages: ``newest`` finds them. A node that has too few of those is sorted after all.
    """
    listing = f"{name.split('/')[1]} by {order}"
    start = position_after(after, listing, TIME_START)
    params = {"order": order, "at": start.value, "key": start.key, "limit": check_first(first) + 1}
    items: dict[str, list[T]] = {}
    for read, bound in (
        (name, {"most": EXPANDED}),
        (newest, {"window": NEAR}),
        (newest, {"window": WINDOW}),
        (name, {"most": LARGEST_INTEGER}),
    ):
        lacking = [id for id in ids if id not in items]
        if not lacking:
            break
        rows = await read_list(graph, read, ids=lacking, **bound, **params)
        items |= {row["id"]: [make(item) for item in row["items"]] for row in rows}
    return {id: page_of(items.get(id, []), first, listing, position, after=after) for id in ids}
