"""Queries about crashes, matching reports, and submitting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from graph.model.errors import BusyError, InvalidInputError, LimitError, NotFoundError, UsageError
from graph.sources.submission import Submission
from resolvers.crashes import crashes_by_id, list_crashes
from resolvers.filters import CrashOrder
from resolvers.matching import Matcher, Receiver
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs.crashes import CrashInput
from schema.inputs.filters import CrashFilterInput
from schema.payloads import SubmitCrashesPayload, SubmitCrashPayload, UserError, user_errors
from schema.types.declared import to_type
from schema.types.matching import MatchAnswer, answer_type, receipt_type
from schema.types.nodes import Crash
from schema.types.pages import After, Connection, First, connection

MAX_CANDIDATES = 50
MAX_SUBMITTED = 1_000

CrashId = Annotated[strawberry.ID, strawberry.argument(description="The crash, by its key or global id.")]
Candidates = Annotated[
    int, strawberry.argument(description=f"Maximum number of candidate patterns per report, 0 to {MAX_CANDIDATES}.")
]


@strawberry.type
class CrashQuery:
    """Queries about crashes."""

    @query("One crash.", crashes_by_id)
    async def crash(self, info: Info, id: CrashId) -> Crash | None:
        """One crash; an error with code `NOT_FOUND` if it is unknown."""
        key = key_of("Crash", id)
        record = await info.context.load(crashes_by_id, key)
        if record is None:
            raise NotFoundError(f"no crash {key!r}; `crashes` lists those that are stored")
        crash: Crash = to_type(record)
        return crash

    @query("Crashes that match, latest first.", list_crashes)
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
    async def match_crash(self, info: Info, input: CrashInput, candidates: Candidates = 5) -> list[MatchAnswer]:
        """One answer per failure in the report."""
        _check(candidates)
        return [answer_type(answer) for answer in await info.context.matcher.match(input.plain(), candidates)]


@strawberry.type
class CrashMutation:
    """Submitting crashes."""

    @mutation("Store a crash and match it to a pattern.", Receiver.receive_each)
    async def submit_crash(self, info: Info, input: CrashInput, candidates: Candidates = 0) -> SubmitCrashPayload:
        """Receipts, or the errors of the input."""
        (payload,) = await _submit(info, [input], candidates)
        return payload

    @mutation(
        "Store many crashes at once, with one result per crash in input order. Crashes with errors do not affect the others.",
        Receiver.receive_each,
    )
    async def submit_crashes(
        self,
        info: Info,
        inputs: Annotated[list[CrashInput], strawberry.argument(description=f"The crashes, at most {MAX_SUBMITTED:,}.")],
        candidates: Candidates = 0,
    ) -> SubmitCrashesPayload:
        """Receipts or errors for each crash."""
        if len(inputs) > MAX_SUBMITTED:
            message = f"inputs: {len(inputs):,} are too many; submit at most {MAX_SUBMITTED:,} at once"
            return SubmitCrashesPayload(results=[], errors=[UserError(code=LimitError.code, message=message)])
        return SubmitCrashesPayload(results=await _submit(info, inputs, candidates), errors=[])


async def _submit(info: Info, inputs: Sequence[CrashInput], candidates: int) -> list[SubmitCrashPayload]:
    """Store the valid inputs together; one payload per input, in order."""
    read = [_read(input, candidates) for input in inputs]
    submissions = [item for item in read if isinstance(item, Submission)]
    receive = info.context.receiver.receive_each
    try:
        receipts = iter(await receive(submissions, candidates=candidates, actor=info.context.actor) if submissions else [])
    except BusyError as error:
        info.context.refuse(error)
        raise
    except UsageError as error:
        refused = SubmitCrashPayload(receipts=[], errors=user_errors(error))
        return [refused if isinstance(item, Submission) else item for item in read]
    return [
        SubmitCrashPayload(receipts=[receipt_type(stored) for stored in next(receipts)], errors=[])
        if isinstance(item, Submission)
        else item
        for item in read
    ]


def _read(input: CrashInput, candidates: int) -> Submission | SubmitCrashPayload:
    """The submission, or the payload with the error of the input."""
    try:
        _check(candidates)
        return input.plain()
    except UsageError as error:
        return SubmitCrashPayload(receipts=[], errors=user_errors(error))


def _check(candidates: int) -> None:
    if candidates < 0:
        raise InvalidInputError(f"candidates: {candidates} is negative; ask for 0 to {MAX_CANDIDATES}")
    if candidates > MAX_CANDIDATES:
        raise LimitError(f"candidates: {candidates} is too many; ask for 0 to {MAX_CANDIDATES}")
