"""Values written into Cypher texts, so that a copied text runs as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

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
    """A value in Cypher's syntax; strings are quoted so that no value can end them."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return "'" + "".join(cypher_character(c) for c in value) + "'"
    if isinstance(value, datetime):
        return f"datetime('{value.isoformat()}')"
    if isinstance(value, Mapping):
        pairs = (f"`{str(key).replace('`', '``')}`: {cypher_literal(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(cypher_literal(each) for each in value) + "]"
    raise TypeError(f"no Cypher literal for a {type(value).__name__}")


def cypher_character(character: str) -> str:
    """A character as a single-quoted Cypher string spells it."""
    if character in "\\'":
        return "\\" + character
    return f"\\u{ord(character):04X}" if ord(character) < 32 else character
