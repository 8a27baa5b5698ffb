"""The roots of the GraphQL interface."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.model import NODES
from graph.model.errors import NotFoundError
from resolvers import crashes, nodes, patterns
from resolvers import network as networks
from resolvers.filters import CrashOrder, PatternOrder
from resolvers.records import NetworkQuery
from resolvers.rows import record_of
from schema.context import Info
from schema.fields import mutation, resolved
from schema.inputs.crashes import CrashInput
from schema.inputs.filters import CrashFilterInput, PatternFilterInput
from schema.operations.communities import CommunityQuery
from schema.operations.jobs import JobMutation, JobQuery
from schema.operations.root_causes import CauseQuery
from schema.submit import (
    MAX_SUBMITTED,
    Candidates,
    MatchAnswer,
    SubmitCrashesPayload,
    SubmitCrashPayload,
    match_crash,
    submit_crash,
    submit_crashes,
)
from schema.teach import LearningMutation, LearningQuery
from schema.types.declared import Node, to_type
from schema.types.diagnosis import ErrorFamily, error_families
from schema.types.network import Network, network_type
from schema.types.nodes import Crash, Pattern
from schema.types.pages import After, Connection, First, connection
from schema.verdict import VerdictMutation, VerdictQuery

strawberry.enum(PatternOrder, description="Orders of patterns, largest or last first; those by time leave undated ones out.")

Id = Annotated[strawberry.ID, strawberry.argument(description="Its key, or its global id.")]
_WHOLE = NetworkQuery()


@strawberry.type(description="What can be asked.")
class Query(LearningQuery, JobQuery, VerdictQuery, CauseQuery, CommunityQuery):
    """What can be asked."""

    @resolved("One crash by its id.")
    async def crash(self, info: Info, id: Id) -> Crash | None:
        """One crash; an error with code `NOT_FOUND` if there is none."""
        key = nodes.key_of("Crash", id)
        found = await info.context.load(crashes.crashes_by_id, key)
        if found is None:
            raise NotFoundError(f"no crash {key!r}; `crashes` lists those that are stored")
        shown: Crash = to_type(found)
        return shown

    @resolved("The crashes that match, last first.")
    async def crashes(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[CrashFilterInput | None, strawberry.argument(description="Which ones.")] = None,
        order: Annotated[CrashOrder, strawberry.argument(description="What comes first.")] = CrashOrder.RECEIVED,
    ) -> Connection[Crash]:
        """One page of crashes."""
        narrowed = filter.plain() if filter else None
        page = await crashes.list_crashes(info.context.graph, narrowed, first, after, order)
        return connection(page, to_type)

    @resolved("One pattern by its id.")
    async def pattern(self, info: Info, id: Id) -> Pattern | None:
        """One pattern; an error with code `NOT_FOUND` if there is none."""
        key = nodes.key_of("Pattern", id)
        found = await info.context.load(patterns.patterns_by_id, key)
        if found is None:
            raise NotFoundError(f"no pattern {key!r}; `patterns` lists those that are stored")
        shown: Pattern = to_type(found.pattern)
        return shown

    @resolved("The patterns that match, largest or last first.")
    async def patterns(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[PatternFilterInput | None, strawberry.argument(description="Which ones.")] = None,
        order: Annotated[PatternOrder, strawberry.argument(description="What comes first.")] = PatternOrder.OCCURRENCES,
    ) -> Connection[Pattern]:
        """One page of patterns."""
        narrowed = filter.plain() if filter else None
        page = await patterns.list_patterns(info.context.graph, narrowed, order, first, after)
        info.context.know(patterns.patterns_by_id, {item.pattern.pattern_id: item for item in page.items})
        return connection(page, lambda item: to_type(item.pattern))

    @resolved("The kinds of error that are told apart, by family.")
    def taxonomy(self) -> list[ErrorFamily]:
        """The taxonomy."""
        return error_families()

    @resolved("Any node of the graph by its global id, `Label:key`.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Any node; an error with code `NOT_FOUND` if there is none."""
        label, key = nodes.split_global_id(id)
        found = await info.context.load(nodes.nodes_by_key, key, label)
        if found is None:
            raise NotFoundError(f"no {label} {key!r} in the graph")
        made: Node = to_type(record_of(NODES[label].record, found.properties))
        return made

    @resolved("Where a report would be placed, why, and what is known about it; stores nothing.")
    async def match_crash(self, info: Info, input: CrashInput, candidates: Candidates = 5) -> list[MatchAnswer]:
        """One answer per failure in the report."""
        return await match_crash(info, input, candidates)

    @resolved("Patterns and what jobs found between them, within a budget: the biggest, or those around a focus.")
    async def network(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description=f"Most nodes, 1 to {networks.MAX_NODES}.")] = _WHOLE.first,
        edges: Annotated[int, strawberry.argument(description=f"Most edges, 0 to {networks.MAX_EDGES}.")] = _WHOLE.edges,
        focus: Annotated[strawberry.ID | None, strawberry.argument(description="The pattern in the middle.")] = None,
        depth: Annotated[
            int, strawberry.argument(description=f"How many steps around the focus, 0 to {networks.MAX_DEPTH}.")
        ] = _WHOLE.depth,
        types: Annotated[
            list[str] | None, strawberry.argument(description="Relationship types; all that jobs write if left out.")
        ] = None,
        severities: Annotated[
            list[str] | None, strawberry.argument(description="Severities of the patterns; all if left out.")
        ] = None,
        min_score: Annotated[float, strawberry.argument(description="Weakest score, 0..1.")] = _WHOLE.min_score,
        search: Annotated[str | None, strawberry.argument(description="Words in the names of the patterns.")] = None,
    ) -> Network:
        """A network within its budget."""
        asked = NetworkQuery(
            first=first,
            edges=edges,
            focus=None if focus is None else nodes.key_of("Pattern", focus),
            depth=depth,
            types=tuple(types or ()),
            severities=tuple(severities or ()),
            min_score=min_score,
            search=search,
        )
        return network_type(await networks.network(info.context.graph, asked))


@strawberry.type(description="What can be changed.")
class Mutation(LearningMutation, JobMutation, VerdictMutation):
    """What can be changed."""

    @mutation("Hand in a crash: it is stored, matched and placed.")
    async def submit_crash(self, info: Info, input: CrashInput, candidates: Candidates = 0) -> SubmitCrashPayload:
        """Receipts, or what was wrong with the input."""
        return await submit_crash(info, input, candidates)

    @mutation(
        "Hand in many crashes at once: an answer for each, in their order. Those with errors keep no other from being stored."
    )
    async def submit_crashes(
        self,
        info: Info,
        inputs: Annotated[list[CrashInput], strawberry.argument(description=f"The crashes, at most {MAX_SUBMITTED:,}.")],
        candidates: Candidates = 0,
    ) -> SubmitCrashesPayload:
        """Receipts, or what was wrong with the input, for each."""
        return await submit_crashes(info, inputs, candidates)
