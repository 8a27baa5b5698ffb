"""The report of an error and its goroutine."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.go.error_types import fatal_type, panic_type, without_flags
from graph.parsing.go.frames import Goroutine
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.rules import severity
from graph.rules.culprit import culprit

FATAL = "fatal error: "
PANIC = "panic"


@dataclass(slots=True)
class PanicHeader:
    """Lines above the goroutines: panic values, oldest first, and signal; if ``is_complete``, no goroutine need follow."""

    marker: str
    values: list[str]
    facts: dict[str, str] = field(default_factory=dict)
    is_complete: bool = False


def go_report(header: PanicHeader, goroutine: Goroutine, start: int, end: int) -> ParsedReport:
    """Build the report of an error; a panic that was recovered and raised again is blamed on where it was raised first."""
    values = [without_flags(value)[:MESSAGE_LIMIT] for value in header.values]
    kinds = [_error_type(header.marker, value) for value in values]
    frames = goroutine.frames
    origin = _origin(frames)
    # A re-panicked value was raised below the last panic in the stack; a new value was raised by the top frames.
    raised = frames[origin:] if len(set(values)) == 1 else frames
    earlier = [] if len(set(values)) == 1 else list(zip(kinds, values, strict=True))[-2::-1]
    message, error_type = values[-1], kinds[-1]
    extra = {**header.facts, **({"goroutine": goroutine.number} if goroutine.number else {})}
    if goroutine.creator:
        extra["created_by"] = goroutine.creator
    return ParsedReport(
        format="go",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit(raised or frames, "go"),
        causes=tuple(Cause("context", kind, value) for kind, value in earlier),
        severity=severity.infer(error_type, message),
        extra=extra,
        span=(start, end),
        truncated=goroutine.truncated or not frames,
    )


def _error_type(marker: str, value: str) -> str:
    if marker == FATAL:
        return fatal_type(value)
    return marker[:-2] if marker.startswith("SIG") else panic_type(value)


def _origin(frames: tuple[StackFrame, ...]) -> int:
    """Index of the first frame below the outermost panic; 0 if there is none."""
    return max((index + 1 for index, frame in enumerate(frames) if frame.qualified == PANIC), default=0)
