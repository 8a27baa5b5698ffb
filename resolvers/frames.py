"""Pages of normalised stacks."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model.nodes import Frame
from graph.ports import Row
from resolvers.cursors import Position
from resolvers.records import PageOf, PlacedFrame
from resolvers.rows import page_of, record_of


def frame_pages(
    rows: Iterable[Row], ids: Iterable[str], first: int, after: str | None = None
) -> dict[str, PageOf[PlacedFrame]]:
    """A page per id from rows ``{id, items: [{node, rank, module}]}``; empty for an id without frames."""
    frames = {
        row["id"]: [PlacedFrame(record_of(Frame, item["node"]), item["rank"], item["module"]) for item in row["items"]]
        for row in rows
    }
    return {
        id: page_of(frames.get(id, []), first, "frames", lambda item: Position(item.position, item.node.key), after=after)
        for id in ids
    }
