"""The schema as HTML: one block per type, with what every field means, and links between types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_specified_scalar_type,
)

_CODE = re.compile(r"`([^`]+)`")
_FIRST = ("Query", "Mutation", "Subscription")
_KINDS = {
    GraphQLObjectType: "type",
    GraphQLInterfaceType: "interface",
    GraphQLInputObjectType: "input",
    GraphQLEnumType: "enum",
    GraphQLScalarType: "scalar",
}


def reference(schema: GraphQLSchema) -> str:
    """The reference as HTML; every text in it is escaped."""
    own = [type for name, type in schema.type_map.items() if not name.startswith("__")]
    return "\n".join(_block(type) for type in sorted(own, key=_order))


def _order(type: GraphQLNamedType) -> tuple[int, str]:
    """Roots first, then by name."""
    return (_FIRST.index(type.name) if type.name in _FIRST else len(_FIRST), type.name)


def _block(type: GraphQLNamedType) -> str:
    kind = next(word for cls, word in _KINDS.items() if isinstance(type, cls))
    opened = " open" if type.name == "Query" else ""
    lines = "".join(_lines(type))
    # What graphql-core says of its own scalars holds an outside address.
    described = "" if is_specified_scalar_type(type) else type.description or ""
    listed = f"<dl>{lines}</dl>" if lines else ""
    return (
        f'<details id="type-{escape(type.name)}"{opened}>'
        f"<summary><code>{escape(type.name)}</code> <small>{kind}</small></summary>"
        f"<p>{_text(described)}</p>{listed}</details>"
    )


def _lines(type: GraphQLNamedType) -> Iterator[str]:
    if isinstance(type, GraphQLEnumType):
        for name, value in type.values.items():
            yield _line(f"<b>{escape(name)}</b>", value.description)
    elif isinstance(type, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type.fields.items():
            taken = ", ".join(_argument(key, argument) for key, argument in field.args.items())
            written = f"<b>{escape(name)}</b>{f'({taken})' if taken else ''}: {_linked(field.type)}"
            yield _line(written, field.description)
    elif isinstance(type, GraphQLInputObjectType):
        for name, entry in type.fields.items():
            yield _line(f"<b>{escape(name)}</b>: {_linked(entry.type)}", entry.description)


def _line(written: str, description: str | None) -> str:
    return f"<dt><code>{written}</code></dt><dd>{_text(description or '')}</dd>"


def _text(description: str) -> str:
    """Prose with what stands in backticks set as code."""
    return _CODE.sub(r"<code>\1</code>", escape(description))


def _argument(name: str, argument: GraphQLArgument) -> str:
    return f'<span title="{escape(argument.description or "")}">{escape(name)}: {_linked(argument.type)}</span>'


def _linked(type: object) -> str:
    """The type as it is written, its name a link to its block."""
    name = get_named_type(type).name  # type: ignore[call-overload]  # any wrapped type is accepted
    return escape(str(type)).replace(name, f'<a href="#type-{name}">{name}</a>')
