"""Crashes to match or to store."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import strawberry

from graph.model.errors import InvalidInputError
from graph.model.report import StackFrame
from graph.sources.submission import STATED, Submission
from schema.inputs.plain import plain_value
from schema.payloads import MutationInput
from schema.types.declared import description_of

T = TypeVar("T")

SOURCE = "graphql"
MAX_CANDIDATES = 50
MAX_SUBMITTED = 1_000
CANDIDATES_HELP = f"Maximum number of candidate patterns per report, 0 to {MAX_CANDIDATES}."


@strawberry.input(description="An error as a program reports it.")
class ExceptionInput:
    """An error."""

    type: str = strawberry.field(description="Exception class or error name.")
    message: str = strawberry.field(default="", description="Error message.")


@strawberry.input(description="One frame of a stack.")
class FrameInput:
    """One frame."""

    function: str = strawberry.field(description="Function, method or selector.")
    module: str = strawberry.field(default="", description="Module or class of the function.")
    file: str | None = strawberry.field(default=None, description="Source file.")
    line: int | None = strawberry.field(default=None, description="Line number in the source file.")
    in_app: bool | None = strawberry.field(default=None, description="Whether it is the application's own code.")


@strawberry.input(description="A name and its value.")
class FactInput:
    """A name and its value."""

    name: str = strawberry.field(description="The name.")
    value: str = strawberry.field(description="The value.")


def _with_stated(cls: type[T]) -> type[T]:
    """Add the texts that a sender may state, as :class:`graph.sources.submission.Submission` declares them."""
    for stated in STATED:
        cls.__annotations__[stated.name] = "str | None"
        setattr(cls, stated.name, strawberry.field(default=None, description=description_of("Crash", stated.stored_as)))
    return cls


@strawberry.input(description="A crash: the raw report, or an exception with its frames.")
@_with_stated
class CrashInput:
    """A crash as a client submits it."""

    report: str | None = strawberry.field(default=None, description="Raw text; secrets in it are redacted before storing.")
    exception: ExceptionInput | None = strawberry.field(default=None, description="The error, if there is no raw text.")
    frames: list[FrameInput] | None = strawberry.field(default=None, description="Its stack, innermost frame first.")
    timestamp: datetime | None = strawberry.field(default=None, description="When it happened, with a time zone.")
    environment: list[FactInput] | None = strawberry.field(default=None, description="Further facts about the environment.")
    format: str = strawberry.field(default="auto", description="Format of the report; `auto` detects it.")

    def plain(self) -> Submission:
        """The submission that ingest takes; ``InvalidInputError`` if it is empty or its time has no zone."""
        if not (self.report or self.exception or self.frames):
            raise InvalidInputError("report: there is nothing to read; give report, or exception with frames")
        if self.timestamp is not None and self.timestamp.tzinfo is None:
            raise InvalidInputError(f"timestamp: {self.timestamp.isoformat()} has no time zone; add Z or an offset")
        return plain_value(
            Submission,
            self,
            exception_type=self.exception.type if self.exception else None,
            exception_message=self.exception.message if self.exception else None,
            frames=tuple(plain_value(StackFrame, frame) for frame in self.frames or ()),
            environment={fact.name: fact.value for fact in self.environment or ()},
            source=SOURCE,
        )


@strawberry.input(description="A crash to store: the raw report, or an exception with its frames.")
class SubmitCrashInput(CrashInput, MutationInput):
    """A crash to store."""

    candidates: int = strawberry.field(default=0, description=CANDIDATES_HELP)


@strawberry.input(description="Crashes to store together.")
class SubmitCrashesInput(MutationInput):
    """Crashes to store together."""

    crashes: list[CrashInput] = strawberry.field(description=f"The crashes, at most {MAX_SUBMITTED:,}.")
    candidates: int = strawberry.field(default=0, description=CANDIDATES_HELP)
