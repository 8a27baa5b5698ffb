"""Patterns by their ids, and pages of patterns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.model.actor import Scope
from graph.model.nodes import Pattern
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.cursors import BEGINNING_OF_TIME, COUNT_START, TIME_START, Position, check_first, position_after
from resolvers.filters import PatternFilter, PatternOrder, fulltext_query
from resolvers.records import PageOf, PatternRecord
from resolvers.rows import one_each, page_of, read_list, record_of

_BY_INDEX = {
    PatternOrder.OCCURRENCES: "patterns/by_occurrences",
    PatternOrder.LAST_SEEN: "patterns/by_last_seen",
    PatternOrder.FIRST_SEEN: "patterns/by_first_seen",
    PatternOrder.CREATED: "patterns/by_created",
}


@needs(Scope.READ)
async def patterns_by_id(graph: Graph, ids: Iterable[str]) -> dict[str, PatternRecord]:
    """The patterns with these ids; unknown ids are omitted."""
    return {row["id"]: _pattern_record(row) for row in await read_list(graph, "patterns/by_ids", ids=list(ids))}


@needs(Scope.READ)
async def signature_counts(graph: Graph, ids: Iterable[str]) -> dict[str, int]:
    """The number of signatures of each of many patterns; unknown ids are omitted."""
    return await one_each(graph, "patterns/signature_counts", ids, lambda item: int(item["signatures"]))


@needs(Scope.READ)
async def list_patterns(
    graph: Graph,
    filter: PatternFilter | None = None,
    order: PatternOrder = PatternOrder.OCCURRENCES,
    first: int = 50,
    after: str | None = None,
    *,
    maximum: int = 100,
) -> PageOf[PatternRecord]:
    """One page of the patterns that match; orders by time omit undated patterns."""
    filter = filter or PatternFilter()
    check_first(first, maximum)
    listing = f"patterns by {order.value}"
    start = position_after(after, listing, COUNT_START if order is PatternOrder.OCCURRENCES else TIME_START)
    params = {**filter.params(), "at": start.value, "key": start.key, "limit": first + 1}
    rows = await _rows(graph, filter, order, params)
    return page_of(
        [_pattern_record(row) for row in rows], first, listing, lambda item: _position(item.pattern, order), after=after
    )


async def _rows(graph: Graph, filter: PatternFilter, order: PatternOrder, params: dict[str, Any]) -> list[Row]:
    """Rows read through the most selective index: words of the name, the site, the category, or the order itself."""
    category = filter.category()
    if filter.search is not None:
        words = fulltext_query(filter.search)
        return await read_list(graph, "patterns/search", words=words, order=order.value, **category, **params)
    if filter.site is not None:
        return await read_list(graph, "patterns/at_site", order=order.value, **category, **params)
    if category["code_prefix"] is not None:
        return await read_list(graph, "patterns/of_category", order=order.value, **category, **params)
    return await read_list(graph, _BY_INDEX[order], **params)


def _position(pattern: Pattern, order: PatternOrder) -> Position:
    if order is PatternOrder.OCCURRENCES:
        return Position(pattern.occurrence_count, pattern.pattern_id)
    times = {PatternOrder.LAST_SEEN: pattern.last_seen, PatternOrder.FIRST_SEEN: pattern.first_seen}
    at = times.get(order, pattern.created_at)
    return Position(at or BEGINNING_OF_TIME, pattern.pattern_id)


def _pattern_record(row: Row) -> PatternRecord:
    return PatternRecord(record_of(Pattern, row["pattern"]), row["signature_count"])
