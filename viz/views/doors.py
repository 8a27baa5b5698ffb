"""Texts for the other doors: values written into Cypher and GraphQL, so that a copied text runs as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from resolvers.records import NetworkQuery

CYPHER_TOKEN = re.compile(
    r"""(?P<skip> //[^\n]* | /\*.*?\*/ | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `(?:``|[^`])*` )
      | \$(?P<name>[A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL,
)


def cypher_with(text: str, values: Mapping[str, object]) -> str:
    """The query with each ``$name`` outside strings and comments replaced by its value as a literal.

    A parameter without a value stays, so the Browser asks for it.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group("name")
        return match.group() if name is None or name not in values else cypher_literal(values[name])

    return CYPHER_TOKEN.sub(value_of, text)


def cypher_literal(value: object) -> str:
    """A value as Cypher writes it; strings are quoted so that no value can end them."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return "'" + "".join(cypher_character(c) for c in value) + "'"
    if isinstance(value, Mapping):
        pairs = (f"`{str(key).replace('`', '``')}`: {cypher_literal(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(cypher_literal(each) for each in value) + "]"
    raise TypeError(f"no Cypher literal for a {type(value).__name__}")


def cypher_character(character: str) -> str:
    """A character as it stands in a single-quoted Cypher string."""
    if character in "\\'":
        return "\\" + character
    return f"\\u{ord(character):04X}" if ord(character) < 32 else character


def graphql_arguments(query: NetworkQuery) -> str:
    """``(first: 150, focus: "…")``: the arguments of the ``network`` field that differ from what a query says by default.

    ``first`` and ``edges`` are always written, since they are the budget.
    """
    default = NetworkQuery()
    said = [f"first: {query.first}", f"edges: {query.edges}"]
    if query.focus is not None:
        said += [f"focus: {json.dumps(query.focus)}", f"depth: {query.depth}"]
    for name in ("types", "severities", "min_score", "search"):
        value = getattr(query, name)
        if value != getattr(default, name):
            said.append(f"{camel(name)}: {json.dumps(value)}")
    return f"({', '.join(said)})"


def camel(name: str) -> str:
    """``min_score`` as GraphQL spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
