"""Verdicts on what is one bug, their undoing and listing, and patterns as they were at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from graph.knowledge.verdicts.decide import VerdictResult, Verdicts
from graph.model.actor import Actor
from graph.model.errors import ConflictError, ContradictionError, UsageError
from resolvers.history import as_of
from resolvers.nodes import key_of, nodes_by_key
from resolvers.patterns import patterns_by_id
from resolvers.verdicts import give_verdict, list_verdicts
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.learning import OnBehalfOf
from schema.loading import named_node
from schema.payloads import VerdictPayload, user_errors
from schema.types.declared import to_type
from schema.types.history import PatternAsOf, pattern_as_of_type
from schema.types.nodes import Verdict
from schema.types.pages import After, Connection, First, connection

SUBJECT_HELP = "A pattern, signature or crash, by its key or global id; a crash means its signature."
Subject = Annotated[strawberry.ID, strawberry.argument(description=SUBJECT_HELP)]
PatternId = Annotated[strawberry.ID, strawberry.argument(description="The pattern, by its key or global id.")]
VerdictId = Annotated[strawberry.ID, strawberry.argument(description="The verdict, by its key or global id.")]
Reason = Annotated[str, strawberry.argument(description="Reason, for the history.")]


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
    async def mark_same(
        self, info: Info, a: Subject, b: Subject, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(info, on_behalf_of, lambda verdicts, actor: verdicts.same(a, b, actor=actor, reason=reason))

    @mutation(
        "Decide that two subjects are different bugs, which nothing may join again; if they share a pattern, `b` leaves it.",
        give_verdict,
    )
    async def mark_different(
        self, info: Info, a: Subject, b: Subject, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(info, on_behalf_of, lambda verdicts, actor: verdicts.different(a, b, actor=actor, reason=reason))

    @mutation("Merge patterns into the first of them.", give_verdict)
    async def merge_patterns(
        self,
        info: Info,
        patterns: Annotated[list[strawberry.ID], strawberry.argument(description="At least two patterns.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(info, on_behalf_of, lambda verdicts, actor: verdicts.merge(patterns, actor=actor, reason=reason))

    @mutation("Split some signatures off a pattern into a new pattern.", give_verdict)
    async def split_pattern(
        self,
        info: Info,
        pattern: PatternId,
        signatures: Annotated[list[strawberry.ID], strawberry.argument(description="Some of its signatures, or crashes.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
        name: Annotated[str | None, strawberry.argument(description="Name of the new pattern.")] = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info,
            on_behalf_of,
            lambda verdicts, actor: verdicts.split(pattern, signatures, actor=actor, reason=reason, name=name),
        )

    @mutation("Move a signature, or that of a crash, to the pattern it belongs to.", give_verdict)
    async def move_signature(
        self, info: Info, signature: Subject, pattern: PatternId, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, on_behalf_of, lambda verdicts, actor: verdicts.move(signature, pattern, actor=actor, reason=reason)
        )

    @mutation("Decide that one pattern does not cause another, whatever jobs find.", give_verdict)
    async def mark_not_caused_by(
        self,
        info: Info,
        effect: PatternId,
        cause: PatternId,
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _give(
            info, on_behalf_of, lambda verdicts, actor: verdicts.not_caused_by(effect, cause, actor=actor, reason=reason)
        )

    @mutation("Undo a verdict: everything it changed is restored.", give_verdict)
    async def undo_verdict(
        self,
        info: Info,
        verdict: Annotated[strawberry.ID, strawberry.argument(description="The verdict, by its key or global id.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict that was undone."""
        return await _give(
            info, on_behalf_of, lambda verdicts, actor: verdicts.undo(key_of("Verdict", verdict), actor=actor, reason=reason)
        )


async def _give(
    info: Info, on_behalf_of: str | None, decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]]
) -> VerdictPayload:
    """The payload of a verdict, or of the error that the caller can fix."""
    graph = info.context.graph
    try:
        result = await give_verdict(graph, decide, info.context.actor.acting_for(on_behalf_of))
    except (UsageError, ConflictError) as error:
        conflicting = error.verdict_id if isinstance(error, ContradictionError) else None
        return VerdictPayload(errors=user_errors(error), conflicting_verdict_id=conflicting)
    records = await patterns_by_id(graph, {*result.pattern_ids, *filter(None, [result.pattern_id])})
    shown = {id: to_type(record.pattern) for id, record in records.items()}
    return VerdictPayload(
        verdict=to_type(result.verdict),
        pattern=shown.get(result.pattern_id or ""),
        patterns=[shown[id] for id in result.pattern_ids if id in shown],
    )
