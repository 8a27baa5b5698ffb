"""GraphQL types derived from the model's declarations, so that no field and no description is written twice.

A type has a field per declared property and, in private, the record that these show.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import logging
import typing
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from strawberry.scalars import JSON

from graph.model import NODES
from graph.model.choices import Choice
from graph.model.declare import Property, TextForm
from resolvers.nodes import global_id
from schema.fields import READS, resolved
from schema.types.choices import enum_of, known_text, known_texts

T = TypeVar("T")

log = logging.getLogger(__name__)

EVERY_NODE = frozenset({"id", "label", "key", "caption"})
"""Fields that every node has."""

NODE_TYPES: dict[type, type[Any]] = {}
"""The GraphQL type of each declared record, filled as the types are made."""


@strawberry.interface(description="Any node of the graph.")
class Node:
    """A node, and the record it shows."""

    record: strawberry.Private[Any]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A property of the record, as the GraphQL type shows it."""
            if name == "record" or name.startswith("__"):
                raise AttributeError(name)
            return known_text(type(self), name, getattr(self.record, name))

    @resolved("Id among all nodes: `Label:key`.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(type(self).__name__, key_of_node(self)))

    @resolved("Label of the node in the graph.")
    def label(self) -> str:
        """The label."""
        return type(self).__name__

    @resolved("Value of the label's key property.")
    def key(self) -> str:
        """The key."""
        return key_of_node(self)

    @resolved("Name of the node on one line.")
    def caption(self) -> str:
        """The caption."""
        return str(getattr(self.record, NODES[type(self).__name__].caption))


def key_of_node(node: Node) -> str:
    """The value of a node's key property."""
    return str(getattr(node.record, NODES[type(node).__name__].key))


def node_type(*, without: Iterable[str] = ()) -> Callable[[type[T]], type[T]]:
    """Make a subclass of :class:`Node` named after a label the GraphQL type of that label.

    It gets a field per declared property, except vectors, secrets, those in ``without``, and a key property named ``key``,
    which every node has. ``TypeError`` where another property is named like a field of every node.
    """

    def decorate(cls: type[T]) -> type[T]:
        declared = NODES[cls.__name__]
        left_out = {*without, *declared.withheld, *({"key"} if declared.key == "key" else ())}
        shown = [p for p in declared.properties if p.name not in left_out]
        if clash := EVERY_NODE & {p.name for p in shown}:
            raise TypeError(f"{declared.label} declares {', '.join(clash)}, which every node has in GraphQL")
        made: type[T] = strawberry.type(with_properties(declared.record, shown)(cls), description=declared.help)
        NODE_TYPES[declared.record] = made
        return made

    return decorate


def with_properties(record: type, properties: Iterable[Property]) -> Callable[[type[T]], type[T]]:
    """Give a class, before strawberry sees it, a field for each of these properties of a record."""

    def decorate(cls: type[T]) -> type[T]:
        hints = typing.get_type_hints(record)
        annotations = inspect.get_annotations(cls)
        for declared in properties:
            if declared.form is TextForm.JSON:
                setattr(cls, declared.name, _json_field(declared))
                continue
            annotations[declared.name] = graphql_hint(hints[declared.name], declared.values)
            setattr(cls, declared.name, strawberry.field(description=declared.help))
        cls.__annotations__ = annotations
        return cls

    return decorate


def _json_field(declared: Property) -> Any:
    """A field of what a JSON text holds; null if the text is not JSON, so that the others of the answer are there."""

    def resolve(root: Any) -> JSON | None:
        text = getattr(root.record, declared.name)
        try:
            return None if text is None else JSON(json.loads(text))
        except ValueError:
            log.warning("the %s of a %s of the graph is not JSON; it is shown as null", declared.name, type(root).__name__)
            return None

    return strawberry.field(resolver=resolve, description=declared.help, metadata={READS: (declared.name,)})


def to_type(record: object) -> Any:
    """A record of the model as its GraphQL type."""
    kind = NODE_TYPES[type(record)]
    node = object.__new__(kind)
    node.record = record
    return node


def from_record(kind: Callable[..., T], record: object, /, **given: Any) -> T:
    """A GraphQL type filled from the attributes of a record that have the same names; ``given`` values take their place."""
    values = {name: getattr(record, name) for name in field_names(kind) - given.keys() if hasattr(record, name)}
    return kind(**known_texts(kind, values), **given)


@cache
def field_names(kind: Any) -> frozenset[str]:
    """Names of the fields that a GraphQL type is made with."""
    return frozenset(field.name for field in dataclasses.fields(kind) if field.init)


def graphql_hint(hint: Any, values: type[Choice] | None = None) -> Any:
    """The annotation of a GraphQL field for that of a declared property: tuples become lists, texts of a set enums.

    An enum is always optional, because the graph may hold a text that it lacks.
    """
    arms = typing.get_args(hint)
    if values is not None:
        return list[enum_of(values)] if typing.get_origin(hint) is tuple else enum_of(values) | None  # type: ignore[misc]  # as below
    if typing.get_origin(hint) is tuple:
        return list[arms[0]]  # type: ignore[valid-type]  # built from a declaration
    if type(None) in arms:
        return graphql_hint(next(arm for arm in arms if arm is not type(None))) | None
    return hint


def make_remaining_types() -> None:
    """Types for the declared labels that have none yet, so that ``node`` answers for every label."""
    for label, declared in NODES.items():
        if declared.record not in NODE_TYPES:
            node_type()(type(label, (Node,), {"__module__": __name__}))


def description_of(label: str, name: str) -> str:
    """The meaning of a declared property."""
    return next(p.help for p in NODES[label].properties if p.name == name)
