"""Connections with facts on their edges, such as how many crashes of a pattern have a signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from graph.model import RELATIONSHIPS
from graph.model.choices import MatchStrategy
from graph.model.relationships import ProvenIn
from resolvers.fixes import Applied
from resolvers.patterns import patterns_by_id
from resolvers.places import CorrelatedPattern
from resolvers.records import CorrelatedPlace, RelatedPattern
from schema.context import Info
from schema.fields import resolved
from schema.types.choices import known_texts
from schema.types.declared import Node, field_names, from_record, to_type, with_properties
from schema.types.evidence import Direction, Evidence, direction_of, evidence_of
from schema.types.nodes import Frame, Pattern, Signature, Solution
from schema.types.pages import CURSOR_HELP, NULL_HELP, PAGE_HELP, Edge, Paged, PageInfo

T = TypeVar("T")

STRENGTH_HELP = "Strength of the membership, 0..1."


def _placement(name: str) -> str:
    """The meaning of a property of a signature's place in its pattern."""
    return next(p.help for p in RELATIONSHIPS["OF_PATTERN"].properties if p.name == name)


@strawberry.type(description="A frame at its position in a stack.")
class StackEdge(Edge):
    """A frame at its position in a stack."""

    node: Frame = strawberry.field(description="The frame.")
    position: int = strawberry.field(description="0 for the innermost frame.")
    module: str | None = strawberry.field(description="Key of the module or class that the function lives in.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of a normalised stack, innermost frame first.")
class StackConnection(Paged):
    """A page of a normalised stack."""

    edges: list[StackEdge | None] = strawberry.field(description=f"Frames with their positions. {NULL_HELP}")
    nodes: list[Frame | None] = strawberry.field(description=f"Frames alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="An environment, site or version in which a pattern was seen.")
class SeenEdge(Edge, Generic[T]):
    """An environment, site or version in which a pattern was seen."""

    node: T = strawberry.field(description="The environment, site or version.")
    crash_count: int = strawberry.field(description="Number of crashes of the pattern there.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of environments, sites or versions in which a pattern was seen, most crashes first.")
class SeenConnection(Paged, Generic[T]):
    """A page of environments, sites or versions in which a pattern was seen."""

    edges: list[SeenEdge[T] | None] = strawberry.field(
        description=f"Environments, sites or versions with their crash counts. {NULL_HELP}"
    )
    nodes: list[T | None] = strawberry.field(description=f"Environments, sites or versions alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A signature of a pattern.")
class PatternSignatureEdge(Edge):
    """A signature of a pattern."""

    node: Signature = strawberry.field(description="The signature.")
    crash_count: int = strawberry.field(description="Number of crashes that have it.")
    strategy: MatchStrategy | None = strawberry.field(description=_placement("strategy"))
    confidence: float | None = strawberry.field(description=_placement("confidence"))
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the signatures of a pattern, most crashes first.")
class PatternSignatureConnection(Paged):
    """A page of signatures."""

    edges: list[PatternSignatureEdge | None] = strawberry.field(
        description=f"Signatures, and how each was matched. {NULL_HELP}"
    )
    nodes: list[Signature | None] = strawberry.field(description=f"Signatures alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern that a job found related, with the evidence.")
class RelatedPatternEdge(Edge):
    """A related pattern."""

    node: Pattern = strawberry.field(description="The related pattern.")
    direction: Direction = strawberry.field(description="Direction of the relationship.")
    evidence: Evidence = strawberry.field(description="Evidence for the relationship.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of related patterns, strongest first.")
class RelatedPatternConnection(Paged):
    """A page of related patterns."""

    edges: list[RelatedPatternEdge | None] = strawberry.field(description=f"Patterns with the evidence. {NULL_HELP}")
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A solution recorded for a pattern.")
class PatternSolutionEdge(Edge):
    """A solution of a pattern."""

    node: Solution = strawberry.field(description="The solution.")
    worked: int = strawberry.field(description="Number of uses for this pattern that worked.")
    failed: int = strawberry.field(description="Number of uses for this pattern that failed.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of solutions, those that worked most often first.")
class PatternSolutionConnection(Paged):
    """A page of solutions."""

    edges: list[PatternSolutionEdge | None] = strawberry.field(
        description=f"Solutions with their uses for this pattern. {NULL_HELP}"
    )
    nodes: list[Solution | None] = strawberry.field(description=f"Solutions alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern of a community.")
class CommunityMemberEdge(Edge):
    """A pattern of a community."""

    node: Pattern = strawberry.field(description="The pattern.")
    strength: float = strawberry.field(description=STRENGTH_HELP)
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the patterns of a community, strongest members first.")
class CommunityMemberConnection(Paged):
    """A page of the patterns of a community."""

    edges: list[CommunityMemberEdge | None] = strawberry.field(
        description=f"Patterns with the strength of their membership. {NULL_HELP}"
    )
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern of the latest crashes of a site, version or environment.")
class LatestPatternEdge(Edge):
    """A pattern of the latest crashes of a place."""

    node: Pattern = strawberry.field(description="The pattern.")
    crash_count: int = strawberry.field(description="Number of its crashes among those latest ones.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(
    description="A page of the patterns of the latest crashes of a site, version or environment, most of those crashes first; "
    "the order moves while crashes arrive."
)
class LatestPatternConnection(Paged):
    """A page of the patterns of the latest crashes of a place."""

    edges: list[LatestPatternEdge | None] = strawberry.field(description=f"Patterns with their crash counts. {NULL_HELP}")
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern that is over-represented at a site, in a version or with a fact, with the evidence.")
class CorrelatedPatternEdge(Edge):
    """A pattern that is over-represented somewhere."""

    node: Pattern = strawberry.field(description="The pattern.")
    evidence: Evidence = strawberry.field(description="Evidence for the relationship.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the patterns that are over-represented somewhere, strongest first.")
class CorrelatedPatternConnection(Paged):
    """A page of the patterns that are over-represented somewhere."""

    edges: list[CorrelatedPatternEdge | None] = strawberry.field(description=f"Patterns with the evidence. {NULL_HELP}")
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A site, version or other fact that is over-represented for a pattern, with the evidence.")
class CorrelatedPlaceEdge(Edge):
    """A place or fact that is over-represented for a pattern."""

    node: Node = strawberry.field(description="The site, the version or the fact.")
    evidence: Evidence = strawberry.field(description="Evidence for the relationship.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the sites, versions and other facts that are over-represented for a pattern.")
class CorrelatedPlaceConnection(Paged):
    """A page of the places and facts that are over-represented for a pattern."""

    edges: list[CorrelatedPlaceEdge | None] = strawberry.field(description=f"Places and facts with the evidence. {NULL_HELP}")
    nodes: list[Node | None] = strawberry.field(description=f"Places and facts alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A pattern that a solution was recorded for.")
class SolvedPatternEdge(Edge):
    """A pattern that a solution was recorded for."""

    node: Pattern = strawberry.field(description="The pattern.")
    worked: int = strawberry.field(description="Number of uses for this pattern that worked.")
    failed: int = strawberry.field(description="Number of uses for this pattern that failed.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the patterns of a solution, those that it worked for most often first.")
class SolvedPatternConnection(Paged):
    """A page of the patterns of a solution."""

    edges: list[SolvedPatternEdge | None] = strawberry.field(description=f"Patterns with the uses for them. {NULL_HELP}")
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="A use of a solution in an environment against a pattern, with its record since.")
@with_properties(ProvenIn, RELATIONSHIPS["PROVEN_IN"].properties)
class AppliedEdge(Edge, Generic[T]):
    """A use of a solution in an environment."""

    record: strawberry.Private[ProvenIn]
    node: T = strawberry.field(description="The environment, or the solution.")
    cursor: str = strawberry.field(description=CURSOR_HELP)

    @resolved("The pattern it was applied against; null if it no longer exists.")
    async def pattern(self, info: Info) -> Pattern | None:
        """The pattern."""
        found = await info.context.load(patterns_by_id, self.record.pattern_id)
        return to_type(found.pattern) if found else None


