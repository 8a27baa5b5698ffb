"""Patterns by their ids, and pages of patterns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.model.nodes import Pattern
from graph.ports import Graph, Row
from resolvers.cursors import BEGINNING_OF_TIME, COUNT_START, TIME_START, Place, check_first, place_after
from resolvers.filters import PatternFilter, PatternOrder, words_of
from resolvers.records import Page, PatternRecord
from resolvers.rows import found, page_of, record_of

_BY_INDEX = {
    PatternOrder.OCCURRENCES: "patterns/by_occurrences",
    PatternOrder.LAST_SEEN: "patterns/by_last_seen",
    PatternOrder.FIRST_SEEN: "patterns/by_first_seen",
}


async def patterns_by_id(graph: Graph, ids: Iterable[str]) -> dict[str, PatternRecord]:
    """The patterns of these ids; unknown ids are left out."""
    return {row["id"]: _pattern_record(row) for row in await found(graph, "patterns/by_ids", ids=list(ids))}


async def list_patterns(
    graph: Graph,
    narrowed: PatternFilter | None = None,
    order: PatternOrder = PatternOrder.OCCURRENCES,
    first: int = 50,
    after: str | None = None,
    *,
    maximum: int = 100,
) -> Page[PatternRecord]:
    """One page of the patterns that match; those without a time do not stand in an order by time."""
    narrowed = narrowed or PatternFilter()
    check_first(first, maximum)
    listing = f"patterns by {order.value}"
    place = place_after(after, listing, COUNT_START if order is PatternOrder.OCCURRENCES else TIME_START)
    params = {**narrowed.params(), "at": place.at, "key": place.key, "limit": first + 1}
    rows = await _rows(graph, narrowed, order, params)
    return page_of([_pattern_record(row) for row in rows], first, listing, lambda item: _place(item.pattern, order))


async def _rows(graph: Graph, narrowed: PatternFilter, order: PatternOrder, params: dict[str, Any]) -> list[Row]:
    """Through the narrowest index there is: words of the name, the site, the category, or the order itself."""
    category = narrowed.category()
    if narrowed.search is not None:
        words = words_of(narrowed.search)
        return await found(graph, "patterns/search", words=words, order=order.value, **category, **params)
    if narrowed.site is not None:
        return await found(graph, "patterns/at_site", order=order.value, **category, **params)
    if category["code_prefix"] is not None:
        return await found(graph, "patterns/of_category", order=order.value, **category, **params)
    return await found(graph, _BY_INDEX[order], **params)


def _place(pattern: Pattern, order: PatternOrder) -> Place:
    if order is PatternOrder.OCCURRENCES:
        return Place(pattern.occurrence_count, pattern.pattern_id)
    at = pattern.last_seen if order is PatternOrder.LAST_SEEN else pattern.first_seen
    return Place(at or BEGINNING_OF_TIME, pattern.pattern_id)


def _pattern_record(row: Row) -> PatternRecord:
    return PatternRecord(record_of(Pattern, row["pattern"]), row["signature_count"])
