"""The shortest path between two nodes, by breadth-first search from both ends.

A node with very many neighbours of one relationship type is followed to some of them only, and so many nodes are looked at in
all. A path that is found exists; where something was left out, a shorter one may exist too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.cypher import query
from graph.model import NODES, RELATIONSHIPS
from graph.model.actor import Scope
from graph.model.choices import Choice
from graph.model.errors import ConflictError, InvalidInputError, LimitError, NotFoundError
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.model.statement import Statement
from graph.model.verdicts import DISTINCT_FROM, NOT_CAUSED_BY
from graph.ports import Graph, Row
from resolvers.nodes import split_global_id
from resolvers.records import NodeRecord
from resolvers.rows import read_list

MAX_LENGTH = 6
MOST_NEIGHBOURS = 200
"""Neighbours of one node and relationship type that are followed."""
MOST_NODES = 20_000
"""Nodes that are looked at."""
AT_ONCE = 500
"""Nodes that one query reads the neighbours of."""
SECONDS = 10.0

NOT_FOLLOWED = {DISTINCT_FROM, NOT_CAUSED_BY, "OF_USER"}
"""Relationship types that do not connect two nodes, or that lead to what only administrators may read."""
TYPES = sorted(RELATIONSHIPS.keys() - NOT_FOLLOWED)
GUARDED = {label for label, declared in NODES.items() if declared.scope is not Scope.READ}


class PathLabel(Choice):
    """Labels that a path may lead through."""

    CRASH = "Crash", "One occurrence of a failure."
    PATTERN = "Pattern", "One bug."
    SIGNATURE = "Signature", "A distinct cause and stack."
    FRAME = "Frame", "A stack frame."
    MODULE = "Module", "A module or class."
    SITE = "Site", "An installation or customer site."
    VERSION = "Version", "A version of a product."
    ENVIRONMENT = "Environment", "Where crashes happened."
    ATTRIBUTE = "Attribute", "A fact of environments."
    SOLUTION = "Solution", "A fix."
    VALIDATION = "Validation", "A review of a crash."
    REVISION = "Revision", "A change of a pattern."
    COMMUNITY = "Community", "A community of patterns."


@dataclass(frozen=True, slots=True)
class PathEdge:
    """A relationship of a path: its ends in its own direction as global ids, and its properties."""

    source: NodeRecord
    target: NodeRecord
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FoundPath:
    """The nodes and relationships from one end to the other, in order; none if there is no path.

    ``complete`` is false if something was left out, so that a shorter path may exist.
    """

    nodes: tuple[NodeRecord, ...]
    edges: tuple[PathEdge, ...]
    complete: bool


@dataclass(slots=True)
class _Side:
    """What was seen from one end: the node and relationship that each node was reached by."""

    start: str
    reached: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    frontier: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reached[self.start] = None
        self.frontier = [self.start]

    def way_to(self, node: str) -> list[str]:
        """The relationships from the start to a node."""
        way: list[str] = []
        while (step := self.reached[node]) is not None:
            node, edge = step
            way.append(edge)
        return way[::-1]


@needs(Scope.READ)
async def shortest_path(
    graph: Graph, source: str, target: str, max_length: int = MAX_LENGTH, excluded: Collection[PathLabel] = ()
) -> FoundPath:
    """A shortest path of at most ``max_length`` relationships between two nodes given by global id.

    It follows the relationships in either direction, except those of verdicts that two nodes are different. Nodes with an
    ``excluded`` label are passed by, except as ends. ``NotFoundError`` for an unknown node, ``LimitError`` after
    :data:`SECONDS`.
    """
    if not 1 <= max_length <= MAX_LENGTH:
        raise InvalidInputError(f"maxLength: {max_length} is not between 1 and {MAX_LENGTH}")
    ends = [await _element_id(graph, id) for id in (source, target)]
    try:
        async with asyncio.timeout(SECONDS):
            edges, complete = await _edges(graph, ends, max_length, sorted({*(label.value for label in excluded), *GUARDED}))
            return await _path(graph, ends[0], edges, complete=complete)
    except TimeoutError:
        raise LimitError(
            f"the search for a path took more than {SECONDS:.0f} s; ask for a smaller maxLength, or exclude labels that join "
            "much, such as SITE and ATTRIBUTE"
        ) from None


async def _element_id(graph: Graph, id: str) -> str:
    """The internal id of a node; generated, because a label in an indexed lookup cannot be a parameter."""
    label, key = split_global_id(id)
    if label in GUARDED:
        raise InvalidInputError(f"id: a path cannot lead to a {label}")
    declared = NODES[label]
    text = f"MATCH (n:{declared.label}) WHERE n.{declared.key} = $key RETURN elementId(n) AS id"
    rows = await graph.read(Statement(text, {"key": key}, f"element id of a {label}"))
    if not rows:
        raise NotFoundError(f"no {label} {quoted(key)} in the graph")
    return str(rows[0]["id"])


async def _edges(graph: Graph, ends: Sequence[str], max_length: int, excluded: list[str]) -> tuple[list[str] | None, bool]:
    """The relationships of a shortest path in order, ``None`` without one; and whether nothing was left out."""
    one, other = _Side(ends[0]), _Side(ends[1])
    if ends[0] == ends[1]:
        return [], True
    complete = True
    for _ in range(max_length):
        side, opposite = (one, other) if len(one.frontier) <= len(other.frontier) else (other, one)
        if not side.frontier:
            return None, complete
        complete &= await _step(graph, side, ends, excluded)
        meeting = sorted(node for node in side.frontier if node in opposite.reached)
        if meeting:
            return [*one.way_to(meeting[0]), *reversed(other.way_to(meeting[0]))], complete
        if len(one.reached) + len(other.reached) > MOST_NODES:
            return None, False
    return None, complete


async def _step(graph: Graph, side: _Side, ends: Sequence[str], excluded: list[str]) -> bool:
    """Follow all relationships of the frontier; true if no node had more neighbours than are followed."""
    reached: list[str] = []
    complete = True
    for start in range(0, len(side.frontier), AT_ONCE):
        some = side.frontier[start : start + AT_ONCE]
        params = {"ids": some, "ends": list(ends), "types": TYPES, "excluded": excluded, "limit": MOST_NEIGHBOURS}
        for row in await read_list(graph, "paths/neighbours", **params):
            complete &= not row["more"]
            if row["target"] not in side.reached:
                side.reached[row["target"]] = (row["source"], row["edge"])
                reached.append(row["target"])
        if len(side.reached) > MOST_NODES:
            complete = False
            break
    side.frontier = reached
    return complete


async def _path(graph: Graph, start: str, edges: list[str] | None, *, complete: bool) -> FoundPath:
    if not edges:
        return FoundPath((), (), complete)
    [row] = await graph.read(query("paths/edges", ids=edges))
    found = {one["id"]: one for one in row["rows"] if one["type"] is not None}
    if not found.keys() >= set(edges):
        raise ConflictError("path: another transaction removed a relationship of it; ask again")
    nodes = [_end(found[edges[0]], "source" if found[edges[0]]["source"] == start else "target")]
    at = start
    for id in edges:
        far = "target" if found[id]["source"] == at else "source"
        nodes.append(_end(found[id], far))
        at = found[id][far]
    ways = tuple(
        PathEdge(_end(found[id], "source"), _end(found[id], "target"), found[id]["type"], found[id]["properties"])
        for id in edges
    )
    return FoundPath(tuple(nodes), ways, complete)


def _end(edge: Row, side: str) -> NodeRecord:
    label, properties = edge[f"{side}_label"], edge[f"{side}_node"]
    return NodeRecord(label, str(properties[NODES[label].key]), properties)
