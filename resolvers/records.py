"""Records that use cases return. Times are aware UTC datetimes; scores are floats in 0..1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graph.model.nodes import Frame, Pattern, Signature, Solution

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """One page of a keyset listing. ``cursors[i]`` belongs to ``items[i]``."""

    items: tuple[T, ...]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool = False
    end: str | None = None
    """Where the next page starts, if not behind the last item: a page may end without finding as many as it may hold."""


@dataclass(frozen=True, slots=True)
class PatternRecord:
    """A pattern and the number of its signatures."""

    pattern: Pattern
    signature_count: int


@dataclass(frozen=True, slots=True)
class PatternSignature:
    """A signature of a pattern: number of crashes that have it, stage of the cascade that matched it, and its confidence."""

    node: Signature
    crash_count: int
    strategy: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class SeenNode(Generic[T]):
    """An environment, site or version in which a pattern was seen, and the number of its crashes there."""

    node: T
    crash_count: int


@dataclass(frozen=True, slots=True)
class RelatedPattern:
    """A pattern that a job found related.

    ``evidence`` holds the relationship's properties; ``outgoing`` is true if it starts at the pattern that was asked about.
    """

    node: Pattern
    type: str
    outgoing: bool
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CorrelatedPlace:
    """A site, version or other fact that is over-represented for a pattern, and the relationship's properties."""

    node: Any
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PatternSolution:
    """A solution of a pattern, and how often it worked and failed for it."""

    node: Solution
    worked: int
    failed: int


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A normalised frame in a stack: ``position`` 0 is the innermost, ``module`` the key of its module."""

    node: Frame
    position: int
    module: str | None


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """Any node: label, key and properties, without embeddings."""

    label: str
    key: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NetworkNode:
    """A node of a network. ``details`` are names and values for the side panel, in order."""

    id: str
    label: str
    """Graph label, ``Pattern``."""
    caption: str
    severity: str
    status: str
    size: int
    """Number of crashes."""
    details: Mapping[str, str] = field(default_factory=dict)
    hidden_neighbours: int = 0
    """Number of neighbours beyond the budget."""


@dataclass(frozen=True, slots=True)
class NetworkEdge:
    """An edge of a network; ``evidence`` as names and values, ``properties`` as stored."""

    source: str
    target: str
    type: str
    score: float
    directed: bool
    evidence: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NetworkQuery:
    """What a network shows: the patterns up to ``depth`` hops around ``focus``, a pattern id; without it the largest ones."""

    first: int = 150
    edges: int = 300
    focus: str | None = None
    depth: int = 1
    types: tuple[str, ...] = ()
    """Relationship types to follow; empty means all derived ones. If some are named, patterns without one are left out."""
    severities: tuple[str, ...] = ()
    min_score: float = 0.0
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A network within its budget, and the totals before the budget."""

    query: NetworkQuery
    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    total_nodes: int
    total_edges: int
    """Number of edges between patterns that match the query, shown or not."""
