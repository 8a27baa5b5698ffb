"""Verdicts on what is one bug, their undoing and listing, and patterns as they were at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from graph.knowledge.verdicts.decide import VerdictResult, Verdicts
from graph.model.actor import Actor
from graph.ports import Graph
from resolvers.acting import acting_for
from resolvers.history import as_of
from resolvers.nodes import key_of, nodes_by_key
from resolvers.patterns import patterns_by_id
from resolvers.verdicts import give_verdict, list_verdicts
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.verdicts import (
    SUBJECT_HELP,
    MarkDifferentInput,
    MarkNotCausedByInput,
    MarkSameInput,
    MergePatternsInput,
    MoveSignatureInput,
    SplitPatternInput,
    UndoVerdictInput,
    VerdictInput,
)
from schema.loading import named_node
from schema.payloads import Input, VerdictPayload, answered
from schema.types.declared import to_type
from schema.types.history import PatternAsOf, pattern_as_of_type
from schema.types.nodes import Verdict
from schema.types.pages import After, Connection, First, connection

PatternId = Annotated[strawberry.ID, strawberry.argument(description="The pattern, by its key or global id.")]
VerdictId = Annotated[strawberry.ID, strawberry.argument(description="The verdict, by its key or global id.")]


@strawberry.type
class VerdictQuery:
    """Queries about verdicts and history."""

    @query("One verdict.", nodes_by_key)
    async def verdict(self, info: Info, id: VerdictId) -> Verdict | None:
        """One verdict; an error with code `NOT_FOUND` if it is unknown."""
        verdict: Verdict = await named_node(info.context, "Verdict", id)
        return verdict

    @query("Verdicts, latest first.", list_verdicts)
    async def verdicts(
        self,
        info: Info,
        first: First,
        after: After = None,
        about: Annotated[strawberry.ID | None, strawberry.argument(description=SUBJECT_HELP)] = None,
        active: Annotated[bool, strawberry.argument(description="Omit verdicts that were undone.")] = False,
    ) -> Connection[Verdict]:
        """A page of verdicts."""
        page = await list_verdicts(info.context.graph, first, after, about=about, active=active)
        return connection(page, to_type)

    @query("A pattern as it was at a time, even if it no longer exists.", as_of)
    async def pattern_as_of(
        self,
        info: Info,
        id: PatternId,
        at: Annotated[datetime, strawberry.argument(description="The time, with a time zone.")],
    ) -> PatternAsOf | None:
        """The pattern at that time; an error with code `NOT_FOUND` if it did not exist."""
        return pattern_as_of_type(await as_of(info.context.graph, key_of("Pattern", id), at))


@strawberry.type
class VerdictMutation:
    """Giving and undoing verdicts."""

    @mutation("Decide that two subjects are one bug: the pattern of `b` is merged into the pattern of `a`.", give_verdict)
    async def mark_same(self, info: Info, input: Input[MarkSameInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, input, lambda verdicts, actor: verdicts.same(input.a, input.b, actor=actor, reason=input.reason)
        )

    @mutation(
        "Decide that two subjects are different bugs, which nothing may join again; if they share a pattern, `b` leaves it.",
        give_verdict,
    )
    async def mark_different(self, info: Info, input: Input[MarkDifferentInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, input, lambda verdicts, actor: verdicts.different(input.a, input.b, actor=actor, reason=input.reason)
        )

    @mutation("Merge patterns into the first of them.", give_verdict)
    async def merge_patterns(self, info: Info, input: Input[MergePatternsInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, input, lambda verdicts, actor: verdicts.merge(input.patterns, actor=actor, reason=input.reason)
        )

    @mutation("Split some signatures off a pattern into a new pattern.", give_verdict)
    async def split_pattern(self, info: Info, input: Input[SplitPatternInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info,
            input,
            lambda verdicts, actor: verdicts.split(
                input.pattern, input.signatures, actor=actor, reason=input.reason, name=input.name
            ),
        )

    @mutation("Move a signature, or that of a crash, to the pattern it belongs to.", give_verdict)
    async def move_signature(self, info: Info, input: Input[MoveSignatureInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, input, lambda verdicts, actor: verdicts.move(input.signature, input.pattern, actor=actor, reason=input.reason)
        )

    @mutation("Decide that one pattern does not cause another, whatever jobs find.", give_verdict)
    async def mark_not_caused_by(self, info: Info, input: Input[MarkNotCausedByInput]) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info,
            input,
            lambda verdicts, actor: verdicts.not_caused_by(input.effect, input.cause, actor=actor, reason=input.reason),
        )

    @mutation("Undo a verdict: everything it changed is restored.", give_verdict)
    async def undo_verdict(self, info: Info, input: Input[UndoVerdictInput]) -> VerdictPayload:
        """The verdict that was undone."""

        async def undo(verdicts: Verdicts, actor: Actor) -> VerdictResult:
            return await verdicts.undo(key_of("Verdict", input.verdict, "verdict"), actor=actor, reason=input.reason)

        return await _give(info, input, undo)


async def _give(
    info: Info, input: VerdictInput, decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]]
) -> VerdictPayload:
    """The payload of a verdict, or of the error that the caller can fix."""

    async def work(graph: Graph) -> VerdictPayload:
        result = await give_verdict(graph, decide, acting_for(info.context.actor, input.on_behalf_of))
        records = await patterns_by_id(graph, {*result.pattern_ids, *filter(None, [result.pattern_id])})
        shown = {id: to_type(record.pattern) for id, record in records.items()}
        return VerdictPayload(
            verdict=to_type(result.verdict),
            pattern=shown.get(result.pattern_id or ""),
            patterns=[shown[id] for id in result.pattern_ids if id in shown],
        )

    return await answered(info, input, work, VerdictPayload)
