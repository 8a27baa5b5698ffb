"""Inputs and payloads of mutations. Each payload has the errors that the caller can fix; other errors are GraphQL errors.

Every mutation takes one argument ``input``, of a type that extends :class:`MutationInput`, and returns a payload that extends
:class:`MutationPayload`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graph.access.audit import note_denied
from graph.knowledge.idempotency import KeptAnswer, MarkedCall, act_once
from graph.model.errors import (
    BusyError,
    ConflictError,
    ContradictionError,
    CrashgraphError,
    ForbiddenError,
    NotFoundError,
    UsageError,
)
from graph.model.quoting import quoted
from graph.ports import Graph
from graph.redaction.redactor import public_text
from schema.context import Info
from schema.fields import resolved
from schema.once import answer_again, input_text, kept_answer
from schema.types.matching import Receipt
from schema.types.nodes import JobRun, Pattern, Solution, Validation, Verdict

FIELD = re.compile(r"([A-Za-z][A-Za-z0-9]*)((?:\.[A-Za-z0-9]+)*): ")
"""How a message about one field of the input begins; a field inside another one has a path, such as `exception.type`."""
NAMES_NO_NODE = {"clientMutationId", "onBehalfOf", "reason", "password", "oldPassword", "newPassword"}
"""Fields whose text no message about a missing node is about."""
ERRORS_HELP = "Why nothing was changed; empty on success."
CLIENT_ID_HELP = (
    "The caller's own id of this change, such as a UUID. If it is sent again by the same actor within 30 days, the change is "
    "made once and answered the same; with another input it is refused with code `CONFLICT`. Returned in the payload."
)
NULL_HELP = "One is null if a field of it failed."
RECEIPTS_HELP = f"One per failure in the report. {NULL_HELP}"
NOT_STORED_HELP = "Why it was not stored; empty on success."


@strawberry.type(description="An error that the caller can fix.")
class UserError:
    """An error that the caller can fix."""

    code: str = strawberry.field(description="Stable code, such as `INVALID_INPUT`.")
    message: str = strawberry.field(description="What was wrong, with which value, and how to fix it.")
    field: str | None = strawberry.field(
        default=None,
        description="The field of the input that is wrong, if it is one; inside others with its path: `crashes.3.report`.",
    )


@strawberry.input(description="What the input of every mutation may have.")
class MutationInput:
    """What the input of every mutation may have."""

    client_mutation_id: str | None = strawberry.field(default=None, description=CLIENT_ID_HELP)


M = TypeVar("M", bound=MutationInput)
Input: TypeAlias = Annotated[
    M, strawberry.argument(description="What to change, with an id of the caller's own if it may be sent again.")
]
"""The only argument of every mutation."""


@strawberry.interface(description="What the payload of every mutation has.")
class MutationPayload:
    """What the payload of every mutation has."""

    user_errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS_HELP)
    client_mutation_id: str | None = strawberry.field(default=None, description="That of the input.")


@strawberry.type
class OlderPayload(MutationPayload):
    """That of mutations which had ``errors`` before there were ``userErrors``."""

    @resolved(ERRORS_HELP, instead="userErrors")
    def errors(self) -> list[UserError]:
        """The same errors."""
        return self.user_errors


P = TypeVar("P", bound=MutationPayload)
Work: TypeAlias = Callable[[Graph], Awaitable[P]]
Once: TypeAlias = Callable[[Graph, MarkedCall, Work[P], Callable[[P], KeptAnswer]], Awaitable[P | KeptAnswer]]
"""How a mutation that has an id acts once."""


async def answered(
    info: Info, input: MutationInput, work: Work[P], payload: Callable[..., P], *, once: Once[P] | None = act_once
) -> P:
    """The payload that ``work`` makes, or one with the error that the caller can fix; with the id of the mutation.

    With an id, a mutation acts ``once``; if that is ``None``, the id is only returned. ``BusyError`` sets the status 429 of the
    response; what was refused to the actor is recorded.
    """
    try:
        done = await _done(info, input, work, payload, once)
    except (UsageError, ConflictError) as error:
        await _note(info, error)
        done = payload(user_errors=[user_error(error, input)])
        if isinstance(done, VerdictPayload) and isinstance(error, ContradictionError):
            done.conflicting_verdict_id = error.verdict_id
    done.client_mutation_id = input.client_mutation_id
    return done


async def _done(info: Info, input: MutationInput, work: Work[P], payload: Callable[..., P], once: Once[P] | None) -> P:
    graph, call = info.context.graph, marked_call(info, input)
    if call is None or once is None:
        return await work(graph)
    done = await once(graph, call, work, kept_answer)
    return await answer_again(graph, payload, done) if isinstance(done, KeptAnswer) else done


def marked_call(info: Info, input: MutationInput) -> MarkedCall | None:
    """The mutation with the id that the caller gave it; ``None`` if it has none."""
    id = input.client_mutation_id
    return None if id is None else MarkedCall(info.field_name, str(info.context.actor), id, input_text(input))


async def _note(info: Info, error: CrashgraphError) -> None:
    context = info.context
    if isinstance(error, BusyError):
        context.refuse(error)
    if isinstance(error, ForbiddenError):
        await note_denied(context.graph, context.actor, f"graphql.{info.field_name}", address=context.address)


def user_error(error: CrashgraphError, input: object, path: str = "") -> UserError:
    """An error, with the field of the input that it is about; ``path``, such as ``crashes.3.``, leads there.

    A message about a field begins with it; one about a node that is not there quotes the text of the field.
    """
    message = public_text(error)
    begins = FIELD.match(message)
    names = {to_camel_case(one.name) for one in dataclasses.fields(input)}  # type: ignore[arg-type]  # inputs are dataclasses
    field = f"{begins[1]}{begins[2]}" if begins and begins[1] in names else None
    if field is None and isinstance(error, NotFoundError):
        field = _quoted_field(str(error), input)
    return UserError(code=error.code, message=message, field=field and path + field)


def _quoted_field(message: str, input: object) -> str | None:
    """The field whose text the message quotes; of several, the one that the message calls by its name."""
    found = [
        (name, path)
        for one in dataclasses.fields(input)  # type: ignore[arg-type]  # inputs are dataclasses
        if (name := to_camel_case(one.name)) not in NAMES_NO_NODE
        for path, text in _texts(name, getattr(input, one.name))
        if any(quoted(form) in message for form in _forms(text))
    ]
    return next((path for name, path in found if f"no {name} " in message), found[0][1] if found else None)


def _texts(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _texts(f"{path}.{place}", one)


def _forms(text: str) -> set[str]:
    """A text as messages may quote it: as it is, as a name, or as the key of a global id."""
    return {text, text.strip(), text.strip().lower(), text.partition(":")[2]} - {""}


@strawberry.type(description="Result of a submission: receipts or errors.")
class SubmitCrashPayload(OlderPayload):
    """Result of a submission."""

    receipts: list[Receipt | None] = strawberry.field(
        default_factory=list, description=f"One per failure in the report. {NULL_HELP}"
    )


@strawberry.type(description="What became of one crash of a submission of many.")
class SubmittedCrash:
    """What became of one crash of many."""

    receipts: list[Receipt | None] = strawberry.field(
        default_factory=list, description=f"One per failure in the report. {NULL_HELP}"
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=NOT_STORED_HELP)

    @resolved(NOT_STORED_HELP, instead="userErrors")
    def errors(self) -> list[UserError]:
        """The same errors."""
        return self.user_errors


@strawberry.type(description="Result of a submission of many crashes. `userErrors` are those of the whole submission.")
class SubmitCrashesPayload(OlderPayload):
    """Result of a submission of many crashes."""

    results: list[SubmittedCrash | None] = strawberry.field(
        default_factory=list, description=f"One per crash, in input order. {NULL_HELP}"
    )


@strawberry.type(description="Result of a validation.")
class ValidateCrashPayload(OlderPayload):
    """Result of a validation."""

    validation: Validation | None = strawberry.field(default=None, description="The stored validation.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that the crash was in, after the change.")


@strawberry.type(description="Result of recording a solution or one of its uses.")
class SolutionPayload(OlderPayload):
    """Result of recording a solution or a use."""

    solution: Solution | None = strawberry.field(default=None, description="The solution after the change.")
    worked: int | None = strawberry.field(default=None, description="Number of uses for the pattern that worked.")
    failed: int | None = strawberry.field(default=None, description="Number of uses for the pattern that failed.")


@strawberry.type(description="Result of a change of a pattern's status.")
class PatternPayload(OlderPayload):
    """Result of a change of a pattern's status."""

    pattern: Pattern | None = strawberry.field(default=None, description="The pattern after the change.")