@strawberry.type(description="A page of uses of solutions in environments, latest first.")
class AppliedConnection(Paged, Generic[T]):
    """A page of uses of solutions in environments."""

    edges: list[AppliedEdge[T] | None] = strawberry.field(description=f"Environments or solutions with the record. {NULL_HELP}")
    nodes: list[T | None] = strawberry.field(description=f"Environments or solutions alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


@strawberry.type(description="An open pattern that causes others, directly or through them.")
class RootPatternEdge(Edge):
    """An open pattern that causes others."""

    node: Pattern = strawberry.field(description="The pattern; its `related` of type `CAUSES` has the links and evidence.")
    explains: float = strawberry.field(description="Estimated number of crashes of other open patterns that go back to it.")
    reached: int = strawberry.field(description="Number of patterns that chains of causes lead to from it.")
    explained: float = strawberry.field(description="Share of its own crashes that other patterns caused, 0..1.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of root patterns, strongest first.")
class RootPatternConnection(Paged):
    """A page of root patterns."""

    edges: list[RootPatternEdge | None] = strawberry.field(description=f"Patterns with what they cause. {NULL_HELP}")
    nodes: list[Pattern | None] = strawberry.field(description=f"Patterns alone. {NULL_HELP}")
    page_info: PageInfo = strawberry.field(description=PAGE_HELP)


def applied_edge(item: Applied[Any], cursor: str) -> AppliedEdge[Any]:
    """A use of a solution in an environment as an edge."""
    return from_record(AppliedEdge, item.proof, record=item.proof, node=to_type(item.node), cursor=cursor)


def correlated_edge(item: CorrelatedPattern, cursor: str) -> CorrelatedPatternEdge:
    """A pattern that is over-represented somewhere as an edge."""
    evidence = evidence_of("CORRELATES_WITH", item.evidence)
    return CorrelatedPatternEdge(node=to_type(item.node), evidence=evidence, cursor=cursor)


def place_edge(item: CorrelatedPlace, cursor: str) -> CorrelatedPlaceEdge:
    """A place or fact that is over-represented for a pattern as an edge."""
    evidence = evidence_of("CORRELATES_WITH", item.evidence)
    return CorrelatedPlaceEdge(node=to_type(item.node), evidence=evidence, cursor=cursor)


def edge_of(kind: Callable[..., T]) -> Callable[[Any, str], T]:
    """A function that makes edges of that kind from a record with a ``node``, and a cursor."""
    names = tuple(sorted(field_names(kind) - {"node", "cursor"}))

    def make(item: Any, cursor: str) -> T:
        values = known_texts(kind, {name: getattr(item, name) for name in names})
        return kind(**values, node=to_type(item.node), cursor=cursor)

    return make


def related_edge(item: RelatedPattern, cursor: str) -> RelatedPatternEdge:
    """A related pattern with the evidence."""
    return RelatedPatternEdge(
        node=to_type(item.node),
        direction=direction_of(item.type, outgoing=item.outgoing),
        evidence=evidence_of(item.type, item.evidence),
        cursor=cursor,
    )
