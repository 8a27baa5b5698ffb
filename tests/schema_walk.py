"""Documents for every root field of the schema, with given values in every argument that can name something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

NAMING = frozenset({"ID", "String"})
PLAIN = {"Int": "1", "Float": "0.5", "Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"'}


def root_fields(schema: GraphQLSchema, kind: str) -> dict[str, GraphQLField]:
    """The fields of ``query``, ``mutation`` or ``subscription``."""
    root = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}[kind]
    assert root is not None
    return dict(root.fields)


def names_something(field: GraphQLField) -> bool:
    """Whether an argument, at any depth, takes an id or a text."""
    return any(_holds_naming(one.type, 3) for one in field.args.values())


def documents(schema: GraphQLSchema, kind: str, name: str, value: str | None, depth: int = 3) -> Iterator[str]:
    """Documents for a root field, the ones that select the deepest first.

    With ``value``, every id and text of the arguments is that; without, only what is required is given.
    """
    field = root_fields(schema, kind)[name]
    called = _called(name, field.args, value)
    for deep in range(depth, 0, -1):
        yield f"{kind} {{ {called} {selected(field, schema, deep)} }}"


def selected(field: GraphQLField, schema: GraphQLSchema, depth: int, above: tuple[str, ...] = ()) -> str:
    """All plain fields of what a field answers, and of what those that need no argument lead to."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLInterfaceType) and kind.name == "Node":
        # Fields of the same name have another type in each label: only those that all have.
        return f"{{ {_plain(kind)} }}"
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        return (
            f"{{ __typename {' '.join(f'... on {one.name} {{ {_plain(one)} }}' for one in schema.get_possible_types(kind))} }}"
        )
    assert isinstance(kind, GraphQLObjectType)
    parts = [_plain(kind)]
    for name, inner in kind.fields.items():
        inside = get_named_type(inner.type)
        if depth > 1 and not is_leaf_type(inside) and inside.name not in above:
            parts.append(f"{_called(name, inner.args, None)} {selected(inner, schema, depth - 1, (*above, kind.name))}")
    return f"{{ {' '.join(parts)} }}"


def _plain(kind: GraphQLObjectType | GraphQLInterfaceType) -> str:
    names = (name for name, one in kind.fields.items() if is_leaf_type(get_named_type(one.type)) and not _required(one.args))
    return " ".join(["__typename", *names])


def _required(arguments: dict[str, GraphQLArgument]) -> list[str]:
    return [name for name, one in arguments.items() if is_required_argument(one)]


def _called(name: str, arguments: dict[str, GraphQLArgument], value: str | None) -> str:
    given = {
        key: _literal(one.type, value, key)
        for key, one in arguments.items()
        if is_required_argument(one) or key == "first" or (value is not None and _holds_naming(one.type, 3))
    }
    return f"{name}({', '.join(f'{key}: {text}' for key, text in given.items())})" if given else name


def _holds_naming(type_: Any, depth: int) -> bool:
    kind = get_named_type(type_)
    if isinstance(kind, GraphQLInputObjectType):
        return depth > 0 and any(_holds_naming(one.type, depth - 1) for one in kind.fields.values())
    return kind.name in NAMING


def _literal(type_: Any, value: str | None, key: str, depth: int = 3) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _literal(type_.of_type, value, key, depth)
    if isinstance(type_, GraphQLList):
        return f"[{_literal(type_.of_type, value, key, depth)}]"
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        fields: dict[str, GraphQLInputField] = type_.fields
        given = (
            f"{name}: {_literal(one.type, value, name, depth - 1)}"
            for name, one in fields.items()
            if is_required_input_field(one) or (value is not None and depth > 0 and _holds_naming(one.type, depth - 1))
        )
        return f"{{{', '.join(given)}}}"
    if key == "first":
        return "5"
    return PLAIN.get(type_.name, f'"{"x" if value is None else value}"')
