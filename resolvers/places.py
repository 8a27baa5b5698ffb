"""What sites, versions, environments and single facts of environments lead to.

None of these counts everything: a site may have a million crashes. Patterns of a place are those of its latest crashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from graph.model.actor import Scope
from graph.model.nodes import Attribute, Crash, Environment, Pattern, Site, Version
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.crashes import crash_position
from resolvers.cursors import SCORE_START, TIME_START, Position, check_first, position_after
from resolvers.filters import CrashOrder
from resolvers.paging import WINDOW, newest_pages, node_in, node_pages, pages, ranked, spread_pages
from resolvers.records import PageOf, SeenNode
from resolvers.rows import one_each, page_of, read_list, record_of

T = TypeVar("T")

LATEST = 1_000
"""Number of latest crashes of a place that are grouped by pattern."""


@dataclass(frozen=True, slots=True)
class CorrelatedPattern:
    """A pattern that is over-represented somewhere, and the properties of the relationship."""

    node: Pattern
    evidence: Mapping[str, Any]


@needs(Scope.READ)
async def site_crashes(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Crash]]:
    """A page of the crashes at each of many sites, last received first, without reports."""
    return await _received(graph, "places/site_crashes", ids, first, after)


@needs(Scope.READ)
async def site_patterns(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[SeenNode[Pattern]]]:
    """A page of the patterns of the latest crashes at each of many sites, most of those crashes first."""
    return await _patterns(graph, "places/site_patterns", ids, first, after)


@needs(Scope.READ)
async def site_environments(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Environment]]:
    """A page of the environments at each of many sites, by their ids."""
    return await spread_pages(graph, "places/site_environments", Environment, ids, first, after)


@needs(Scope.READ)
async def site_versions(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Version]]:
    """A page of the versions that run at each of many sites, by their ids."""
    return await node_pages(graph, "places/site_versions", Version, ids, first, after)


@needs(Scope.READ)
async def linked_sites(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Site]]:
    """A page of the sites linked to each of many sites, by their names."""
    return await node_pages(graph, "places/site_links", Site, ids, first, after)


@needs(Scope.READ)
async def version_crashes(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Crash]]:
    """A page of the crashes of each of many versions, last received first, without reports."""
    return await _received(graph, "places/version_crashes", ids, first, after)


@needs(Scope.READ)
async def version_patterns(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None, introduced: bool = False
) -> dict[str, PageOf[SeenNode[Pattern]]]:
    """A page of the patterns of the latest crashes of each of many versions, most of those crashes first.

    ``introduced`` omits those that an earlier version had, as the job ``evolution`` found.
    """
    return await _patterns(graph, "places/version_patterns", ids, first, after, introduced=introduced)


@needs(Scope.READ)
async def version_environments(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Environment]]:
    """A page of the environments that run each of many versions, by their ids."""
    return await spread_pages(graph, "places/version_environments", Environment, ids, first, after)


@needs(Scope.READ)
async def version_sites(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Site]]:
    """A page of the sites that run each of many versions, by their names."""
    return await node_pages(graph, "places/version_sites", Site, ids, first, after)


@needs(Scope.READ)
async def next_versions(graph: Graph, ids: Sequence[str]) -> dict[str, Version]:
    """The version after each of many versions."""
    return await one_each(graph, "places/version_next", ids, partial(record_of, Version))


@needs(Scope.READ)
async def previous_versions(graph: Graph, ids: Sequence[str]) -> dict[str, Version]:
    """The version before each of many versions."""
    return await one_each(graph, "places/version_previous", ids, partial(record_of, Version))


@needs(Scope.READ)
async def environment_crashes(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None, order: CrashOrder = CrashOrder.RECEIVED
) -> dict[str, PageOf[Crash]]:
    """A page of the crashes in each of many environments, latest first, without reports."""
    make, position = partial(node_in, Crash), partial(crash_position, order=order)
    names = "places/environment_crashes", "places/environment_crashes_newest"
    return await newest_pages(graph, *names, ids, first, after, make, position, order=order.value)


@needs(Scope.READ)
async def environment_patterns(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[SeenNode[Pattern]]]:
    """A page of the patterns of the latest crashes in each of many environments, most of those crashes first."""
    return await _patterns(graph, "places/environment_patterns", ids, first, after, window=WINDOW)


@needs(Scope.READ)
async def environment_attributes(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Attribute]]:
    """A page of the facts of each of many environments, by their names."""
    return await node_pages(graph, "places/environment_attributes", Attribute, ids, first, after)


@needs(Scope.READ)
async def attribute_environments(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Environment]]:
    """A page of the environments that have each of many facts, by their ids."""
    return await spread_pages(graph, "places/attribute_environments", Environment, ids, first, after)


@needs(Scope.READ)
async def site_correlations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[CorrelatedPattern]]:
    """A page of the patterns that are over-represented at each of many sites, strongest first."""
    return await _correlated(graph, "Site", ids, first, after)


@needs(Scope.READ)
async def version_correlations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[CorrelatedPattern]]:
    """A page of the patterns that are over-represented in each of many versions, strongest first."""
    return await _correlated(graph, "Version", ids, first, after)


@needs(Scope.READ)
async def attribute_correlations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[CorrelatedPattern]]:
    """A page of the patterns that are over-represented with each of many facts, strongest first."""
    return await _correlated(graph, "Attribute", ids, first, after)


async def _received(graph: Graph, name: str, ids: Sequence[str], first: int, after: str | None) -> dict[str, PageOf[Crash]]:
    make, position = partial(node_in, Crash), partial(crash_position, order=CrashOrder.RECEIVED)
    return await pages(graph, name, ids, first, after, make, position, start=TIME_START)


async def _patterns(
    graph: Graph, name: str, ids: Sequence[str], first: int, after: str | None, **params: Any
) -> dict[str, PageOf[SeenNode[Pattern]]]:
    def make(item: Row) -> SeenNode[Pattern]:
        return SeenNode(record_of(Pattern, item["node"]), item["rank"])

    def position(item: SeenNode[Pattern]) -> Position:
        return ranked(item.crash_count, item.node)

    return await pages(graph, name, ids, first, after, make, position, latest=LATEST, **params)


async def _correlated(
    graph: Graph, label: str, ids: Sequence[str], first: int, after: str | None
) -> dict[str, PageOf[CorrelatedPattern]]:
    listing = f"correlations of a {label}"
    start = position_after(after, listing, SCORE_START)
    params = {"label": label, "ids": list(ids), "score": start.value, "key": start.key, "limit": check_first(first) + 1}
    rows = await read_list(graph, "places/correlated_patterns", **params)
    found = {
        row["id"]: [CorrelatedPattern(record_of(Pattern, item["node"]), item["evidence"]) for item in row["items"]]
        for row in rows
    }

    def position(item: CorrelatedPattern) -> Position:
        return ranked(item.evidence["score"], item.node)

    return {id: page_of(found.get(id, []), first, listing, position, after=after) for id in ids}
