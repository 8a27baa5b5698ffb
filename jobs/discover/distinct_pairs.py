"""Pairs of patterns that people called distinct, in the form the queries of this family take."""

from __future__ import annotations

from graph.cypher import query
from graph.ports import Reader


async def distinct_pairs(graph: Reader) -> dict[str, bool]:
    """The pairs as keys ``smaller larger``."""
    [row] = await graph.read(query("jobs/distinct_pairs"))
    return {f"{first} {second}": True for first, second in row["pairs"]}
