"""The journal of a verdict: everything it changed, with the values before and after."""

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
    """A signature moved from one pattern to another, with its placement before and after."""

    exact: str
    source: str
    target: str
    before: Values
    after: Values


@dataclass(slots=True)
class SolutionChange:
    """A solution's counts for a pattern before and after; ``None`` where it was not a solution of it."""

    solution_id: str
    pattern_id: str
    before: Values | None
    after: Values | None


@dataclass(slots=True)
class ProofMove:
    """Environments and versions of a solution's proofs that were moved from one pattern to another."""

    solution_id: str
    source: str
    target: str
    environments: list[str]
    versions: list[str]


@dataclass(slots=True)
class DerivedEdge:
    """A derived relationship that was removed. ``computed_at`` is a text, since the server's times have nanoseconds."""

    type: str
    source: str
    target: str
    properties: Values


@dataclass(slots=True)
class PatternDelta:
    """Changed properties of a pattern, without counts, which follow from its signatures."""

    before: Values
    after: Values


@dataclass(slots=True)
class Journal:
    """Everything a verdict changed except its own relationships, which carry its id."""

    moves: list[SignatureMove] = field(default_factory=list)
    patterns: dict[str, PatternDelta] = field(default_factory=dict)
    founded: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    """Patterns merged into another."""
    solutions: list[SolutionChange] = field(default_factory=list)
    proofs: list[ProofMove] = field(default_factory=list)
    derived: list[DerivedEdge] = field(default_factory=list)

    def to_json(self) -> str:
        """As JSON; times are tagged."""
        return json.dumps(asdict(self), default=_tagged, sort_keys=True, ensure_ascii=False)


def journal_of(text: str) -> Journal:
    """The journal in a text from :meth:`Journal.to_json`."""
    values = json.loads(text, object_hook=_untagged)
    return Journal(
        moves=[SignatureMove(**one) for one in values.get("moves", ())],
        patterns={id: PatternDelta(**one) for id, one in values.get("patterns", {}).items()},
        founded=values.get("founded", []),
        folded=values.get("folded", []),
        solutions=[SolutionChange(**one) for one in values.get("solutions", ())],
        proofs=[ProofMove(**one) for one in values.get("proofs", ())],
        derived=[DerivedEdge(**one) for one in values.get("derived", ())],
    )


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no JSON")


def _untagged(value: Mapping[str, Any]) -> Any:
    return datetime.fromisoformat(value[_TIME]) if value.keys() == {_TIME} else dict(value)
