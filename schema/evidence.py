"""The evidence that derived relationships carry: one interface, and a type per declared relationship."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry

from graph.model import RELATIONSHIPS, evidence
from graph.model.declare import properties_of
from resolvers.crashes import crashes_of
from schema.context import Info
from schema.declared import Holder, holder, typed
from schema.fields import resolved

if TYPE_CHECKING:
    from schema.nodes import Crash

T = TypeVar("T")


@strawberry.enum(description="Which way a relationship is read.")
class Direction(Enum):
    """Which way a relationship is read."""

    OUT = strawberry.enum_value("OUT", description="From the pattern that was asked about to the other.")
    IN = strawberry.enum_value("IN", description="From the other to the pattern that was asked about.")
    NONE = strawberry.enum_value("NONE", description="It has no direction.")


def _interface(cls: type[T]) -> type[T]:
    described = "What a relationship written by a job says about itself."
    return holder(cls, evidence.Evidence, properties_of(evidence.Evidence), strawberry.interface, described)


@_interface
class Evidence(Holder):
    """What every relationship written by a job says about itself."""

    @resolved("Relationship type in the graph.")
    def type(self) -> str:
        """The relationship type."""
        return str(self.record.relationship_type)

    @resolved("The crashes of `sampleCrashIds` that are still stored.")
    async def sample_crashes(self, info: Info) -> list[Annotated[Crash, strawberry.lazy("schema.nodes")]]:
        """The sample crashes."""
        found = await asyncio.gather(*(info.context.load(crashes_of, id) for id in self.record.sample_crash_ids))
        return [typed(crash) for crash in found if crash is not None]


EVIDENCE_TYPES: dict[str, type[Evidence]] = {}
_COMMON = {p.name for p in properties_of(evidence.Evidence)}

for _type, _declared in RELATIONSHIPS.items():
    if _declared.derived:
        _made = type(_declared.record.__name__, (Evidence,), {"__module__": __name__})
        _own = [p for p in _declared.properties if p.name not in _COMMON]
        EVIDENCE_TYPES[_type] = holder(_made, _declared.record, _own, strawberry.type, _declared.help)


def evidence_of(relationship_type: str, properties: Mapping[str, Any]) -> Evidence:
    """The evidence of one relationship; what it lacks of the declared properties is null."""
    declared = RELATIONSHIPS[relationship_type]
    values = {p.name: properties.get(p.name) for p in declared.properties}
    return EVIDENCE_TYPES[relationship_type](SimpleNamespace(relationship_type=relationship_type, **values))


def direction_of(relationship_type: str, *, outgoing: bool) -> Direction:
    """Which way a relationship is read."""
    if not RELATIONSHIPS[relationship_type].directed:
        return Direction.NONE
    return Direction.OUT if outgoing else Direction.IN
