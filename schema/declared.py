"""GraphQL types derived from the model's declarations, so that no field and no description is written twice.

A type holds a record and answers its declared properties from it; what is written by hand are its relations.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import strawberry

from graph.model import NODES
from graph.model.declare import Property
from resolvers.nodes import global_id
from schema.fields import resolved

T = TypeVar("T")

EVERY_NODE = frozenset({"id", "label", "key", "caption"})
"""Fields that every node has."""

TYPES: dict[type, type[Any]] = {}
"""The GraphQL type of every declared record, filled as the types are made."""


class Holder:
    """Holds a record and has its attributes."""

    def __init__(self, record: Any) -> None:
        """Hold a record."""
        self.record = record

    def __getattr__(self, name: str) -> Any:
        """A declared property, from the record."""
        if name == "record":
            raise AttributeError(name)
        return getattr(self.record, name)


@strawberry.interface(description="Any node of the graph.")
class Node(Holder):
    """Any node of the graph."""

    @resolved("Id among all nodes: `Label:key`.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(type(self).__name__, _key(self)))

    @resolved("Label of the node in the graph.")
    def label(self) -> str:
        """The label."""
        return type(self).__name__

    @resolved("Value of the label's key property.")
    def key(self) -> str:
        """The key."""
        return _key(self)

    @resolved("One line to call it by.")
    def caption(self) -> str:
        """The caption."""
        return str(getattr(self.record, NODES[type(self).__name__].caption))


def _key(node: Node) -> str:
    return str(getattr(node.record, NODES[type(node).__name__].key))


Node.__init__ = Holder.__init__  # type: ignore[method-assign]  # the dataclass machinery made its own


def node_type(*, without: Iterable[str] = ()) -> Callable[[type[T]], type[T]]:
    """Make a subclass of :class:`Node` named like a label into its GraphQL type.

    It gets every declared property but the vectors, those ``without``, and a key property that is called ``key``, which
    every node has. ``TypeError`` for another property that is called like a field of every node.
    """

    def decorate(cls: type[T]) -> type[T]:
        declared = NODES[cls.__name__]
        left_out = {*without, *declared.vector, *({"key"} if declared.key == "key" else ())}
        kept = [p for p in declared.properties if p.name not in left_out]
        if clash := EVERY_NODE & {p.name for p in kept}:
            raise TypeError(f"{declared.label} declares {', '.join(clash)}, which every node has in GraphQL")
        made = holder(cls, declared.record, kept, strawberry.type, declared.help)
        TYPES[declared.record] = made
        return made

    return decorate


def typed(record: object) -> Any:
    """A record of the model as its GraphQL type."""
    return TYPES[type(record)](record)


def holder(cls: type[T], record: type, properties: Iterable[Property], kind: Callable[..., Any], description: str) -> type[T]:
    """Give a class the declared properties of a record as fields and make it a type or an interface."""
    hints = typing.get_type_hints(record)
    annotations = inspect.get_annotations(cls)
    for declared in properties:
        annotations[declared.name] = graphql_hint(hints[declared.name])
        setattr(cls, declared.name, strawberry.field(description=declared.help))
    cls.__annotations__ = annotations
    made: type[T] = kind(cls, description=description)
    setattr(made, "__init__", Holder.__init__)  # noqa: B010  # values come from the record, not from arguments
    return made


def graphql_hint(hint: Any) -> Any:
    """The annotation of a GraphQL field for that of a property: tuples become lists."""
    arms = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return list[arms[0]]  # type: ignore[valid-type]  # built from a declaration
    if type(None) in arms:
        return graphql_hint(next(arm for arm in arms if arm is not type(None))) | None
    return hint


def make_remaining_types() -> None:
    """Plain types for every declared label that has none yet, so that ``node`` can answer for each."""
    for label, declared in NODES.items():
        if declared.record not in TYPES:
            node_type()(type(label, (Node,), {"__module__": __name__}))


def description_of(label: str, name: str) -> str:
    """What a declared property means."""
    return next(p.help for p in NODES[label].properties if p.name == name)
