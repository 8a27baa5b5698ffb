"""Connections: pages of nodes with opaque cursors.

Every page is read from its cursor on, never from the start of the listing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, cast, get_origin

import strawberry

from resolvers.cursors import MAX_FIRST
from resolvers.records import PageOf

T = TypeVar("T")
R = TypeVar("R")

First: TypeAlias = Annotated[int, strawberry.argument(description=f"Page size, 1 to {MAX_FIRST}.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="`endCursor` of the previous page.")]

CURSOR_HELP = "Position of this item; pass it as `after` to continue behind it."
PAGE_HELP = "Whether and where the listing continues."
NULL_HELP = "One is null if a field of it failed."


@strawberry.type(description=PAGE_HELP)
class PageInfo:
    """Whether and where a listing continues."""

    has_next_page: bool = strawberry.field(description="Whether there are more items.")
    has_previous_page: bool = strawberry.field(description="Whether there were items before: true for a page behind a cursor.")
    start_cursor: str | None = strawberry.field(description="Position of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Pass it as `after` for the next page.")


class Edge:
    """An edge that makes its cursor when it is read."""

    def __getattr__(self, name: str) -> Any:
        """The cursor."""
        place = self.__dict__.get("_place")
        if name != "cursor" or place is None:
            raise AttributeError(name)
        cursors, at = place
        return cursors[at]


@strawberry.type(name="Edge", description="An item of a page.")
class PageEdge(Edge, Generic[T]):
    """A node and its cursor."""

    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


class Paged:
    """A connection that makes of its page what is read of it."""

    def __getattr__(self, name: str) -> Any:
        """Edges, nodes or the description of the page."""
        page, make = self.__dict__.get("_page"), self.__dict__.get("_make")
        if page is None or make is None:
            raise AttributeError(name)
        if name == "edges":
            value: Any = [_placed(make(item, ""), page.cursors, at) for at, item in enumerate(page.items)]
        elif name == "nodes":
            value = [make(item, "").node for item in page.items]
        elif name == "page_info":
            value = _page_info(page)
        else:
            raise AttributeError(name)
        self.__dict__[name] = value
        return value


@strawberry.type(description="One page of a listing.")
class Connection(Paged, Generic[T]):
    """One page of a listing."""

    edges: list[PageEdge[T] | None] = strawberry.field(description=f"Items with their cursors. {NULL_HELP}")
    nodes: list[T | None] = strawberry.field(description=f"Items alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


def connection(page: PageOf[R], make: Callable[[R], T]) -> Connection[T]:
    """A page of records as a connection of what ``make`` turns each into."""
    return edge_connection(page, lambda item, cursor: PageEdge(node=make(item), cursor=cursor), Connection)


def edge_connection(page: PageOf[R], make: Callable[[R, str], Any], kind: Callable[..., T]) -> T:
    """A page of records as a connection of that ``kind``; ``make`` turns a record and its cursor into an edge."""
    made: T = object.__new__(cast("type[Any]", get_origin(kind) or kind))
    made.__dict__.update(_page=page, _make=make)
    return made


def _placed(edge: Any, cursors: Sequence[str], at: int) -> Any:
    """An edge without its cursor, which it finds at that place."""
    del edge.cursor
    edge._place = cursors, at  # noqa: SLF001  # of Edge, above
    return edge


def _page_info(page: PageOf[Any]) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.end or (page.cursors[-1] if page.cursors else None),
    )
