"""Connections with facts on their edges, such as how many crashes of a pattern have a signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from graph.model import RELATIONSHIPS
from graph.model.choices import MatchStrategy
from resolvers.records import RelatedPattern
from schema.types.declared import from_record, to_type
from schema.types.evidence import Direction, Evidence, direction_of, evidence_of
from schema.types.nodes import Frame, Pattern, Signature, Solution
from schema.types.pages import CURSOR_HELP, PAGE_HELP, PageInfo

T = TypeVar("T")

STRENGTH_HELP = "Strength of the membership, 0..1."


def _placement(name: str) -> str:
    """The meaning of a property of a signature's place in its pattern."""
    return next(p.help for p in RELATIONSHIPS["OF_PATTERN"].properties if p.name == name)


@strawberry.type(description="A frame at its position in a stack.")
class StackEdge:
    """A frame at its position in a stack."""

    node: Frame = strawberry.field(description="The frame.")
    position: int = strawberry.field(description="0 for the innermost frame.")
    module: str | None = strawberry.field(description="Key of the module or class that the function lives in.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of a normalised stack, innermost frame first.")
class StackConnection:
    """A page of a normalised stack."""

    edges: list[StackEdge] = strawberry.field(description="Frames with their positions.")
    nodes: list[Frame] = strawberry.field(description="Frames alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="An environment, site or version in which a pattern was seen.")
class SeenEdge(Generic[T]):
    """An environment, site or version in which a pattern was seen."""

    node: T = strawberry.field(description="The environment, site or version.")
    crash_count: int = strawberry.field(description="Number of crashes of the pattern there.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of environments, sites or versions in which a pattern was seen, most crashes first.")
class SeenConnection(Generic[T]):
    """A page of environments, sites or versions in which a pattern was seen."""

    edges: list[SeenEdge[T]] = strawberry.field(description="Environments, sites or versions with their crash counts.")
    nodes: list[T] = strawberry.field(description="Environments, sites or versions alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A signature of a pattern.")
class PatternSignatureEdge:
    """A signature of a pattern."""

    node: Signature = strawberry.field(description="The signature.")
    crash_count: int = strawberry.field(description="Number of crashes that have it.")
    strategy: MatchStrategy | None = strawberry.field(description=_placement("strategy"))
    confidence: float | None = strawberry.field(description=_placement("confidence"))
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the signatures of a pattern, most crashes first.")
class PatternSignatureConnection:
    """A page of signatures."""

    edges: list[PatternSignatureEdge] = strawberry.field(description="Signatures, and how each was matched.")
    nodes: list[Signature] = strawberry.field(description="Signatures alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern that a job found related, with the evidence.")
class RelatedPatternEdge:
    """A related pattern."""

    node: Pattern = strawberry.field(description="The related pattern.")
    direction: Direction = strawberry.field(description="Direction of the relationship.")
    evidence: Evidence = strawberry.field(description="Evidence for the relationship.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of related patterns, strongest first.")
class RelatedPatternConnection:
    """A page of related patterns."""

    edges: list[RelatedPatternEdge] = strawberry.field(description="Patterns with the evidence.")
    nodes: list[Pattern] = strawberry.field(description="Patterns alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A solution recorded for a pattern.")
class PatternSolutionEdge:
    """A solution of a pattern."""

    node: Solution = strawberry.field(description="The solution.")
    worked: int = strawberry.field(description="Number of uses for this pattern that worked.")
    failed: int = strawberry.field(description="Number of uses for this pattern that failed.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of solutions, those that worked most often first.")
class PatternSolutionConnection:
    """A page of solutions."""

    edges: list[PatternSolutionEdge] = strawberry.field(description="Solutions with their uses for this pattern.")
    nodes: list[Solution] = strawberry.field(description="Solutions alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern of a community.")
class CommunityMemberEdge:
    """A pattern of a community."""

    node: Pattern = strawberry.field(description="The pattern.")
    strength: float = strawberry.field(description=STRENGTH_HELP)
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the patterns of a community, strongest members first.")
class CommunityMemberConnection:
    """A page of the patterns of a community."""

    edges: list[CommunityMemberEdge] = strawberry.field(description="Patterns with the strength of their membership.")
    nodes: list[Pattern] = strawberry.field(description="Patterns alone.")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


def edge_of(kind: type[T]) -> Callable[[Any, str], T]:
    """A function that makes edges of that kind from a record with a ``node``, and a cursor."""

    def make(item: Any, cursor: str) -> T:
        return from_record(kind, item, node=to_type(item.node), cursor=cursor)

    return make


def related_edge(item: RelatedPattern, cursor: str) -> RelatedPatternEdge:
    """A related pattern with the evidence."""
    return RelatedPatternEdge(
        node=to_type(item.node),
        direction=direction_of(item.type, outgoing=item.outgoing),
        evidence=evidence_of(item.type, item.evidence),
        cursor=cursor,
    )
