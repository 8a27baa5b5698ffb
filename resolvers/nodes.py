"""Any node of the graph by its global id, ``Label:key``."""

from __future__ import annotations

from collections.abc import Iterable

from graph.model import NODES
from graph.model.actor import Scope
from graph.model.errors import ForbiddenError, InvalidInputError
from graph.model.permissions import UseCase, needs
from graph.model.quoting import quoted
from graph.model.statement import Statement
from graph.ports import Graph
from resolvers.records import NodeRecord

LONG = {"Crash": ", report: ''", "Verdict": ", journal: '{}'"}
"""Properties that are too long to be read with many nodes, as empty values: the report is loaded on demand."""


def global_id(label: str, key: str) -> str:
    """The id of a node among all nodes, such as ``Pattern:3f2a``."""
    return f"{label}:{key}"


def split_global_id(text: str) -> tuple[str, str]:
    """Label and key of a global id; ``InvalidInputError`` if it is not a global id."""
    label, colon, key = text.partition(":")
    if not colon or not key or label not in NODES:
        raise InvalidInputError(f"id: {quoted(text)} is not `Label:key` with a label of {', '.join(NODES)}")
    return label, key


def key_of(label: str, id: str, field: str = "id") -> str:
    """The key in an id, given with or without its label; ``InvalidInputError`` about the field for another one."""
    prefix, colon, key = id.partition(":")
    if not colon or prefix not in NODES:
        return id
    if prefix != label or not key:
        raise InvalidInputError(f"{field}: {quoted(id)} does not name a {label}")
    return key


@needs(Scope.READ)
async def nodes_by_key(graph: Graph, keys: Iterable[str], label: str) -> dict[str, NodeRecord]:
    """The nodes of one label with these keys, without vectors, secrets and reports; unknown keys are omitted.

    ``ForbiddenError`` for a label that needs another scope: :func:`reader_of` has the use case of each label.
    """
    if NODES[label].scope is not Scope.READ:
        raise ForbiddenError(f"a {label} needs the scope {NODES[label].scope.value!r}")
    return await read_nodes(graph, keys, label)


@needs(Scope.ADMIN)
async def guarded_nodes_by_key(graph: Graph, keys: Iterable[str], label: str) -> dict[str, NodeRecord]:
    """The same for labels that only administrators may read."""
    return await read_nodes(graph, keys, label)


def reader_of(label: str) -> UseCase:
    """The use case that reads the nodes of a label: what a caller must have to do so is declared with the label."""
    return nodes_by_key if NODES[label].scope is Scope.READ else guarded_nodes_by_key


async def read_nodes(graph: Graph, keys: Iterable[str], label: str) -> dict[str, NodeRecord]:
    """The same for callers of whom it is known that they may read these nodes."""
    rows = await graph.read(_statement(label, list(keys)))
    return {row["key"]: NodeRecord(label, row["key"], row["properties"]) for row in rows}


def _statement(label: str, keys: list[str]) -> Statement:
    """Generated, because a label in an indexed lookup cannot be a parameter; both names come from a declaration."""
    declared = NODES[label]
    dropped = "".join(f", {name}: null" for name in declared.withheld) + LONG.get(label, "")
    text = (
        f"MATCH (n:{declared.label}) WHERE n.{declared.key} IN $keys "
        f"RETURN n.{declared.key} AS key, n {{.*{dropped}}} AS properties"
    )
    return Statement(text, {"keys": keys}, f"nodes of {label}")
