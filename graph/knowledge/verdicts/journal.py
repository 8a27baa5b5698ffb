"""What a verdict changed, with the values of before and after, as it is kept with the verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]

_TIME = "$time"


@dataclass(slots=True)
class SignatureMove:
    """A signature that went from one pattern to another, and how it was placed there and here."""

    exact: str
    source: str
    target: str
    before: Values
    after: Values


@dataclass(slots=True)
class SolutionChange:
    """How a solution did for a pattern, before and after; ``None`` where it was not the pattern's."""

    solution_id: str
    pattern_id: str
    before: Values | None
    after: Values | None


@dataclass(slots=True)
class ProofMove:
    """Where a solution was proven or fixed for one pattern, and counts for another since."""

    solution_id: str
    source: str
    target: str
    environments: list[str]
    versions: list[str]


@dataclass(slots=True)
class DerivedEdge:
    """A relationship that a job had written. Its ``computed_at`` is a text, since a time of the server has nanoseconds."""

    type: str
    source: str
    target: str
    properties: Values


@dataclass(slots=True)
class PropertyChange:
    """Properties of a pattern that changed; counts, which follow from its signatures, are left out."""

    before: Values
    after: Values


@dataclass(slots=True)
class Journal:
    """All that a verdict changed but its own relationships, which are found by its id."""

    moves: list[SignatureMove] = field(default_factory=list)
    patterns: dict[str, PropertyChange] = field(default_factory=dict)
    founded: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    """Patterns that became part of another."""
    solutions: list[SolutionChange] = field(default_factory=list)
    proofs: list[ProofMove] = field(default_factory=list)
    derived: list[DerivedEdge] = field(default_factory=list)

    def to_json(self) -> str:
        """As text; times keep their kind."""
        return json.dumps(asdict(self), default=_tagged, sort_keys=True, ensure_ascii=False)


def journal_of(text: str) -> Journal:
    """The journal in a text that :meth:`Journal.to_json` made."""
    told = json.loads(text, object_hook=_untagged)
    return Journal(
        moves=[SignatureMove(**one) for one in told.get("moves", ())],
        patterns={id: PropertyChange(**one) for id, one in told.get("patterns", {}).items()},
        founded=told.get("founded", []),
        folded=told.get("folded", []),
        solutions=[SolutionChange(**one) for one in told.get("solutions", ())],
        proofs=[ProofMove(**one) for one in told.get("proofs", ())],
        derived=[DerivedEdge(**one) for one in told.get("derived", ())],
    )


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no JSON")


def _untagged(value: Mapping[str, Any]) -> Any:
    return datetime.fromisoformat(value[_TIME]) if value.keys() == {_TIME} else dict(value)
