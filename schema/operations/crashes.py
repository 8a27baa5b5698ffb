"""Queries about crashes, matching reports, and submitting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import strawberry
from graphql import GraphQLError

from graph.knowledge.idempotency import submit_again
from graph.model.errors import BusyError, InvalidInputError, LimitError, NotFoundError, UsageError
from graph.ports import Graph
from graph.sources.submission import Submission
from resolvers.crashes import crashes_by_id, list_crashes
from resolvers.filters import CrashOrder
from resolvers.matching import Matcher, Receiver
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.crashes import (
    CANDIDATES_HELP,
    MAX_CANDIDATES,
    MAX_SUBMITTED,
    CrashInput,
    SubmitCrashesInput,
    SubmitCrashInput,
)
from schema.inputs.filters import CrashFilterInput
from schema.payloads import (
    Input,
    MutationInput,
    SubmitCrashesPayload,
    SubmitCrashPayload,
    SubmittedCrash,
    answered,
    marked_call,
    user_error,
)
from schema.types.declared import to_type
from schema.types.matching import MatchAnswer, Receipt, answer_type, receipt_type
from schema.types.nodes import Crash
from schema.types.pages import After, Connection, First, connection

CrashId = Annotated[strawberry.ID, strawberry.argument(description="The crash, by its key or global id.")]
Report = Annotated[CrashInput, strawberry.argument(description="The report, or an exception with its frames.")]
Candidates = Annotated[int, strawberry.argument(description=CANDIDATES_HELP)]


@strawberry.type
class CrashQuery:
    """Queries about crashes."""

    @query("One crash.", crashes_by_id, selects=True)
    async def crash(self, info: Info, id: CrashId) -> Crash | None:
        """One crash; an error with code `NOT_FOUND` if it is unknown."""
        key = key_of("Crash", id)
        record = await info.context.load(crashes_by_id, key)
        if record is None:
            raise NotFoundError(f"no crash {key!r}; `crashes` lists those that are stored")
        crash: Crash = to_type(record)
        return crash

    @query("Crashes that match, latest first.", list_crashes, selects=True)
    async def crashes(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[CrashFilterInput | None, strawberry.argument(description="Which crashes; all if omitted.")] = None,
        order: Annotated[CrashOrder, strawberry.argument(description="Sort order.")] = CrashOrder.RECEIVED,
    ) -> Connection[Crash]:
        """One page of crashes."""
        page = await list_crashes(info.context.graph, filter.plain() if filter else None, first, after, order)
        return connection(page, to_type)

    @query("How a report would be matched, why, and what is known about its pattern; stores nothing.", Matcher.match)
    async def match_crash(self, info: Info, input: Report, candidates: Candidates = 5) -> list[MatchAnswer]:
        """One answer per failure in the report."""
        _check(candidates)
        return [answer_type(answer) for answer in await info.context.matcher.match(input.plain(), candidates)]


@strawberry.type
class CrashMutation:
    """Submitting crashes."""

    @mutation("Store a crash and match it to a pattern.", Receiver.receive_each)
    async def submit_crash(self, info: Info, input: Input[SubmitCrashInput]) -> SubmitCrashPayload:
        """Receipts, or the errors of the input."""

        async def work(_: Graph) -> SubmitCrashPayload:
            _check(input.candidates)
            [receipts] = await _store(info, _marked(info, input, [input.plain()]), input.candidates)
            return SubmitCrashPayload(receipts=receipts)

        return await answered(info, input, work, SubmitCrashPayload, once=submit_again)

    @mutation(
        "Store many crashes at once, with one result per crash in input order. Crashes with errors do not affect the others.",
        Receiver.receive_each,
    )
    async def submit_crashes(self, info: Info, input: Input[SubmitCrashesInput]) -> SubmitCrashesPayload:
        """Receipts or errors for each crash."""

        async def work(_: Graph) -> SubmitCrashesPayload:
            _check(input.candidates)
            if len(input.crashes) > MAX_SUBMITTED:
                raise LimitError(f"crashes: {len(input.crashes):,} are too many; submit at most {MAX_SUBMITTED:,} at once")
            read = [_read(crash, position) for position, crash in enumerate(input.crashes)]
            submissions = [one for one in read if isinstance(one, Submission)]
            stored = iter(await _store(info, _marked(info, input, submissions), input.candidates))
            return SubmitCrashesPayload(
                results=[SubmittedCrash(receipts=next(stored)) if isinstance(one, Submission) else one for one in read]
            )

        return await answered(info, input, work, SubmitCrashesPayload, once=submit_again)


def _marked(info: Info, input: MutationInput, submissions: Sequence[Submission]) -> Sequence[Submission]:
    """The submissions, with what makes their crashes the same ones if the mutation has an id and is sent again."""
    call = marked_call(info, input)
    if call is None:
        return submissions
    return [replace(one, marked=call.key, ordinal=position) for position, one in enumerate(submissions)]


async def _store(info: Info, submissions: Sequence[Submission], candidates: int) -> list[list[Receipt | None]]:
    """Receipts per submission. A full queue is a GraphQL error: programs that read no user errors must notice it."""
    if not submissions:
        return []
    receive = info.context.receiver.receive_each
    try:
        stored = await receive(submissions, candidates=candidates, actor=info.context.actor)
    except BusyError as error:
        info.context.refuse(error)
        raise GraphQLError(str(error), original_error=error) from error
    return [[receipt_type(one) for one in receipts] for receipts in stored]


def _read(input: CrashInput, position: int) -> Submission | SubmittedCrash:
    """The submission, or the errors of the crash at that position of the input."""
    try:
        return input.plain()
    except UsageError as error:
        return SubmittedCrash(user_errors=[user_error(error, input, f"crashes.{position}.")])


def _check(candidates: int) -> None:
    if candidates < 0:
        raise InvalidInputError(f"candidates: {candidates} is negative; ask for 0 to {MAX_CANDIDATES}")
    if candidates > MAX_CANDIDATES:
        raise LimitError(f"candidates: {candidates} is too many; ask for 0 to {MAX_CANDIDATES}")
