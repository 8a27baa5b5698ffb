"""The history of patterns: revisions, where they were learned from, and the state of a pattern at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from graph.cypher import query
from graph.knowledge.history import PatternAsOf, pattern_as_of
from graph.model.actor import Scope
from graph.model.nodes import Crash
from graph.model.permissions import needs
from graph.model.verdicts import Revision, Verdict
from graph.ports import Graph
from resolvers.cursors import COUNT_START, Position, check_first, position_after
from resolvers.records import PageOf
from resolvers.rows import one_each, page_of, read_list, record_of

LISTING = "history"


@needs(Scope.READ)
async def history_of(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Revision]]:
    """A page of the revisions of each of many patterns, latest first."""
    start = position_after(after, LISTING, COUNT_START)
    limit = check_first(first) + 1
    rows = await read_list(graph, "history/of_patterns", ids=list(ids), at=start.value, key=start.key, limit=limit)
    revisions = {row["id"]: [record_of(Revision, item["node"]) for item in row["items"]] for row in rows}
    return {
        id: page_of(
            revisions.get(id, []),
            first,
            LISTING,
            lambda revision: Position(revision.version, revision.revision_id),
            after=after,
        )
        for id in ids
    }


@needs(Scope.READ)
async def learned_from(graph: Graph, ids: Sequence[str]) -> dict[str, Crash]:
    """The crash that each of many revisions was learned from, without its report."""
    return await one_each(graph, "history/learned_from", ids, lambda item: record_of(Crash, item))


@needs(Scope.READ)
async def verdicts_by_id(graph: Graph, ids: Sequence[str]) -> dict[str, Verdict]:
    """The verdicts with these ids, without their journals; unknown ids are omitted."""
    rows = await graph.read(query("verdicts/by_ids", ids=list(ids)))
    return {row["verdict"]["verdict_id"]: record_of(Verdict, row["verdict"]) for row in rows}


@needs(Scope.READ)
async def as_of(graph: Graph, pattern_id: str, at: datetime) -> PatternAsOf:
    """The state of a pattern at a time; ``NotFoundError`` if it did not exist then."""
    return await pattern_as_of(graph, pattern_id, at)
