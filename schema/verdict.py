"""Deciding through GraphQL what is one bug and what is not, taking that back, and the list of decisions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from graph.knowledge.verdicts.decide import VerdictResult, Verdicts
from graph.model.actor import Actor
from graph.model.errors import ConflictError, ContradictionError, UsageError
from resolvers import history, patterns, verdicts
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, resolved
from schema.history import PatternThen, Verdict
from schema.pages import After, Connection, First, connection
from schema.pattern import Pattern
from schema.submit import UserError

NAME_HELP = "A pattern, signature or crash, by its key or its global id; a crash stands for its signature."
Named = Annotated[strawberry.ID, strawberry.argument(description=NAME_HELP)]
NamedPattern = Annotated[strawberry.ID, strawberry.argument(description="The pattern.")]
OnBehalfOf = Annotated[
    str | None, strawberry.argument(description="Whom the caller acts for; recorded beside the caller, and grants nothing.")
]
Reason = Annotated[str, strawberry.argument(description="Why, for the history.")]


@strawberry.type(description="What became of a decision.")
class VerdictPayload:
    """What became of a decision."""

    verdict: Verdict | None = strawberry.field(default=None, description="As it is kept.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that signatures went to, if any did.")
    patterns: list[Pattern] = strawberry.field(
        default_factory=list, description="The patterns that stand where something changed."
    )
    standing_verdict_id: str | None = strawberry.field(
        default=None, description="The verdict that stands against it and must be undone first."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was changed; empty when it was.")


@strawberry.type
class VerdictQuery:
    """What was decided, and what was."""

    @resolved("What people decided, the last first.")
    async def verdicts(
        self,
        info: Info,
        first: First,
        after: After = None,
        about: Annotated[strawberry.ID | None, strawberry.argument(description=NAME_HELP)] = None,
        standing: Annotated[bool, strawberry.argument(description="Leave out what was taken back.")] = False,
    ) -> Connection[Verdict]:
        """A page of verdicts."""
        page = await verdicts.list_verdicts(info.context.graph, first, after, about=about, standing=standing)
        return connection(page, Verdict)

    @resolved("A pattern as it stood at a time, also one that is gone.")
    async def pattern_as_of(
        self,
        info: Info,
        id: NamedPattern,
        at: Annotated[datetime, strawberry.argument(description="The time, with its zone.")],
    ) -> PatternThen | None:
        """The pattern then; an error with code `NOT_FOUND` where it was not there."""
        return PatternThen(await history.as_of(info.context.graph, key_of("Pattern", id), at))


@strawberry.type
class VerdictMutation:
    """What people decide."""

    @mutation("Say that two are one bug: the pattern of `b` becomes part of that of `a`.")
    async def say_same(
        self, info: Info, a: Named, b: Named, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(info, on_behalf_of, lambda given, actor: given.same(a, b, actor=actor, reason=reason))

    @mutation("Say that two are different bugs: nothing puts them together; of two in one pattern `b` leaves it.")
    async def say_different(
        self, info: Info, a: Named, b: Named, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(info, on_behalf_of, lambda given, actor: given.different(a, b, actor=actor, reason=reason))

    @mutation("Make patterns part of the first of them.")
    async def merge_patterns(
        self,
        info: Info,
        patterns: Annotated[list[strawberry.ID], strawberry.argument(description="At least two patterns.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(info, on_behalf_of, lambda given, actor: given.merge(patterns, actor=actor, reason=reason))

    @mutation("Make some signatures of a pattern a pattern of their own.")
    async def split_pattern(
        self,
        info: Info,
        pattern: NamedPattern,
        signatures: Annotated[list[strawberry.ID], strawberry.argument(description="Some of its signatures, or crashes.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
        name: Annotated[str | None, strawberry.argument(description="What the new pattern is to be called.")] = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(
            info, on_behalf_of, lambda given, actor: given.split(pattern, signatures, actor=actor, reason=reason, name=name)
        )

    @mutation("Put a signature, or that of a crash, into the pattern it belongs to.")
    async def move_signature(
        self, info: Info, signature: Named, pattern: NamedPattern, reason: Reason = "", on_behalf_of: OnBehalfOf = None
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(info, on_behalf_of, lambda given, actor: given.move(signature, pattern, actor=actor, reason=reason))

    @mutation("Say that one pattern is not caused by another, whatever a job finds.")
    async def say_not_caused_by(
        self,
        info: Info,
        effect: NamedPattern,
        cause: NamedPattern,
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict."""
        return await _given(
            info, on_behalf_of, lambda given, actor: given.not_caused_by(effect, cause, actor=actor, reason=reason)
        )

    @mutation("Take a verdict back: what it changed is as it was before.")
    async def undo_verdict(
        self,
        info: Info,
        verdict: Annotated[strawberry.ID, strawberry.argument(description="The verdict.")],
        reason: Reason = "",
        on_behalf_of: OnBehalfOf = None,
    ) -> VerdictPayload:
        """The verdict that was taken back."""
        return await _given(
            info, on_behalf_of, lambda given, actor: given.undo(key_of("Verdict", verdict), actor=actor, reason=reason)
        )


async def _given(
    info: Info, on_behalf_of: str | None, decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]]
) -> VerdictPayload:
    """The payload, or one that says what the caller can put right."""
    graph = info.context.graph
    try:
        outcome = await decide(verdicts.verdicts_of(graph), info.context.actor.acting_for(on_behalf_of))
    except (UsageError, ConflictError) as error:
        standing = error.verdict_id if isinstance(error, ContradictionError) else None
        return VerdictPayload(errors=[UserError(code=error.code, message=str(error))], standing_verdict_id=standing)
    found = await patterns.get_patterns(graph, {*outcome.pattern_ids, *filter(None, [outcome.pattern_id])})
    shown = {id: Pattern(one.pattern) for id, one in found.items()}
    return VerdictPayload(
        verdict=Verdict(outcome.verdict),
        pattern=shown.get(outcome.pattern_id or ""),
        patterns=[shown[id] for id in outcome.pattern_ids if id in shown],
    )
