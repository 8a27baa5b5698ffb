"""The history of patterns: its steps, what taught them, and what a pattern was at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from graph.cypher import query
from graph.knowledge.history import PatternAsOf, pattern_as_of
from graph.model.nodes import Crash
from graph.model.verdicts import Revision, Verdict
from graph.ports import Graph
from resolvers.cursors import COUNT_START, Place, check_first, place_after
from resolvers.records import Page
from resolvers.rows import found, one_each, page_of, record_of

LISTING = "history"


async def history_of(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, Page[Revision]]:
    """A page of the steps in the history of each of many patterns, the last first."""
    place = place_after(after, LISTING, COUNT_START)
    limit = check_first(first) + 1
    rows = await found(graph, "history/of_patterns", ids=list(ids), at=place.at, key=place.key, limit=limit)
    steps = {row["id"]: [record_of(Revision, item["node"]) for item in row["items"]] for row in rows}
    return {id: page_of(steps.get(id, []), first, LISTING, lambda one: Place(one.version, one.revision_id)) for id in ids}


async def learned_from(graph: Graph, ids: Sequence[str]) -> dict[str, Crash]:
    """The crashes that taught revisions, without their reports."""
    return await one_each(graph, "history/learned_from", ids, lambda item: record_of(Crash, item))


async def verdicts_by_id(graph: Graph, ids: Sequence[str]) -> dict[str, Verdict]:
    """The verdicts of these ids, without what they changed."""
    rows = await graph.read(query("verdicts/by_ids", ids=list(ids)))
    return {row["verdict"]["verdict_id"]: record_of(Verdict, row["verdict"]) for row in rows}


async def as_of(graph: Graph, pattern_id: str, at: datetime) -> PatternAsOf:
    """What a pattern was at a time; ``NotFoundError`` where it was not there."""
    return await pattern_as_of(graph, pattern_id, at)
