"""Connections: pages of nodes with opaque cursors, never read from the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import strawberry

from resolvers.cursors import MAX_FIRST
from resolvers.records import Page

T = TypeVar("T")
R = TypeVar("R")

First: TypeAlias = Annotated[int, strawberry.argument(description=f"How many, 1 to {MAX_FIRST}.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]

CURSOR_HELP = "Place of this item; pass it as `after` to go on behind it."


@strawberry.type(description="How to go on.")
class PageInfo:
    """How to go on after a page."""

    has_next_page: bool = strawberry.field(description="Whether there is more.")
    end_cursor: str | None = strawberry.field(description="Pass it as `after` for the next page.")


@strawberry.type(description="An item of a page.")
class Edge(Generic[T]):
    """A node and its cursor."""

    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="One page.")
class Connection(Generic[T]):
    """One page."""

    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


def page_info(page: Page[Any]) -> PageInfo:
    """How to go on after a page of records."""
    return PageInfo(has_next_page=page.has_next, end_cursor=page.cursors[-1] if page.cursors else None)


def connection(page: Page[R], make: Callable[[R], T]) -> Connection[T]:
    """A page of records as a page of types."""
    nodes = [make(item) for item in page.items]
    edges = [Edge(node=node, cursor=cursor) for node, cursor in zip(nodes, page.cursors, strict=True)]
    return Connection(edges=edges, nodes=nodes, page_info=page_info(page))


def link_page(page: Page[R], make: Callable[[R, str], Any], kind: Callable[..., T]) -> T:
    """A page of records as a connection whose edges say more; ``make`` turns a record and its cursor into an edge."""
    edges = [make(item, cursor) for item, cursor in zip(page.items, page.cursors, strict=True)]
    return kind(edges=edges, nodes=[edge.node for edge in edges], page_info=page_info(page))
