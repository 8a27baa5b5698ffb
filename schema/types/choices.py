"""GraphQL enums of the fixed sets of texts, and of the types of derived relationships.

The graph may hold a text that a set does not have, if another version or program wrote it: such a field is null, and the
others of the answer are there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer
from strawberry.types.enum import StrawberryEnumDefinition

from graph.model import RELATIONSHIPS
from graph.model.audit import Outcome
from graph.model.choices import Choice
from graph.model.declare import RelationshipDeclaration
from resolvers.filters import CrashOrder, PatternOrder

log = logging.getLogger(__name__)

NAMES: Final[Mapping[type[Choice], str]] = {Outcome: "AuditOutcome"}
"""Names in GraphQL that differ from those of the sets."""


@cache
def enum_of(choice: type[Choice]) -> type[Choice]:
    """The set, known to strawberry as an enum with its descriptions."""
    made = strawberry.enum(choice, name=NAMES.get(choice, choice.__name__), description=choice.__doc__)
    definition: StrawberryEnumDefinition = made.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry
    for value, member in zip(definition.values, choice, strict=True):
        value.description = member.meaning
    return made


for _choice in (*Choice.__subclasses__(), CrashOrder, PatternOrder):
    enum_of(_choice)


def _types(name: str, description: str, declared: Iterable[RelationshipDeclaration]) -> Any:
    """An enum of types of relationships, each described as it is declared."""
    members: Any = {one.type: (one.type, one.help) for one in declared}
    made: Any = Choice(name, members)
    made.__doc__ = description
    return enum_of(made)


RelationshipType = _types("RelationshipType", "Types of relationships.", RELATIONSHIPS.values())
DerivedType = _types(
    "DerivedType", "Types of relationships that jobs derive.", (one for one in RELATIONSHIPS.values() if one.derived)
)


def known_texts(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a GraphQL type, texts that its enums lack replaced by null, and dropped from lists."""
    for name in texts_of(kind).keys() & values.keys():
        values[name] = known_text(kind, name, values[name])
    return values


def known_text(kind: Any, name: str, value: Any) -> Any:
    """The value of one field of a GraphQL type, as :func:`known_texts` has it."""
    texts = texts_of(kind).get(name)
    if texts is None or value is None:
        return value
    if isinstance(value, list | tuple):
        return [one for one in value if one in texts]
    if value not in texts:
        log.warning("a %s of the graph has a %s that is not declared; it is shown as null", kind.__name__, name)
        return None
    return value


@cache
def texts_of(kind: Any) -> dict[str, frozenset[str]]:
    """The texts that each field of an enum takes, by the name of the field."""
    found = {}
    for field in get_object_definition(kind, strict=True).fields:
        inner = field.type
        while isinstance(inner, StrawberryContainer):
            inner = inner.of_type
        if isinstance(inner, StrawberryEnumDefinition) and field.base_resolver is None:
            found[field.python_name] = frozenset(value.value for value in inner.values)
    return found
