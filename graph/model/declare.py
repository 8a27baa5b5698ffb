"""Declarations of the records and relationships of the graph.

One declaration is the only place where a field list is written. Constraints, indexes, stored rows, the
reference page, GraphQL descriptions and the colours of views are all derived from it.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias, TypeVar, dataclass_transform

from graph.model.actor import Scope
from graph.model.choices import Choice

NEO4J_TYPES: Mapping[object, str] = {
    str: "STRING",
    int: "INTEGER",
    float: "FLOAT",
    bool: "BOOLEAN",
    datetime: "ZONED DATETIME",
    tuple[str, ...]: "LIST<STRING>",
    tuple[int, ...]: "LIST<INTEGER>",
    tuple[float, ...]: "LIST<FLOAT>",
}


T = TypeVar("T")

Record: TypeAlias = type[Any]
"""A declared record class."""


class TextForm(Enum):
    """How a text is made of others."""

    PLAIN = "plain"
    JSON = "json"
    PRODUCT_VERSION = "product@version"


def prop(
    help: str,
    *,
    default: Any = dataclasses.MISSING,
    index: bool = False,
    unique: bool = False,
    own: bool = False,
    secret: bool = False,
    form: TextForm = TextForm.PLAIN,
    values: type[Choice] | None = None,
) -> Any:
    """Declare a property: its meaning, whether it has a range index, and whether it is unique.

    ``values`` is the fixed set of texts that it may hold; a property with one is crashgraph's own.

    A property without a default is required. A text may come from outside, and hold a secret, unless it is crashgraph's
    ``own``: an id, a hash, a word of a fixed set, a number as text, or the name of an actor.

    A ``secret`` is crashgraph's own and never leaves the graph: GraphQL, pages, exports and reads of any node omit it.
    It needs a default, because records are read without it.
    """
    if secret and default is dataclasses.MISSING:
        raise TypeError("a secret property needs a default: records are read without it")
    metadata = {
        "help": help,
        "index": index,
        "unique": unique,
        "own": own or secret or values is not None,
        "secret": secret,
        "form": form,
        "values": values,
    }
    return field(metadata=metadata) if default is dataclasses.MISSING else field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Property:
    """A declared property as the derivations see it."""

    name: str
    help: str
    neo4j_type: str
    index: bool
    unique: bool
    optional: bool
    own: bool
    secret: bool
    form: TextForm
    values: type[Choice] | None = None
    """The fixed set of texts that it may hold; ``None`` for any text, or no text."""

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.neo4j_type in {"STRING", "LIST<STRING>"}


@dataclass(frozen=True, slots=True)
class NodeDeclaration:
    """The declaration of a node class."""

    label: str
    key: str
    help: str
    written_by: str
    colour: str
    caption: str
    record: Record
    properties: tuple[Property, ...]
    vector: Mapping[str, int]
    fulltext: tuple[str, ...]
    scope: Scope = Scope.READ
    """What a caller must have to read such a node by its id."""
    together: tuple[tuple[str, ...], ...] = ()
    """Properties with one range index over several: equal values of the first ones are sorted by the last."""

    @property
    def shown(self) -> tuple[Property, ...]:
        """The properties that may leave the graph."""
        return tuple(one for one in self.properties if not one.secret)

    @property
    def withheld(self) -> tuple[str, ...]:
        """Names of the properties that reads of any node omit: vectors, which are long, and secrets."""
        return (*self.vector, *(one.name for one in self.properties if one.secret))


@dataclass(frozen=True, slots=True)
class RelationshipDeclaration:
    """The declaration of a relationship class. ``derived`` ones carry evidence.

    An undirected one is stored once and read either way.
    """

    type: str
    source: str
    target: str
    help: str
    written_by: str
    derived: bool
    colour: str
    record: Record
    properties: tuple[Property, ...]
    directed: bool
    also: tuple[tuple[str, str], ...] = ()
    """Further pairs of labels that it may join."""


NODES: dict[str, NodeDeclaration] = {}
RELATIONSHIPS: dict[str, RelationshipDeclaration] = {}
INDEXED_TEXTS: dict[Record, frozenset[str]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(prop,))
def node(
    label: str,
    *,
    key: str,
    help: str,
    written_by: str,
    colour: str,
    caption: str,
    vector: Mapping[str, int] | None = None,
    fulltext: tuple[str, ...] = (),
    scope: Scope = Scope.READ,
    together: tuple[tuple[str, ...], ...] = (),
) -> Callable[[type[T]], type[T]]:
    """Declare a node label with its unique ``key`` and its ``caption`` property.

    ``vector`` maps a property to its dimensions; ``fulltext`` names the properties of one full-text index; ``scope`` is what
    a caller must have to read such a node by its id; each of ``together`` names the properties of one range index, in order.
    """

    def decorate(cls: type[T]) -> type[T]:
        record = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        NODES[label] = NodeDeclaration(
            label,
            key,
            help,
            written_by,
            colour,
            caption,
            record,
            properties_of(record),
            vector or {},
            fulltext,
            scope,
            together,
        )
        INDEXED_TEXTS[record] = _indexed_texts(NODES[label].properties, {key, *(name for names in together for name in names)})
        return record

    return decorate


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(prop,))
def relationship(
    type_: str,
    *,
    source: str,
    target: str,
    help: str,
    written_by: str,
    derived: bool = False,
    colour: str = "#8a8f98",
    directed: bool = True,
    also: tuple[tuple[str, str], ...] = (),
) -> Callable[[type[T]], type[T]]:
    """Declare a relationship type read left to right, from label ``source`` to label ``target``.

    ``also`` names further pairs of labels that it may join.
    """

    def decorate(cls: type[T]) -> type[T]:
        record = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        RELATIONSHIPS[type_] = RelationshipDeclaration(
            type_, source, target, help, written_by, derived, colour, record, properties_of(record), directed, also
        )
        INDEXED_TEXTS[record] = _indexed_texts(RELATIONSHIPS[type_].properties)
        return record

    return decorate


def properties_of(record: type) -> tuple[Property, ...]:
    """The declared properties of a record class, in the order they were written."""
    hints = typing.get_type_hints(record)
    return tuple(
        Property(
            name=f.name,
            help=f.metadata["help"],
            neo4j_type=neo4j_type(hints[f.name]),
            index=f.metadata["index"],
            unique=f.metadata["unique"],
            optional=f.default is not dataclasses.MISSING,
            own=f.metadata["own"],
            secret=f.metadata["secret"],
            form=f.metadata["form"],
            values=f.metadata["values"],
        )
        for f in dataclasses.fields(record)
    )


def indexed_texts(record: Record) -> frozenset[str]:
    """The textual properties of a record that have an entry in an index; none if the class is not declared."""
    return INDEXED_TEXTS.get(record, frozenset())


def _indexed_texts(properties: tuple[Property, ...], also: Collection[str] = ()) -> frozenset[str]:
    texts = (one for one in properties if one.neo4j_type == "STRING")
    return frozenset(one.name for one in texts if one.index or one.unique or one.name in also)


def neo4j_type(hint: object) -> str:
    """The Neo4j property type of a Python annotation; ``TypeError`` names one that has none."""
    if isinstance(hint, types.UnionType):
        hint = next(arm for arm in typing.get_args(hint) if arm is not types.NoneType)
    try:
        return NEO4J_TYPES[hint]
    except KeyError:
        raise TypeError(f"no Neo4j property type for {hint!r}") from None
