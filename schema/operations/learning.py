"""What people teach, and what was learned: validations, solutions and their uses, the status of patterns."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.model.actor import Actor
from graph.ports import Graph
from resolvers import knowledge, learning
from resolvers.acting import acting_for
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.learning import (
    IgnorePatternInput,
    ReopenPatternInput,
    ResolvePatternInput,
    SolutionInput,
    TeachingInput,
    UseInput,
    ValidationInput,
)
from schema.payloads import Input, PatternPayload, SolutionPayload, ValidateCrashPayload, answered
from schema.types.declared import from_record, to_type
from schema.types.knowledge import AppliedPlace, KnownSolution, solution_type
from schema.types.nodes import Pattern
from schema.types.pages import After, Connection, First, connection


@strawberry.type(description="A solution that was applied at a place.")
class AppliedSolution:
    """A solution that was applied at a place."""

    solution: KnownSolution = strawberry.field(description="The solution.")
    pattern: Pattern | None = strawberry.field(description="The pattern it was applied against.")
    place: AppliedPlace = strawberry.field(description="The place, and how the solution has done there.")


@strawberry.type(description="A pattern to validate again.")
class RevalidationCandidate:
    """A pattern to validate again."""

    pattern: Pattern = strawberry.field(description="The pattern.")
    current_confidence: float = strawberry.field(description="Its confidence, decayed with time, 0..1.")
    worked: int = strawberry.field(description="Number of uses of its solutions that worked.")


@strawberry.type
class LearningQuery:
    """What was learned."""

    @query("Solutions applied at an environment or site, those that hold first.", knowledge.applied_solutions)
    async def applied_solutions(
        self,
        info: Info,
        first: First,
        after: After = None,
        environment: Annotated[strawberry.ID | None, strawberry.argument(description="The environment.")] = None,
        site: Annotated[str | None, strawberry.argument(description="The site, if no environment is given.")] = None,
        product: Annotated[str | None, strawberry.argument(description="The product, if the site has several.")] = None,
    ) -> Connection[AppliedSolution]:
        """One page of the solutions applied there."""
        key = None if environment is None else key_of("Environment", environment)
        page = await knowledge.applied_solutions(
            info.context.graph, environment_id=key, site=site, product=product, first=first, after=after
        )
        return connection(page, _applied)

    @query(
        "Patterns that people taught something and have not confirmed for long, most crashes first.",
        knowledge.revalidation_candidates,
    )
    async def revalidation_candidates(
        self,
        info: Info,
        first: First,
        after: After = None,
        days: Annotated[float, strawberry.argument(description="Days without confirmation.")] = knowledge.REVALIDATE_DAYS,
        half_life_days: Annotated[
            float, strawberry.argument(description="Days without a crash or confirmation after which the confidence halves.")
        ] = HALF_LIFE_DAYS,
    ) -> Connection[RevalidationCandidate]:
        """One page of the candidates."""
        page = await knowledge.revalidation_candidates(
            info.context.graph, days=days, half_life_days=half_life_days, first=first, after=after
        )
        return connection(page, _candidate)


@strawberry.type
class LearningMutation:
    """What people teach."""

    @mutation("Confirm or correct the pattern of a crash, and teach it impact, cause and name.", learning.validate_crash)
    async def validate_crash(self, info: Info, input: Input[ValidationInput]) -> ValidateCrashPayload:
        """The validation and the pattern."""

        async def work(graph: Graph) -> ValidateCrashPayload:
            result = await learning.validate_crash(graph, input.plain(), _actor(info, input))
            return ValidateCrashPayload(validation=to_type(result.validation), pattern=to_type(result.pattern))

        return await answered(info, input, work, ValidateCrashPayload)

    @mutation(
        "Record a fix for a pattern; the same fix for the same cluster of errors is one solution.", learning.record_solution
    )
    async def record_solution(self, info: Info, input: Input[SolutionInput]) -> SolutionPayload:
        """The solution."""

        async def work(graph: Graph) -> SolutionPayload:
            solution = await learning.record_solution(graph, input.plain(), _actor(info, input))
            return SolutionPayload(solution=to_type(solution))

        return await answered(info, input, work, SolutionPayload)

    @mutation("Record a use of a solution for a pattern: where, and whether it worked.", learning.use_solution)
    async def record_use(self, info: Info, input: Input[UseInput]) -> SolutionPayload:
        """The solution, and its uses for the pattern."""

        async def work(graph: Graph) -> SolutionPayload:
            used = await learning.use_solution(graph, input.plain(), _actor(info, input))
            return SolutionPayload(solution=to_type(used.solution), worked=used.resolves.worked, failed=used.resolves.failed)

        return await answered(info, input, work, SolutionPayload)

    @mutation(
        "Mark a pattern resolved, optionally from a version on; seen in that version or later it reopens as `regressed`.",
        learning.resolve_pattern,
    )
    async def resolve_pattern(self, info: Info, input: Input[ResolvePatternInput]) -> PatternPayload:
        """The pattern."""

        async def work(graph: Graph) -> PatternPayload:
            changed = await learning.resolve_pattern(
                graph,
                input.key,
                _actor(info, input),
                version=input.version,
                product=input.product,
                solution_id=None if input.solution is None else key_of("Solution", input.solution, "solution"),
                reason=input.reason,
            )
            return PatternPayload(pattern=to_type(changed))

        return await answered(info, input, work, PatternPayload)

    @mutation("Reopen a pattern.", learning.reopen_pattern)
    async def reopen_pattern(self, info: Info, input: Input[ReopenPatternInput]) -> PatternPayload:
        """The pattern."""

        async def work(graph: Graph) -> PatternPayload:
            changed = await learning.reopen_pattern(graph, input.key, _actor(info, input), input.reason)
            return PatternPayload(pattern=to_type(changed))

        return await answered(info, input, work, PatternPayload)

    @mutation("Ignore a pattern; later crashes do not reopen it.", learning.ignore_pattern)
    async def ignore_pattern(self, info: Info, input: Input[IgnorePatternInput]) -> PatternPayload:
        """The pattern."""

        async def work(graph: Graph) -> PatternPayload:
            changed = await learning.ignore_pattern(graph, input.key, _actor(info, input), input.reason)
            return PatternPayload(pattern=to_type(changed))

        return await answered(info, input, work, PatternPayload)


def _applied(item: knowledge.AppliedSolution) -> AppliedSolution:
    return AppliedSolution(
        solution=solution_type(item.solution),
        pattern=to_type(item.pattern) if item.pattern else None,
        place=from_record(AppliedPlace, item.place),
    )


def _candidate(item: knowledge.RevalidationCandidate) -> RevalidationCandidate:
    return from_record(RevalidationCandidate, item, pattern=to_type(item.pattern))


def _actor(info: Info, input: TeachingInput) -> Actor:
    """Who acts; ``InvalidInputError`` for an invalid name."""
    return acting_for(info.context.actor, input.on_behalf_of)
