"""The schema as plain values for the query page: every type with its fields and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_specified_scalar_type,
)

from schema.build import build_schema

_ROOTS = ("Query", "Mutation", "Subscription")
_KINDS = {
    GraphQLObjectType: "type",
    GraphQLInterfaceType: "interface",
    GraphQLInputObjectType: "input",
    GraphQLEnumType: "enum",
    GraphQLScalarType: "scalar",
}


@dataclass(frozen=True, slots=True)
class WrittenType:
    """A type as GraphQL writes it: ``[Pattern!]!`` has the name ``Pattern`` between ``[`` and ``!]!``."""

    before: str
    name: str
    after: str


@dataclass(frozen=True, slots=True)
class ArgumentEntry:
    """An argument of a field."""

    name: str
    type: WrittenType
    description: str


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field of a type or input, or a value of an enum, which has no type."""

    name: str
    description: str
    type: WrittenType | None = None
    arguments: tuple[ArgumentEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """A named type."""

    name: str
    kind: str
    description: str
    fields: tuple[FieldEntry, ...]


@cache
def reference() -> tuple[TypeEntry, ...]:
    """All types of the schema, the roots first, then by name."""
    return entries(build_schema()._schema)  # noqa: SLF001  # strawberry has no other way to the graphql-core schema


def entries(schema: GraphQLSchema) -> tuple[TypeEntry, ...]:
    """The types of any schema, without those of introspection."""
    own = [type for name, type in schema.type_map.items() if not name.startswith("__")]
    return tuple(_entry(type) for type in sorted(own, key=_order))


def _order(type: GraphQLNamedType) -> tuple[int, str]:
    return (_ROOTS.index(type.name) if type.name in _ROOTS else len(_ROOTS), type.name)


def _entry(type: GraphQLNamedType) -> TypeEntry:
    kind = next(word for cls, word in _KINDS.items() if isinstance(type, cls))
    # graphql-core's descriptions of its own scalars hold an outside address.
    description = "" if is_specified_scalar_type(type) else type.description or ""
    return TypeEntry(type.name, kind, description, _fields(type))


def _fields(type: GraphQLNamedType) -> tuple[FieldEntry, ...]:
    if isinstance(type, GraphQLEnumType):
        return tuple(FieldEntry(name, value.description or "") for name, value in type.values.items())
    if isinstance(type, GraphQLInputObjectType):
        return tuple(FieldEntry(name, each.description or "", _written(each.type)) for name, each in type.fields.items())
    if not isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
        return ()
    return tuple(
        FieldEntry(
            name,
            _described(field),
            _written(field.type),
            tuple(ArgumentEntry(key, _written(each.type), each.description or "") for key, each in field.args.items()),
        )
        for name, field in type.fields.items()
    )


def _described(field: GraphQLField) -> str:
    """What a field means, and what to use instead of a deprecated one."""
    words = [field.description or ""]
    if field.deprecation_reason:
        words.append(f"Deprecated: {field.deprecation_reason}.")
    return " ".join(words)


def _written(type: object) -> WrittenType:
    name = get_named_type(type).name  # type: ignore[call-overload]  # any wrapped type is accepted
    before, _, after = str(type).partition(name)
    return WrittenType(before, name, after)
