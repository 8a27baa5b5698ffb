"""Which properties of nodes a selection needs, so that no others are read.

Only fields that declare what they read are counted on. Where anything else is selected of a node, the node is read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, get_named_type, is_leaf_type
from graphql.execution.collect_fields import FieldDetails

from graph.model import NODES
from schema.fields import READS
from schema.types.declared import Node

Below = Callable[[GraphQLObjectType, list[FieldDetails]], Mapping[str, list[FieldDetails]]]
"""The fields that are selected of objects of a type, by their names in the answer."""

NUMBERS = {"INTEGER", "FLOAT", "ZONED DATETIME"}
SORTED_BY = {
    label: frozenset(one.name for one in declared.properties if one.neo4j_type in NUMBERS) - set(declared.vector)
    for label, declared in NODES.items()
}
"""Properties that cursors may hold."""


class _Anything(Exception):  # noqa: N818  # no error: nodes are read whole
    """Nodes of a type that is not known before they are read."""


def selected_below(
    schema: GraphQLSchema, kind: GraphQLOutputType, details: list[FieldDetails], below: Below
) -> dict[str, frozenset[str]]:
    """Names of the properties that a field of this type needs of the nodes it leads to, by their label.

    A label that is not there needs all.
    """
    found: dict[str, set[str] | None] = {}
    try:
        _gather(schema, kind, details, below, found, sorted_by=False)
    except _Anything:
        return {}
    return {label: frozenset(names) for label, names in found.items() if names is not None}


def _gather(
    schema: GraphQLSchema,
    kind: GraphQLOutputType,
    details: list[FieldDetails],
    below: Below,
    found: dict[str, set[str] | None],
    *,
    sorted_by: bool,
) -> None:
    named = get_named_type(kind)
    if is_leaf_type(named):
        return
    if not isinstance(named, GraphQLObjectType):
        raise _Anything
    fields = {key: details for key, details in below(named, details).items() if not _name(details).startswith("__")}
    declared = {key: schema.get_field(named, _name(details)) for key, details in fields.items()}
    node = node_type_of(named)
    if node is not None:
        label = node.__name__
        needed = _needed(label, declared.values())
        known = found.setdefault(label, set())
        if needed is None or known is None:
            found[label] = None
        else:
            known |= needed
            known |= SORTED_BY[label] if sorted_by else set()
        return
    shows_cursors = sorted_by or any(_shows_cursors(fields[key], field, below) for key, field in declared.items())
    for key, field in declared.items():
        if field is not None and getattr(field.resolve, "_is_default", False):
            _gather(schema, field.type, fields[key], below, found, sorted_by=shows_cursors)


def _shows_cursors(details: list[FieldDetails], field: GraphQLField | None, below: Below) -> bool:
    """Whether a field of a connection needs cursors."""
    if _name(details) != "edges" or field is None:
        return _name(details) == "pageInfo"
    edge = get_named_type(field.type)
    return isinstance(edge, GraphQLObjectType) and "cursor" in map(_name, below(edge, details).values())


def node_type_of(kind: GraphQLObjectType) -> type[Node] | None:
    """The type of the nodes that a GraphQL type shows; ``None`` if it shows something else."""
    origin = getattr(kind.extensions.get("strawberry-definition"), "origin", None)
    return origin if isinstance(origin, type) and issubclass(origin, Node) else None


def _needed(label: str, fields: Iterable[GraphQLField | None]) -> set[str] | None:
    """Names of the properties that these fields of a node read, its key always; ``None`` for all."""
    node = NODES[label]
    needed = {node.key}
    for field in fields:
        definition: Any = field and field.extensions.get("strawberry-definition")
        if definition is None:
            return None
        if definition.base_resolver is None:
            needed.add(definition.python_name)
        elif definition.python_name == "caption":
            needed.add(node.caption)
        elif definition.python_name not in {"id", "label", "key"}:
            reads = definition.metadata.get(READS)
            if reads is None:
                return None
            needed.update(reads)
    return needed


def _name(details: list[FieldDetails]) -> str:
    return details[0].node.name.value
