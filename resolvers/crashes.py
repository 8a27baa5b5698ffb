"""Pages of crashes, and what many crashes lead to, by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.model.actor import Scope
from graph.model.integrity import StoredReport
from graph.model.nodes import Crash, Environment, Pattern, Signature
from graph.model.permissions import needs
from graph.ports import Graph
from resolvers.cursors import BEGINNING_OF_TIME, POSITION_START, TIME_START, Position, check_first, position_after
from resolvers.filters import CrashFilter, CrashOrder, fulltext_query
from resolvers.frames import frame_pages
from resolvers.records import PageOf, PlacedFrame
from resolvers.rows import one_each, page_of, read_list, record_of, shared


@needs(Scope.READ)
async def list_crashes(
    graph: Graph,
    filter: CrashFilter | None = None,
    first: int = 50,
    after: str | None = None,
    order: CrashOrder = CrashOrder.RECEIVED,
) -> PageOf[Crash]:
    """One page of the crashes that match, latest first, without reports; the order ``OCCURRED`` omits undated crashes."""
    filter = filter or CrashFilter()
    check_first(first)
    listing = f"crashes by {order.value}"
    start = position_after(after, listing, TIME_START)
    params = {**filter.params(), "at": start.value, "key": start.key, "limit": first + 1}
    if filter.search is not None:
        words = fulltext_query(filter.search)
        rows = await read_list(graph, "crashes/search", words=words, pattern_id=filter.pattern_id, order=order.value, **params)
    elif filter.pattern_id is not None:
        rows = await read_list(graph, "crashes/of_pattern", pattern_id=filter.pattern_id, order=order.value, **params)
    elif order is CrashOrder.OCCURRED:
        params["since"] = params["since"] or BEGINNING_OF_TIME
        rows = await read_list(graph, "crashes/by_occurred", **params)
    else:
        rows = await read_list(graph, "crashes/by_received", **params)
    return page_of(
        [record_of(Crash, row) for row in rows], first, listing, lambda crash: crash_position(crash, order), after=after
    )


@needs(Scope.READ)
async def crashes_by_id(graph: Graph, ids: Iterable[str]) -> dict[str, Crash]:
    """The crashes with these ids, without reports; unknown ids are omitted."""
    return await one_each(graph, "crashes/by_ids", ids, lambda item: record_of(Crash, item))


@needs(Scope.READ)
async def reports(graph: Graph, ids: Iterable[str]) -> dict[str, StoredReport]:
    """The redacted reports of many crashes; the caller has to check each before use."""
    return await one_each(
        graph, "crashes/reports", ids, lambda item: StoredReport(item["crash_id"], item["report"], item["stored_hash"])
    )


@needs(Scope.READ)
async def patterns_of(graph: Graph, ids: Iterable[str]) -> dict[str, Pattern]:
    """The pattern of each of many crashes; crashes without one are omitted."""
    return await shared(graph, "crashes/patterns", ids, lambda item: record_of(Pattern, item))


@needs(Scope.READ)
async def signatures_of(graph: Graph, ids: Iterable[str]) -> dict[str, Signature]:
    """The signature of each of many crashes, without embeddings; crashes without one are omitted."""
    return await shared(graph, "crashes/signatures", ids, lambda item: record_of(Signature, item))


@needs(Scope.READ)
async def environments_of(graph: Graph, ids: Iterable[str]) -> dict[str, Environment]:
    """The environment of each of many crashes; crashes without one are omitted."""
    return await shared(graph, "crashes/environments", ids, lambda item: record_of(Environment, item))


@needs(Scope.READ)
async def frames_of(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[PlacedFrame]]:
    """A page of the normalised stack of each of many crashes, innermost frame first."""
    start = position_after(after, "frames", POSITION_START)
    rows = await read_list(graph, "crashes/frames", ids=list(ids), position=start.value, limit=check_first(first) + 1)
    return frame_pages(rows, ids, first, after)


def crash_position(crash: Crash, order: CrashOrder) -> Position:
    """The position of a crash in an order."""
    at = crash.occurred_at if order is CrashOrder.OCCURRED else crash.received_at
    return Position(at or BEGINNING_OF_TIME, crash.crash_id)
