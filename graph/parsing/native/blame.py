"""The culprit of a native stack: the first frame that is not crash machinery, an allocator, a runtime or an accessor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.native.names import place_of
from graph.parsing.text.lines import base_name
from graph.rules import frame_rules
from graph.rules.culprit import culprit

PLATFORM, ENDED = "native", "ended"
MACHINERY_REACH = 6
"""Frames further out than one without a symbol in which a function that ends the program is searched."""
UNNAMED = re.compile(r"\A(?:\+0x[0-9a-f]+|\?\?|<unknown>)\Z")
DELIBERATE = re.compile(
    r"SIG(?:ABRT|TRAP|ILL|SYS|QUIT|KILL)|Abrt|Trap|Ill|Breakpoint|Fatal-signal|Fatal error|Unexpected-exit|ASSERT"
    r"|EXC_(?:BREAKPOINT|BAD_INSTRUCTION|CRASH|GUARD|RESOURCE)|EXCEPTION_BREAKPOINT|C\+\+ exception|Unhandled exception"
    r"|STATUS_(?:STACK_BUFFER_OVERRUN|FATAL_APP_EXIT|FAIL_FAST_EXCEPTION|ASSERTION_FAILURE|INVALID_CRUNTIME_PARAMETER)"
    r"|Out-of-memory|Unreachable code|Unimplemented code|RUNTIME_ASSERT|V8 \w.*|(?:\w+ )*D?CHECK failure"
    r"|.*(?i:exception|error|panic|bad_alloc|logic_error|out_of_range)"
)
"""Types of errors with which a program ends itself; others are faults where they occur."""


def blame(frames: Sequence[StackFrame], error_type: str = "") -> StackFrame | None:
    """Select the culprit by ``rules/native.toml``; ``None`` only without frames.

    Calls inlined into a function that is never a culprit are skipped as well. If a program ended itself, the functions that
    report, log and abort on its behalf are skipped too; a function of such a name in which memory is misused is at fault.
    """
    kind = ENDED if is_deliberate(error_type) else ""
    frame = culprit(_without_inlined(frames) or frames, PLATFORM, kind)
    if kind and frame is not None and UNNAMED.search(frame.function):
        frame = _caller_of_machinery(frames, frame) or frame
    if frame is not None and frame.in_app is False and UNNAMED.search(frame.function):
        # Without symbols, the program's own code is to blame rather than a library of the system.
        return next((other for other in frames if other.in_app is not False and other.module), frame)
    return frame


def _caller_of_machinery(frames: Sequence[StackFrame], unnamed: StackFrame) -> StackFrame | None:
    """The culprit outside of the functions that end the program if ``unnamed`` is one of them: called by one with a name."""
    start = frames.index(unnamed) + 1
    rules = frame_rules(PLATFORM, ENDED)
    for at in reversed(range(start, min(start + MACHINERY_REACH, len(frames) - 1))):
        if rules.is_skipped(frames[at].qualified, frames[at].file) and not UNNAMED.search(frames[at].function):
            outer = frames[at + 1 :]
            caller = culprit(_without_inlined(outer) or outer, PLATFORM, ENDED)
            return None if caller is None or UNNAMED.search(caller.function) else caller
    return None


def blamable(frames: Sequence[StackFrame], error_type: str) -> Sequence[StackFrame]:
    """The frames that may be to blame in a platform with C++ beneath it, which has rules of its own for its other frames."""
    rules = frame_rules(PLATFORM, ENDED if is_deliberate(error_type) else "")
    return [frame for frame in frames if not rules.is_skipped(frame.qualified, frame.file)]


def frames_from_place(frames: Sequence[StackFrame], place: str, function: str = "") -> Sequence[StackFrame]:
    """The frames from the one in which a check failed: at the location that the message names, or else in its function.

    The frames further in only report the failure. All frames if none is at ``place`` (``file:line``).
    """
    file, line = place_of(place)
    name = base_name(file or "")
    for index, frame in enumerate(frames):
        if line and frame.line == line and frame.file and base_name(frame.file) == name:
            return frames[index:]
    named = next((index for index, frame in enumerate(frames) if function and frame.function == function), 0)
    return frames[named:]


@lru_cache(maxsize=4_096)
def is_deliberate(error_type: str) -> bool:
    """Whether the type is that of an error with which a program ends itself."""
    return DELIBERATE.fullmatch(error_type[:200]) is not None


@lru_cache(maxsize=8_192)
def _is_skipped(name: str, file: str | None) -> bool:
    return frame_rules(PLATFORM).is_skipped(name, file)


def _without_inlined(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    """The frames without the skipped ones and the calls inlined into them."""
    if not any(frame.inlined for frame in frames):
        return frames
    candidates: list[StackFrame] = []
    pending: list[StackFrame] = []
    for frame in frames:
        pending.append(frame)
        if frame.inlined:
            continue
        if not _is_skipped(frame.qualified, frame.file):
            candidates.extend(pending)
        pending = []
    return [*candidates, *pending]
