"""The evidence of derived relationships: an interface, and a type per declared relationship."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import strawberry

from graph.model import RELATIONSHIPS, evidence
from graph.model.declare import properties_of
from resolvers.crashes import crashes_by_id
from schema.context import Info
from schema.fields import resolved
from schema.types.choices import DerivedType, known_texts
from schema.types.declared import field_names, to_type, with_properties
from schema.types.nodes import Crash


@strawberry.enum(description="Direction of a relationship, as seen from the pattern that was asked about.")
class Direction(Enum):
    """Direction of a relationship."""

    OUT = strawberry.enum_value("OUT", description="From the pattern that was asked about to the other.")
    IN = strawberry.enum_value("IN", description="From the other pattern to the one that was asked about.")
    NONE = strawberry.enum_value("NONE", description="Undirected.")


_COMMON = properties_of(evidence.Evidence)


@strawberry.interface(description="Evidence of a relationship that a job derived.")
@with_properties(evidence.Evidence, _COMMON)
class Evidence:
    """The evidence that every derived relationship has."""

    type: DerivedType = strawberry.field(description="Relationship type in the graph.")

    @resolved("Those crashes of `sampleCrashIds` that are still stored.")
    async def sample_crashes(self, info: Info) -> list[Crash | None]:
        """The sample crashes."""
        ids: list[str] = getattr(self, "sample_crash_ids")  # noqa: B009  # a declared property
        crashes = await asyncio.gather(*(info.context.load(crashes_by_id, id) for id in ids))
        return [to_type(crash) for crash in crashes if crash is not None]


EVIDENCE_TYPES: dict[str, type[Evidence]] = {}
"""The GraphQL type per derived relationship type."""

for _type, _declared in RELATIONSHIPS.items():
    if _declared.derived:
        _made = type(_declared.record.__name__, (Evidence,), {"__module__": __name__})
        _own = [p for p in _declared.properties if p not in _COMMON]
        EVIDENCE_TYPES[_type] = strawberry.type(with_properties(_declared.record, _own)(_made), description=_declared.help)


def evidence_of(relationship_type: str, properties: Mapping[str, Any]) -> Evidence:
    """The evidence of one relationship; declared properties that it lacks are null."""
    kind: Callable[..., Evidence] = EVIDENCE_TYPES[relationship_type]
    values = {name: properties.get(name) for name in field_names(kind) - {"type"}}
    return kind(type=relationship_type, **known_texts(kind, values))


def direction_of(relationship_type: str, *, outgoing: bool) -> Direction:
    """The direction of a relationship; ``outgoing`` if it starts at the pattern that was asked about."""
    if not RELATIONSHIPS[relationship_type].directed:
        return Direction.NONE
    return Direction.OUT if outgoing else Direction.IN