@strawberry.type(description="Result of giving or undoing a verdict.")
class VerdictPayload(OlderPayload):
    """Result of giving or undoing a verdict."""

    verdict: Verdict | None = strawberry.field(default=None, description="The stored verdict.")
    pattern: Pattern | None = strawberry.field(default=None, description="The pattern that signatures moved to, if any moved.")
    patterns: list[Pattern | None] = strawberry.field(
        default_factory=list, description=f"All changed patterns that still exist. {NULL_HELP}"
    )
    conflicting_verdict_id: str | None = strawberry.field(
        default=None, description="The active verdict that contradicts this one and must be undone first."
    )


@strawberry.type(description="Result of requesting or cancelling a job run.")
class JobRunPayload(OlderPayload):
    """Result of requesting or cancelling a job run."""

    run: JobRun | None = strawberry.field(default=None, description="The run.")


@strawberry.type(description="Result of a deletion, or with `dryRun` what it would remove.")
class DeletionPayload(OlderPayload):
    """Result of a deletion."""

    dry_run: bool = strawberry.field(description="Whether nothing was removed.")
    crashes: int = strawberry.field(default=0, description="Number of crashes.")
    waiting: int = strawberry.field(default=0, description="Number of crashes that were accepted and not stored yet.")
    validations: int = strawberry.field(default=0, description="Number of their validations.")
    signatures: int = strawberry.field(default=0, description="Number of signatures without other crashes.")
    patterns: int = strawberry.field(default=0, description="Number of patterns without other crashes.")
    environments: int = strawberry.field(default=0, description="Number of environments without other crashes.")
