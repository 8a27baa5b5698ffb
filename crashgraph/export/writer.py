"""What a format of an export does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, Self

from graph.model import RELATIONSHIPS
from resolvers.export import exported_properties, types_between

if TYPE_CHECKING:
    from graph.model.declare import Property
    from resolvers.export import ExportedNode, ExportedRelationship


class Writer(Protocol):
    """Writes an export; a context whose end completes the files."""

    def __enter__(self) -> Self:
        """Begin the files."""
        ...

    def __exit__(self, *exc: object) -> None:
        """Complete the files."""
        ...

    def nodes(self, page: Sequence[ExportedNode]) -> None:
        """Write nodes of one label. All nodes come before the first relationship."""
        ...

    def relationships(self, page: Sequence[ExportedRelationship]) -> None:
        """Write relationships."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """The properties of the labels and relationship types of an export."""

    labels: tuple[str, ...]

    def of_label(self, label: str) -> tuple[Property, ...]:
        """Those of a label."""
        return exported_properties(label)

    @property
    def types(self) -> tuple[str, ...]:
        """The types of relationships."""
        return types_between(self.labels)

    def of_type(self, type_: str) -> tuple[Property, ...]:
        """Those of a type of relationships."""
        return tuple(one for one in RELATIONSHIPS[type_].properties if not one.secret)


def flat(value: Any) -> Any:
    """A value for formats without times and lists: ISO 8601, and JSON as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return value


def stated(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that have a value, by name."""
    return {name: value for name, value in sorted(properties.items()) if value is not None}
