"""Pages of crashes, and what many crashes lead to, by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.model.integrity import StoredReport
from graph.model.nodes import Crash, Environment, Pattern, Signature
from graph.ports import Graph, Row
from resolvers.cursors import BEGINNING_OF_TIME, POSITION_START, TIME_START, Place, check_first, place_after
from resolvers.filters import CrashFilter, CrashOrder, words_of
from resolvers.frames import frame_pages
from resolvers.records import CrashRecord, Page, PlacedFrame
from resolvers.rows import found, one_each, page_of, record_of


async def list_crashes(
    graph: Graph,
    narrowed: CrashFilter | None = None,
    first: int = 50,
    after: str | None = None,
    order: CrashOrder = CrashOrder.RECEIVED,
) -> Page[CrashRecord]:
    """One page of the crashes that match, last first; those without a time do not stand in the order ``OCCURRED``."""
    narrowed = narrowed or CrashFilter()
    check_first(first)
    listing = f"crashes by {order.value}"
    place = place_after(after, listing, TIME_START)
    params = {**narrowed.params(), "at": place.at, "key": place.key, "limit": first + 1}
    if narrowed.search is not None:
        words = words_of(narrowed.search)
        rows = await found(graph, "crashes/search", words=words, pattern_id=narrowed.pattern_id, order=order.value, **params)
    elif narrowed.pattern_id is not None:
        rows = await found(graph, "crashes/of_pattern", pattern_id=narrowed.pattern_id, order=order.value, **params)
    elif order is CrashOrder.OCCURRED:
        params["since"] = params["since"] or BEGINNING_OF_TIME
        rows = await found(graph, "crashes/by_occurred", **params)
    else:
        rows = await found(graph, "crashes/by_received", **params)
    return page_of([_crash_record(row) for row in rows], first, listing, lambda item: crash_place(item.crash, order))


async def crashes_by_id(graph: Graph, ids: Iterable[str]) -> dict[str, Crash]:
    """The crashes of these ids, without reports; unknown ids are left out."""
    return await one_each(graph, "crashes/by_ids", ids, lambda item: record_of(Crash, item))


async def reports(graph: Graph, ids: Iterable[str]) -> dict[str, StoredReport]:
    """The redacted reports of many crashes; each is to be checked before it is used."""
    return await one_each(
        graph, "crashes/reports", ids, lambda item: StoredReport(item["crash_id"], item["report"], item["stored_hash"])
    )


async def patterns_of(graph: Graph, ids: Iterable[str]) -> dict[str, Pattern]:
    """The patterns of many crashes; a crash without is left out."""
    return await one_each(graph, "crashes/patterns", ids, lambda item: record_of(Pattern, item))


async def signatures_of(graph: Graph, ids: Iterable[str]) -> dict[str, Signature]:
    """The signatures of many crashes, without embeddings; a crash without is left out."""
    return await one_each(graph, "crashes/signatures", ids, lambda item: record_of(Signature, item))


async def environments_of(graph: Graph, ids: Iterable[str]) -> dict[str, Environment]:
    """Where many crashes happened; a crash that does not say is left out."""
    return await one_each(graph, "crashes/environments", ids, lambda item: record_of(Environment, item))


async def frames_of(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, Page[PlacedFrame]]:
    """A page of the normalised stack of each of many crashes, innermost frame first."""
    place = place_after(after, "frames", POSITION_START)
    rows = await found(graph, "crashes/frames", ids=list(ids), position=place.at, limit=check_first(first) + 1)
    return frame_pages(rows, ids, first)


def crash_place(crash: Crash, order: CrashOrder) -> Place:
    """Where a crash stands in an order."""
    at = crash.occurred_at if order is CrashOrder.OCCURRED else crash.received_at
    return Place(at or BEGINNING_OF_TIME, crash.crash_id)


def _crash_record(row: Row) -> CrashRecord:
    return CrashRecord(record_of(Crash, row["crash"]), row["pattern_id"], row["environment_id"])
