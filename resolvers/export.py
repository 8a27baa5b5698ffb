"""All nodes of some labels and the relationships between them, page by page, for exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.model import NODES, RELATIONSHIPS
from graph.model.actor import Scope
from graph.model.declare import Property
from graph.model.errors import InvalidInputError
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.model.statement import Statement
from graph.ports import Reader
from resolvers.nodes import LONG

UPKEEP = frozenset({"Organisation", "Consumer", "EventLog", "Installation"})
"""Labels of what crashgraph notes about itself: no one names such a node."""
LABELS = tuple(label for label, declared in NODES.items() if declared.scope is Scope.READ and label not in UPKEEP)
"""Labels that can be exported. Users, sessions, keys, ids of changes and the record of who did what cannot."""
PAGE = 500
"""Nodes that are read at once."""


@dataclass(frozen=True, slots=True)
class ExportedNode:
    """A node: its label, key and declared properties, without vectors, secrets and whole reports."""

    label: str
    key: str
    properties: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id among all nodes."""
        return f"{self.label}:{self.key}"

    @property
    def caption(self) -> str:
        """The name of the node on one line."""
        return str(self.properties.get(NODES[self.label].caption) or self.key)


@dataclass(frozen=True, slots=True)
class ExportedRelationship:
    """A relationship between two exported nodes, by their ids."""

    type: str
    source: str
    target: str
    properties: Mapping[str, Any]


def labels_named(names: Sequence[str]) -> tuple[str, ...]:
    """The labels in the order of their declaration; ``InvalidInputError`` for one that cannot be exported."""
    if wrong := [name for name in names if name not in LABELS]:
        raise InvalidInputError(f"label: {quoted(wrong[0])} cannot be exported; use {', '.join(LABELS)}")
    return tuple(label for label in LABELS if label in names)


def exported_properties(label: str) -> tuple[Property, ...]:
    """The properties of a label that are exported."""
    declared = NODES[label]
    left_out = {*declared.withheld, *(("report",) if label == "Crash" else ()), *(("journal",) if label in LONG else ())}
    return tuple(one for one in declared.properties if one.name not in left_out)


def types_between(labels: Sequence[str]) -> tuple[str, ...]:
    """The types of relationships that may join nodes of these labels."""
    return tuple(
        type_
        for type_, declared in RELATIONSHIPS.items()
        if any(source in labels and target in labels for source, target in ((declared.source, declared.target), *declared.also))
    )


@needs(Scope.READ)
async def node_page(graph: Reader, label: str, after: str | None = None, first: int = PAGE) -> list[ExportedNode]:
    """Nodes of a label by their keys, those behind ``after``."""
    rows = await graph.read(_nodes(label, after, first))
    return [ExportedNode(label, row["key"], row["properties"]) for row in rows]


@needs(Scope.READ)
async def relationship_page(
    graph: Reader, label: str, keys: Sequence[str], labels: Sequence[str]
) -> list[ExportedRelationship]:
    """The relationships that start at these nodes of a label and end at nodes of ``labels``, in order of the keys."""
    types = types_between(labels)
    if not types:
        return []
    rows = await graph.read(_relationships(label, keys, labels, types))
    found = [ExportedRelationship(row["type"], f"{label}:{row['key']}", row["target"], _of_type(row)) for row in rows]
    return sorted(found, key=lambda one: (one.source, one.type, one.target, repr(sorted(one.properties.items()))))


def _of_type(row: Mapping[str, Any]) -> dict[str, Any]:
    """The declared properties of a relationship."""
    shown = [one.name for one in RELATIONSHIPS[row["type"]].properties if not one.secret]
    return {name: row["properties"][name] for name in shown if row["properties"].get(name) is not None}


def _nodes(label: str, after: str | None, first: int) -> Statement:
    """Generated, because labels and properties cannot be parameters; all names come from declarations."""
    declared = NODES[label]
    key = f"n.{declared.key}"
    shown = ", ".join(f".{one.name}" for one in exported_properties(label))
    text = (
        f"MATCH (n:{label}) WHERE {key} > $after RETURN {key} AS key, n {{{shown}}} AS properties ORDER BY {key} LIMIT $first"
    )
    return Statement(text, {"after": after or "", "first": first}, f"export of {label}")


def _relationships(label: str, keys: Sequence[str], labels: Sequence[str], types: Sequence[str]) -> Statement:
    """Generated, as the nodes are."""
    key = f"n.{NODES[label].key}"
    ids = " ".join(f"WHEN m:{one} THEN '{one}:' + m.{NODES[one].key}" for one in labels)
    text = (
        f"MATCH (n:{label})-[r:{'|'.join(types)}]->(m:{'|'.join(labels)}) WHERE {key} IN $keys "
        f"RETURN {key} AS key, type(r) AS type, CASE {ids} END AS target, properties(r) AS properties"
    )
    return Statement(text, {"keys": list(keys)}, f"export of what {label} leads to")
