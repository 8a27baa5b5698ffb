"""GraphQL inputs and the plain values they become."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import strawberry

from graph.model.errors import InvalidInputError
from graph.model.report import StackFrame
from graph.sources.submission import STATED, Submission
from resolvers.filters import CrashFilter, PatternFilter
from resolvers.nodes import key_of
from schema.declared import description_of
from schema.diagnosis import CODE_HELP

SOURCE = "graphql"


@strawberry.input(description="Which crashes; what is left out lets all pass.")
class CrashFilterInput:
    """Which crashes."""

    statuses: list[str] | None = strawberry.field(default=None, description="Any of `matched`, `unparsed`, `muted`.")
    severities: list[str] | None = strawberry.field(default=None, description="Any of `critical`, `high`, `medium`, `low`.")
    product: str | None = strawberry.field(default=None, description=description_of("Crash", "product"))
    site: str | None = strawberry.field(default=None, description=description_of("Crash", "site"))
    version: str | None = strawberry.field(default=None, description=description_of("Crash", "version"))
    error_type: str | None = strawberry.field(default=None, description=description_of("Crash", "error_type"))
    since: datetime | None = strawberry.field(default=None, description="Occurred then or later.")
    until: datetime | None = strawberry.field(default=None, description="Occurred before.")
    pattern: strawberry.ID | None = strawberry.field(default=None, description="Crashes of this pattern.")
    search: str | None = strawberry.field(default=None, description="Words in the name of their pattern, parts of words too.")

    def plain(self) -> CrashFilter:
        """The filter that use cases take."""
        return CrashFilter(
            statuses=tuple(self.statuses or ()),
            severities=tuple(self.severities or ()),
            product=self.product,
            site=self.site,
            version=self.version,
            error_type=self.error_type,
            since=self.since,
            until=self.until,
            pattern_id=None if self.pattern is None else key_of("Pattern", self.pattern),
            search=self.search,
        )


@strawberry.input(description="Which patterns; what is left out lets all pass.")
class PatternFilterInput:
    """Which patterns."""

    statuses: list[str] | None = strawberry.field(
        default=None, description="Any of `open`, `resolved`, `ignored`, `regressed`."
    )
    severities: list[str] | None = strawberry.field(default=None, description="Any of `critical`, `high`, `medium`, `low`.")
    product: str | None = strawberry.field(default=None, description="Crashed in this program.")
    site: str | None = strawberry.field(default=None, description="Crashed at this site.")
    version: str | None = strawberry.field(default=None, description="Crashed in this version.")
    error_type: str | None = strawberry.field(default=None, description=description_of("Pattern", "error_type"))
    since: datetime | None = strawberry.field(default=None, description="Last seen then or later.")
    until: datetime | None = strawberry.field(default=None, description="First seen before.")
    search: str | None = strawberry.field(default=None, description="Words in the name, parts of words too.")
    error_code: str | None = strawberry.field(default=None, description=CODE_HELP)
    family: str | None = strawberry.field(default=None, description="Family of categories of the taxonomy, such as `RES`.")

    def plain(self) -> PatternFilter:
        """The filter that use cases take."""
        return PatternFilter(
            statuses=tuple(self.statuses or ()),
            severities=tuple(self.severities or ()),
            product=self.product,
            site=self.site,
            version=self.version,
            error_type=self.error_type,
            since=self.since,
            until=self.until,
            search=self.search,
            error_code=self.error_code,
            family=self.family,
        )


@strawberry.input(description="An error as a program reports it.")
class ExceptionInput:
    """An error."""

    type: str = strawberry.field(description="Exception class or error name.")
    message: str = strawberry.field(default="", description="Its message.")


@strawberry.input(description="One frame of a stack.")
class FrameInput:
    """One frame."""

    function: str = strawberry.field(description="Function, method or selector.")
    module: str = strawberry.field(default="", description="Module or class it lives in.")
    file: str | None = strawberry.field(default=None, description="Source file.")
    line: int | None = strawberry.field(default=None, description="Line in it.")
    in_app: bool | None = strawberry.field(default=None, description="Whether it is the application's own code.")


@strawberry.input(description="A name and its value.")
class FactInput:
    """A name and its value."""

    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="Its value.")


T = TypeVar("T")


def _with_stated(cls: type[T]) -> type[T]:
    """Add the texts that a sender may state, as declared in :class:`graph.sources.submission.Submission`."""
    for stated in STATED:
        cls.__annotations__[stated.name] = "str | None"
        setattr(cls, stated.name, strawberry.field(default=None, description=description_of("Crash", stated.stored_as)))
    return cls


@strawberry.input(description="A crash: the raw report, or an exception with its frames.")
@_with_stated
class CrashInput:
    """A crash as it is handed in."""

    report: str | None = strawberry.field(default=None, description="The raw text. Secrets in it are redacted before storing.")
    exception: ExceptionInput | None = strawberry.field(default=None, description="The error, where there is no raw text.")
    frames: list[FrameInput] | None = strawberry.field(default=None, description="Its stack, innermost frame first.")
    timestamp: datetime | None = strawberry.field(default=None, description="When it happened, with a time zone.")
    environment: list[FactInput] | None = strawberry.field(default=None, description="Further facts about where it happened.")
    format: str = strawberry.field(default="auto", description="Format of the report; `auto` recognises it.")

    def plain(self) -> Submission:
        """The submission that ingest takes; ``InvalidInputError`` when there is nothing to read or a time has no zone."""
        if not (self.report or self.exception or self.frames):
            raise InvalidInputError("input: there is nothing to read; give report, or exception with frames")
        if self.timestamp is not None and self.timestamp.tzinfo is None:
            raise InvalidInputError(f"input.timestamp: {self.timestamp.isoformat()} has no time zone; add Z or an offset")
        taken: dict[str, Any] = {name: getattr(self, name) for name in _SAME if name not in ("environment", "frames")}
        return Submission(
            **taken,
            exception_type=self.exception.type if self.exception else None,
            exception_message=self.exception.message if self.exception else None,
            frames=tuple(_frame(frame) for frame in self.frames or ()),
            environment={fact.name: fact.value for fact in self.environment or ()},
            source=SOURCE,
        )


_SAME = {f.name for f in fields(Submission)} & set(CrashInput.__annotations__)


def _frame(frame: FrameInput) -> StackFrame:
    return StackFrame(function=frame.function, module=frame.module, file=frame.file, line=frame.line, in_app=frame.in_app)
