"""Relations of patterns, signatures and environments.

Every function takes many ids and returns a page or record per id from one query, so that a listing with its relations
costs one query per relation, whatever its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from graph.model import NODES, RELATIONSHIPS
from graph.model.actor import Scope
from graph.model.errors import InvalidInputError
from graph.model.nodes import Crash, Environment, Pattern, Signature, Site, Solution, Version
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.crashes import crash_position
from resolvers.cursors import P_VALUE_START, POSITION_START, SCORE_START, TIME_START, Position, check_first, position_after
from resolvers.filters import CrashOrder
from resolvers.frames import frame_pages
from resolvers.paging import node_in, pages
from resolvers.records import CorrelatedPlace, PageOf, PatternSignature, PatternSolution, PlacedFrame, RelatedPattern, SeenNode
from resolvers.rows import page_of, read_list, record_of, shared

T = TypeVar("T")

DERIVED_TYPES = tuple(
    type
    for type, declared in RELATIONSHIPS.items()
    if declared.derived and (declared.source, declared.target) == ("Pattern", "Pattern")
)
"""Derived relationship types between patterns."""


@needs(Scope.READ)
async def signatures(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[PatternSignature]]:
    """A page of the signatures of each of many patterns, most crashes first."""

    def make(item: Row) -> PatternSignature:
        return PatternSignature(record_of(Signature, item["node"]), item["rank"], item["strategy"], item["confidence"])

    return await pages(
        graph, "patterns/signatures", ids, first, after, make, lambda item: Position(item.crash_count, item.node.exact)
    )


@needs(Scope.READ)
async def crashes(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None, order: CrashOrder = CrashOrder.RECEIVED
) -> dict[str, PageOf[Crash]]:
    """A page of the crashes of each of many patterns, latest first, without reports."""
    return await _crash_pages(graph, "patterns/crashes", ids, first, after, order)


@needs(Scope.READ)
async def signature_crashes(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None, order: CrashOrder = CrashOrder.RECEIVED
) -> dict[str, PageOf[Crash]]:
    """A page of the crashes of each of many signatures, latest first, without reports."""
    return await _crash_pages(graph, "nodes/signature_crashes", ids, first, after, order)


@needs(Scope.READ)
async def related(
    graph: Graph,
    ids: Sequence[str],
    first: int,
    after: str | None = None,
    types: Sequence[str] | None = None,
    min_score: float = 0.0,
) -> dict[str, PageOf[RelatedPattern]]:
    """A page of the patterns that jobs found related to each of many patterns, strongest first, with the evidence.

    Without ``types``: over all derived relationship types.
    """
    start = position_after(after, "related", SCORE_START)
    rows = await read_list(
        graph,
        "patterns/related",
        ids=list(ids),
        types=check_types(types),
        min_score=min_score,
        score=start.value,
        key=start.key,
        limit=check_first(first) + 1,
    )
    items = {row["id"]: [_related_pattern(item) for item in row["items"] if item["type"] is not None] for row in rows}
    return {id: page_of(items.get(id, []), first, "related", _related_position, after=after) for id in ids}


@needs(Scope.READ)
async def environments(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[SeenNode[Environment]]]:
    """A page of the environments of each of many patterns, most crashes first."""
    return await _seen(graph, "patterns/environments", Environment, "environment_id", ids, first, after)


@needs(Scope.READ)
async def sites(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[SeenNode[Site]]]:
    """A page of the sites of each of many patterns, most crashes first."""
    return await _seen(graph, "patterns/sites", Site, "name", ids, first, after)


@needs(Scope.READ)
async def versions(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[SeenNode[Version]]]:
    """A page of the versions of each of many patterns, most crashes first."""
    return await _seen(graph, "patterns/versions", Version, "version_id", ids, first, after)


@needs(Scope.READ)
async def solutions(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[PatternSolution]]:
    """A page of the solutions of each of many patterns, those that worked most often first."""

    def make(item: Row) -> PatternSolution:
        return PatternSolution(record_of(Solution, item["node"]), item["worked"], item["failed"])

    return await pages(
        graph, "patterns/solutions", ids, first, after, make, lambda item: Position(item.worked, item.node.solution_id)
    )


@needs(Scope.READ)
async def correlations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[CorrelatedPlace]]:
    """A page of the places and facts over-represented among the crashes of each of many patterns, most significant first."""
    start = position_after(after, "correlations", P_VALUE_START)
    params = {"ids": list(ids), "p_value": start.value, "key": start.key, "limit": check_first(first) + 1}
    rows = await read_list(graph, "patterns/correlations", **params)
    items = {row["id"]: [_correlated_place(item) for item in row["items"]] for row in rows}
    return {id: page_of(items.get(id, []), first, "correlations", _significance, after=after) for id in ids}


@needs(Scope.READ)
async def signature_patterns(graph: Graph, ids: Sequence[str]) -> dict[str, Pattern]:
    """The pattern of each of many signatures."""
    return await shared(graph, "nodes/signature_patterns", ids, lambda item: record_of(Pattern, item))


@needs(Scope.READ)
async def signature_frames(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[PlacedFrame]]:
    """A page of the normalised stack of each of many signatures, innermost frame first."""
    start = position_after(after, "frames", POSITION_START)
    rows = await read_list(graph, "nodes/signature_frames", ids=list(ids), position=start.value, limit=check_first(first) + 1)
    return frame_pages(rows, ids, first, after)


@needs(Scope.READ)
async def environment_sites(graph: Graph, ids: Sequence[str]) -> dict[str, Site]:
    """The site of each of many environments."""
    return await shared(graph, "nodes/environment_sites", ids, lambda item: record_of(Site, item))


@needs(Scope.READ)
async def environment_versions(graph: Graph, ids: Sequence[str]) -> dict[str, Version]:
    """The version of each of many environments."""
    return await shared(graph, "nodes/environment_versions", ids, lambda item: record_of(Version, item))


def check_types(types: Sequence[str] | None) -> list[str]:
    """These derived relationship types, or all of them; ``InvalidInputError`` if one is not derived."""
    for type in types or ():
        if type not in DERIVED_TYPES:
            raise InvalidInputError(f"types: {type!r} is not one of {', '.join(DERIVED_TYPES)}")
    return list(types or DERIVED_TYPES)


async def _crash_pages(
    graph: Graph, name: str, ids: Sequence[str], first: int, after: str | None, order: CrashOrder
) -> dict[str, PageOf[Crash]]:
    make, position = partial(node_in, Crash), partial(crash_position, order=order)
    listing = f"{name.split('/')[1]} by {order.value}"
    return await pages(graph, name, ids, first, after, make, position, start=TIME_START, listing=listing, order=order.value)


async def _seen(
    graph: Graph, name: str, cls: type[T], key: str, ids: Sequence[str], first: int, after: str | None
) -> dict[str, PageOf[SeenNode[T]]]:
    def make(item: Row) -> SeenNode[T]:
        return SeenNode(record_of(cls, item["node"]), item["rank"])

    return await pages(graph, name, ids, first, after, make, lambda item: Position(item.crash_count, getattr(item.node, key)))


def _related_pattern(item: Row) -> RelatedPattern:
    return RelatedPattern(record_of(Pattern, item["node"]), item["type"], item["outgoing"], item["evidence"])


def _related_position(item: RelatedPattern) -> Position:
    """The sort order of the query: score, then type, pattern and direction."""
    return Position(item.evidence["score"], f"{item.type} {item.node.pattern_id} {'>' if item.outgoing else '<'}")


def _correlated_place(item: Row) -> CorrelatedPlace:
    return CorrelatedPlace(record_of(NODES[item["label"]].record, item["node"]), item["evidence"])


def _significance(item: CorrelatedPlace) -> Position:
    """The sort order of the query: p-value, then fact and product."""
    found = item.evidence
    p_value = found.get("p_value")
    return Position(1.0 if p_value is None else p_value, f"{found['attribute']}={found['value']} {found['product']}")
