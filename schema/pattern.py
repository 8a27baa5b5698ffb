"""The GraphQL type of patterns, and the edges that say how something hangs on one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.diagnosis.diagnose import recalled
from graph.knowledge.summary import current_confidence
from graph.model import RELATIONSHIPS
from graph.model.convert import properties
from graph.model.errors import InvalidInputError
from resolvers import history, known, patterns, relations
from resolvers.filters import CrashOrder
from resolvers.records import PatternSignature, PatternSolution, RelatedPattern
from schema.communities import Membership, membership
from schema.context import Info
from schema.declared import Node, node_type
from schema.diagnosis import Diagnosis, diagnosis_type
from schema.evidence import Direction, Evidence, direction_of, evidence_of
from schema.fields import resolved
from schema.history import Revision
from schema.known import Known, known_type
from schema.nodes import Crash, Environment, Signature, Site, Solution, Validation, Version
from schema.pages import CURSOR_HELP, After, Connection, First, PageInfo, connection, link_page
from schema.seen import SeenConnection, seen_page


def _placed(name: str) -> str:
    """What a property of the placement in a pattern means."""
    return next(p.help for p in RELATIONSHIPS["OF_PATTERN"].properties if p.name == name)


@strawberry.type(description="A signature of a pattern.")
class PatternSignatureEdge:
    """A signature of a pattern."""

    node: Signature = strawberry.field(description="The signature.")
    crash_count: int = strawberry.field(description="How many crashes have it.")
    strategy: str | None = strawberry.field(description=_placed("strategy"))
    confidence: float | None = strawberry.field(description=_placed("confidence"))
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of the signatures of a pattern, those with the most crashes first.")
class PatternSignatureConnection:
    """A page of signatures."""

    edges: list[PatternSignatureEdge] = strawberry.field(description="The signatures and how they were placed.")
    nodes: list[Signature] = strawberry.field(description="The signatures alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


@strawberry.type(description="A pattern that a job found related, and why.")
class RelatedPatternEdge:
    """A related pattern."""

    node: Pattern = strawberry.field(description="The other pattern.")
    direction: Direction = strawberry.field(description="Which way the relationship is read.")
    evidence: Evidence = strawberry.field(description="What it rests on.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of related patterns, most strongly related first.")
class RelatedPatternConnection:
    """A page of related patterns."""

    edges: list[RelatedPatternEdge] = strawberry.field(description="The patterns and the evidence.")
    nodes: list[Pattern] = strawberry.field(description="The patterns alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


@strawberry.type(description="A solution recorded for a pattern.")
class PatternSolutionEdge:
    """A solution of a pattern."""

    node: Solution = strawberry.field(description="The solution.")
    worked: int = strawberry.field(description="How often it worked for this pattern.")
    failed: int = strawberry.field(description="How often it did not.")
    cursor: str = strawberry.field(description=CURSOR_HELP)


@strawberry.type(description="A page of solutions, those that worked most often first.")
class PatternSolutionConnection:
    """A page of solutions."""

    edges: list[PatternSolutionEdge] = strawberry.field(description="The solutions and how they did here.")
    nodes: list[Solution] = strawberry.field(description="The solutions alone.")
    page_info: PageInfo = strawberry.field(description="How to go on.")


@node_type()
class Pattern(Node):
    """What people call a bug."""

    @resolved("What kind of error it is, as diagnosed at its first crash; null where nothing speaks about it.")
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis."""
        mine = self.record
        return diagnosis_type(recalled(mine.taxonomy_code, mine.cluster_id, mine.diagnosis_confidence))

    @resolved("How sure it is that its crashes are one bug, faded since it was last seen or confirmed, 0..1.")
    def current_confidence(
        self,
        half_life_days: Annotated[
            float, strawberry.argument(description="Days without use after which half of the confidence has gone.")
        ] = HALF_LIFE_DAYS,
    ) -> float:
        """The faded confidence."""
        if half_life_days <= 0:
            raise InvalidInputError(f"halfLifeDays: {half_life_days} is not above 0")
        return current_confidence(properties(self.record), datetime.now(UTC), half_life_days)

    @resolved("What people said of its crashes, last first.")
    async def validations(self, info: Info, first: First = 20) -> list[Validation]:
        """The validations."""
        found = await info.context.load(known.validations_of, self.record.pattern_id, first)
        return [Validation(one.validation) for one in found or ()]

    @resolved("What is known of it: where, when and how often, and what fixed it, proven solutions first.")
    async def known(self, info: Info) -> Known | None:
        """What is known."""
        found = await info.context.load(known.known_of, self.record.pattern_id)
        return None if found is None else known_type(found)

    @resolved("How many signatures it has.")
    async def signature_count(self, info: Info) -> int:
        """The number of signatures."""
        found = await info.context.load(patterns.get_patterns, self.record.pattern_id)
        return found.signature_count if found else 0

    @resolved("Its signatures, those with the most crashes first.")
    async def signatures(self, info: Info, first: First, after: After = None) -> PatternSignatureConnection:
        """The signatures."""
        page = await info.context.load_page(relations.signatures, self.record.pattern_id, first, after)
        return link_page(page, _signature_edge, PatternSignatureConnection)

    @resolved("Its crashes, last first.")
    async def crashes(
        self, info: Info, first: First, after: After = None, order: CrashOrder = CrashOrder.RECEIVED
    ) -> Connection[Crash]:
        """The crashes."""
        page = await info.context.load_page(relations.crashes, self.record.pattern_id, first, after, order)
        return connection(page, Crash)

    @resolved("Patterns that jobs found related, most strongly related first, with the evidence.")
    async def related(
        self,
        info: Info,
        first: First,
        after: After = None,
        types: Annotated[
            list[str] | None, strawberry.argument(description="Relationship types; all that jobs write if left out.")
        ] = None,
        min_score: Annotated[float, strawberry.argument(description="Weakest score, 0..1.")] = 0.0,
    ) -> RelatedPatternConnection:
        """Related patterns."""
        page = await info.context.load_page(
            relations.related, self.record.pattern_id, first, after, tuple(types or ()), min_score
        )
        return link_page(page, _related_edge, RelatedPatternConnection)

    @resolved("The family of patterns it belongs to, and how strongly; null for none.")
    async def community(self, info: Info) -> Membership | None:
        """The family."""
        return await membership(info, self.record.pattern_id)

    @resolved("Versions, sites and other facts that are over-represented where it happens, strongest evidence first.")
    async def correlations(self, info: Info, first: First = 20) -> list[Evidence]:
        """What it correlates with."""
        found = await info.context.load(relations.correlations, self.record.pattern_id, first)
        return [evidence_of("CORRELATES_WITH", one) for one in found or ()]

    @resolved("Where it was seen, most often first.")
    async def environments(self, info: Info, first: First, after: After = None) -> SeenConnection[Environment]:
        """The environments."""
        page = await info.context.load_page(relations.environments, self.record.pattern_id, first, after)
        return seen_page(page, Environment)

    @resolved("The sites it was seen at, most often first.")
    async def sites(self, info: Info, first: First, after: After = None) -> SeenConnection[Site]:
        """The sites."""
        page = await info.context.load_page(relations.sites, self.record.pattern_id, first, after)
        return seen_page(page, Site)

    @resolved("The versions it was seen in, most often first.")
    async def versions(self, info: Info, first: First, after: After = None) -> SeenConnection[Version]:
        """The versions."""
        page = await info.context.load_page(relations.versions, self.record.pattern_id, first, after)
        return seen_page(page, Version)

    @resolved("How it changed, the last step first.")
    async def history(self, info: Info, first: First, after: After = None) -> Connection[Revision]:
        """Its history."""
        return connection(await info.context.load_page(history.history_of, self.record.pattern_id, first, after), Revision)

    @resolved("What was done about it, what worked most often first.")
    async def solutions(self, info: Info, first: First, after: After = None) -> PatternSolutionConnection:
        """The solutions."""
        page = await info.context.load_page(relations.solutions, self.record.pattern_id, first, after)
        return link_page(page, _solution_edge, PatternSolutionConnection)


def _signature_edge(item: PatternSignature, cursor: str) -> PatternSignatureEdge:
    return PatternSignatureEdge(
        node=Signature(item.signature),
        crash_count=item.crash_count,
        strategy=item.strategy,
        confidence=item.confidence,
        cursor=cursor,
    )


def _related_edge(item: RelatedPattern, cursor: str) -> RelatedPatternEdge:
    return RelatedPatternEdge(
        node=Pattern(item.pattern),
        direction=direction_of(item.type, outgoing=item.outgoing),
        evidence=evidence_of(item.type, item.evidence),
        cursor=cursor,
    )


def _solution_edge(item: PatternSolution, cursor: str) -> PatternSolutionEdge:
    return PatternSolutionEdge(node=Solution(item.solution), worked=item.worked, failed=item.failed, cursor=cursor)
