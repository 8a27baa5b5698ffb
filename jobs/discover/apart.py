"""What people called different, as the queries of this family take it."""

from __future__ import annotations

from graph.cypher import query
from graph.ports import Reader


async def apart(graph: Reader) -> dict[str, bool]:
    """The pairs of patterns, as ``smaller larger``."""
    [row] = await graph.read(query("jobs/communities_apart"))
    return {f"{first} {second}": True for first, second in row["pairs"]}
