"""Connections to where a pattern was seen, with how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from resolvers.records import Page, Seen
from schema.pages import CURSOR_HELP, PageInfo, page_info

T = TypeVar("T")


@strawberry.type(description="A place where a pattern was seen.")
class SeenEdge(Generic[T]):
    """A place where a pattern was seen."""

    node: T = strawberry.field(description="The place.")
    crash_count: int = strawberry.field(description="How many crashes of the pattern happened there.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of places where a pattern was seen, most often first.")
class SeenConnection(Generic[T]):
    """A page of places."""

    edges: list[SeenEdge[T]] = strawberry.field(description="The places with the number of crashes.")
    nodes: list[T] = strawberry.field(description="The places alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


def seen_page(page: Page[Seen[Any]], make: Callable[[Any], T]) -> SeenConnection[T]:
    """A page of places."""
    edges = [
        SeenEdge(node=make(item.place), crash_count=item.crash_count, cursor=cursor)
        for item, cursor in zip(page.items, page.cursors, strict=True)
    ]
    return SeenConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page_info(page))
