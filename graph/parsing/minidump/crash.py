"""One crash as read from any minidump format, and the report built from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.native.blame import blame
from graph.parsing.native.faults import access_of, exception_kind, number_of, signal_kind
from graph.parsing.native.folding import fold_native_frames, recursive_part
from graph.parsing.native.names import frame_of
from graph.parsing.native.termination import ASSERTION
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.rules import severity

# Source locations in version control: system, repository, path and revision.
VERSION_CONTROLS = ("hg:", "git:", "s3:", "svn:", "cvs:")
OVERFLOW = "Stack-overflow"
MISSING = frozenset({"", "???", "unknown", "null"})


@dataclass(slots=True)
class MinidumpCrash:
    """One crash; ``reason`` and ``address`` as the stackwalker prints them, ``access`` a word such as ``Write``."""

    reason: str = ""
    address: str = ""
    access: str = ""
    assertion: str = ""
    message: str = ""
    thread: str = ""
    frames: list[StackFrame] = field(default_factory=list)
    product: str = ""
    version: str = ""
    occurred_at: datetime | None = None
    environment: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


def report_of(crash: MinidumpCrash, span: tuple[int, int], *, truncated: bool = False) -> ParsedReport:
    """Build the report of a crash at ``span``."""
    error_type, message = _error(crash)
    frames = fold_native_frames(crash.frames)
    facts = {**crash.facts, "address": crash.address, "thread": crash.thread}
    return ParsedReport(
        format="minidump",
        error_type=error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=blame(recursive_part(frames) if error_type == OVERFLOW else frames, error_type),
        occurred_at=crash.occurred_at,
        severity=severity.infer(error_type, message),
        product=_known(crash.product),
        version=_known(crash.version),
        environment={name: value for name, value in crash.environment.items() if _known(value)},
        extra={name: value for name, value in facts.items() if _known(value)},
        span=span,
        truncated=truncated,
    )


def native_frame(symbol: str, file: str, line: int | None, module: str, offset: str) -> StackFrame:
    """Build the frame of a stackwalker; a source location in version control is reduced to its path."""
    if file.startswith(VERSION_CONTROLS):
        parts = file.split(":")
        file = parts[2] if len(parts) > 2 else file
    frame = frame_of(symbol, "", module, offset if module else "")
    if not file:
        return frame
    # The frame needs both library and file: the rules look at either.
    return replace(frame_of(symbol, f"{file}:{line or 0}", module, offset), file=file[:NAME_LIMIT], line=line or None)


def with_inlined(inlined: Iterable[StackFrame], frame: StackFrame) -> list[StackFrame]:
    """The frame, preceded by the calls inlined into it."""
    return [*(replace(inner, inlined=True) for inner in inlined), frame]


def _error(crash: MinidumpCrash) -> tuple[str, str]:
    """Type and message: the failed assertion, or the exception or signal."""
    message = crash.assertion or crash.message
    if crash.assertion or "ASSERT" in crash.message:
        return ASSERTION, message
    name = crash.reason.partition("/")[0].strip()
    address, access = number_of(crash.address) if crash.address else None, access_of(crash.access)
    if name.startswith("EXCEPTION_"):
        return exception_kind(name, access), message or crash.reason
    if name == "EXC_BAD_ACCESS" and address is not None:
        return signal_kind("SIGSEGV", address, access), message or crash.reason
    return signal_kind(name, address, access) or "Crash", message or crash.reason


def _known(value: str) -> str | None:
    return value if value.strip().lower() not in MISSING else None
