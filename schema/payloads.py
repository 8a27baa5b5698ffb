"""Inputs and payloads of mutations. Each payload has the errors that the caller can fix; other errors are GraphQL errors.

New mutations take an input that extends :class:`MutationInput` and return a payload that extends :class:`MutationPayload`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graph.access.audit import note_denied
from graph.model.errors import BusyError, ConflictError, CrashgraphError, ForbiddenError, UsageError
from graph.redaction.redactor import public_text
from schema.context import Info
from schema.types.matching import Receipt
from schema.types.nodes import JobRun, Pattern, Solution, Validation, Verdict

T = TypeVar("T")

FIELD = re.compile(r"([A-Za-z][A-Za-z0-9]*): ")
"""How a message about one field of the input begins."""
ERRORS_HELP = "Why nothing was changed; empty on success."


@strawberry.type(description="An error that the caller can fix.")
class UserError:
    """An error that the caller can fix."""

    code: str = strawberry.field(description="Stable code, such as `INVALID_INPUT`.")
    message: str = strawberry.field(description="What was wrong, with which value, and how to fix it.")
    field: str | None = strawberry.field(default=None, description="The field of the input that is wrong, if it is one.")


@strawberry.input(description="What the input of every mutation may have.")
class MutationInput:
    """What the input of every mutation may have."""

    client_mutation_id: str | None = strawberry.field(default=None, description="Returned in the payload as it is.")


@strawberry.interface(description="What the payload of every mutation has.")
class MutationPayload:
    """What the payload of every mutation has."""

    user_errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)
    client_mutation_id: str | None = strawberry.field(default=None, description="That of the input.")


P = TypeVar("P", bound=MutationPayload)


async def answered(info: Info, input: MutationInput, work: Callable[[], Awaitable[P]], payload: Callable[..., P]) -> P:
    """The payload that ``work`` makes, or one with the error that the caller can fix; with the id of the mutation.

    ``BusyError`` also gives the response the status 429; what was refused to the actor is recorded.
    """
    try:
        done = await work()
    except (UsageError, ConflictError) as error:
        if isinstance(error, BusyError):
            info.context.refuse(error)
        if isinstance(error, ForbiddenError):
            context = info.context
            await note_denied(context.graph, context.actor, f"graphql.{info.field_name}", address=context.address)
        done = payload(user_errors=[_user_error(error, input)])
    done.client_mutation_id = input.client_mutation_id
    return done


def _user_error(error: CrashgraphError, input: MutationInput) -> UserError:
    message = public_text(error)
    begins = FIELD.match(message)
    names = {to_camel_case(one.name) for one in dataclasses.fields(input)}
    return UserError(code=error.code, message=message, field=begins[1] if begins and begins[1] in names else None)


@strawberry.type(description="Result of a submission: receipts or errors.")
class SubmitCrashPayload:
    """Result of a submission."""

    receipts: list[Receipt] = strawberry.field(description="One per failure in the report.")
    errors: list[UserError] = strawberry.field(description="Why nothing was stored; empty on success.")


@strawberry.type(description="Result of a submission of many crashes.")
class SubmitCrashesPayload:
    """Result of a submission of many crashes."""

    results: list[SubmitCrashPayload] = strawberry.field(description="One per crash, in input order.")
    errors: list[UserError] = strawberry.field(description="Why the whole submission was refused; empty otherwise.")


@strawberry.type(description="Result of a validation.")
class ValidateCrashPayload:
    """Result of a validation."""

    validation: Validation | None = strawberry.field(default=None, description="The stored validation.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that the crash was in, after the change.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="Result of recording a solution or one of its uses.")
class SolutionPayload:
    """Result of recording a solution or a use."""

    solution: Solution | None = strawberry.field(default=None, description="The solution after the change.")
    worked: int | None = strawberry.field(default=None, description="Number of uses for the pattern that worked.")
    failed: int | None = strawberry.field(default=None, description="Number of uses for the pattern that failed.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="Result of a change of a pattern's status.")
class PatternPayload:
    """Result of a change of a pattern's status."""

    pattern: Pattern | None = strawberry.field(default=None, description="The pattern after the change.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="Result of giving or undoing a verdict.")
class VerdictPayload:
    """Result of giving or undoing a verdict."""

    verdict: Verdict | None = strawberry.field(default=None, description="The stored verdict.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that signatures moved to, if any moved.")
    patterns: list[Pattern] = strawberry.field(default_factory=list, description="All changed patterns that still exist.")
    conflicting_verdict_id: str | None = strawberry.field(
        default=None, description="The active verdict that contradicts this one and must be undone first."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="Result of requesting or cancelling a job run.")
class JobRunPayload:
    """Result of requesting or cancelling a job run."""

    run: JobRun | None = strawberry.field(default=None, description="The run.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


@strawberry.type(description="Result of a deletion, or with `dryRun` what it would remove.")
class DeletionPayload:
    """Result of a deletion."""

    dry_run: bool = strawberry.field(description="Whether nothing was removed.")
    crashes: int = strawberry.field(default=0, description="Number of crashes.")
    waiting: int = strawberry.field(default=0, description="Number of crashes that were accepted and not stored yet.")
    validations: int = strawberry.field(default=0, description="Number of their validations.")
    signatures: int = strawberry.field(default=0, description="Number of signatures without other crashes.")
    patterns: int = strawberry.field(default=0, description="Number of patterns without other crashes.")
    environments: int = strawberry.field(default=0, description="Number of environments without other crashes.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)


def user_errors(error: CrashgraphError) -> list[UserError]:
    """The payload entry of an error."""
    return [UserError(code=error.code, message=public_text(error))]


async def with_user_errors(work: Callable[[], Awaitable[T]], payload: Callable[..., T]) -> T:
    """The payload that ``work`` makes, or one with the error that the caller can fix."""
    try:
        return await work()
    except (UsageError, ConflictError) as error:
        return payload(errors=user_errors(error))
