"""A parsed report, as parsers return it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MESSAGE_LIMIT = 16_384
"""Characters of a message that are kept; the raw report is stored in full elsewhere."""
ALREADY_STORED = "already stored"
"""Beginning of a receipt's reason if the report was stored before."""
QUEUED = "queued"
"""A receipt's status if the report is accepted and not in the graph yet."""


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One frame as reported.

    ``module`` and ``function`` keep the report's own spelling; ``repeated`` is the number of consecutive occurrences of a
    recursive frame, at least 1. ``in_app`` is ``None`` if the report does not state it. ``inlined`` marks a frame that the
    compiler inlined into its caller, the next frame; another build of the same program may not list it.
    """

    function: str
    module: str = ""
    file: str | None = None
    line: int | None = None
    in_app: bool | None = None
    repeated: int = 1
    inlined: bool = False

    @property
    def qualified(self) -> str:
        """``module.function``, or the function alone if the module is unknown."""
        return f"{self.module}.{self.function}" if self.module else self.function


@dataclass(frozen=True, slots=True)
class Cause:
    """One link of an exception chain or one member of a group."""

    relation: str
    """Relation to the error around it.

    ``cause``; ``context``: it was being handled when that error was raised; ``member`` of a group; ``suppressed``;
    ``parallel``: of another thread.
    """
    error_type: str
    message: str
    frames: tuple[StackFrame, ...] = ()
    omitted: int = 0
    """Number of its outermost frames that are not printed because they are also the outermost of the error around it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The exception of a chain that says what went wrong. Its frames are completed by those that only its wrappers list."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...] = ()
    culprit: StackFrame | None = None


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """One parsed report. Frames are innermost first. Times carry a time zone.

    ``error_type``, ``message`` and ``frames`` are those of the outermost exception. ``inner_fault`` is the fault if it is
    another one; ``culprit`` is a frame of the fault. ``platform`` selects the rules for its frames if its format does not.

    ``span`` is the part of the text it was parsed from (start and end in characters). ``pieces`` are the spans within it that
    belong to the report if lines of other sources lie between them; empty if all of it does.
    ``environment`` has keys of :data:`graph.model.environment.ATTRIBUTES`; ``extra`` has all other facts.
    ``echo`` marks a report that only describes how a process ended (an abort, a fatal signal): if the same text has an error
    just before it, that error is the crash and this is its end.
    """

    format: str
    error_type: str
    message: str
    frames: tuple[StackFrame, ...] = ()
    culprit: StackFrame | None = None
    causes: tuple[Cause, ...] = ()
    occurred_at: datetime | None = None
    severity: str | None = None
    product: str | None = None
    version: str | None = None
    site: str | None = None
    user: str | None = None
    session: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    span: tuple[int, int] = (0, 0)
    pieces: tuple[tuple[int, int], ...] = ()
    truncated: bool = False
    echo: bool = False
    inner_fault: Fault | None = None
    platform: str = ""

    @property
    def fault(self) -> Fault:
        """The exception that says what went wrong."""
        return self.inner_fault or Fault(self.error_type, self.message, self.frames, self.culprit)

    @property
    def rule_set(self) -> str:
        """Name of the rules for its frames."""
        return self.platform or self.format

    def part_of(self, text: str) -> str:
        """The part of the text it was parsed from."""
        return "".join(text[start:end] for start, end in self.pieces or (self.span,))

    @property
    def frame_count(self) -> int:
        """Frames as reported, repeated ones counted."""
        return sum(frame.repeated for frame in self.frames)
