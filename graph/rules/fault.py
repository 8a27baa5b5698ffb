"""The fault of a chain of exceptions: the one that says what went wrong; the others are its wrappers.

Principles, by the relation of an exception to the one around it:

- ``cause``: the wrapper was made to carry its cause, so the innermost cause is the fault.
- ``context`` (Python; Ruby records every cause this way): the later exception was raised while the earlier one was handled.
  :mod:`graph.rules.handled` decides whether it wraps the earlier one or is a fault of the handler.
- ``member``: a group is only a container, its members are the crash. Of several, one is chosen independent of their order.
- ``suppressed`` and ``parallel`` exceptions are never the fault.

A cancellation contributes its stack, not its name. A cause without a stack was raised on that of its wrapper; without a type
either, it is part of the wrapper's message. The stack of a fault is completed by the frames that only its wrappers list, and
continued by theirs until a frame of the product is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from graph.model.report import MESSAGE_LIMIT, Cause, Fault, ParsedReport, StackFrame
from graph.model.severity import SEVERITIES
from graph.rules import named_expression
from graph.rules.culprit import culprit, is_skipped
from graph.rules.handled import wraps
from graph.rules.severity import infer

CHAINED = frozenset(
    {"python", "java", "dotnet", "javascript", "ruby", "php", "rust", "go", "oracle", "elixir", "kotlin-native", "julia", "r"}
)
"""Platforms that chain exceptions."""
PARTIAL = frozenset({"python", "dotnet"})
"""Platforms of which a trace ends at the function that caught the exception; the wrapper's continues it."""
CONSIDERED = 200
"""Maximum number of causes considered."""
STACK_LIMIT = 5_000
"""Maximum number of frames of a fault's stack."""
TYPE_LIMIT = 1_000
"""Characters of an error type that are compared with the rules."""

_DIGITS = re.compile(r"\d+")


def with_fault(report: ParsedReport) -> ParsedReport:
    """The report with the fault among its causes, the culprit of that, and the worse severity of both."""
    fault = find_fault(report, report.rule_set) if report.causes and report.rule_set in CHAINED else None
    if fault is None:
        return report
    severity = report.severity
    if severity is not None and severity == infer(report.error_type, report.message):
        severity = min(severity, infer(fault.error_type, fault.message), key=SEVERITIES.index)
    return replace(report, inner_fault=fault, culprit=fault.culprit, severity=severity)


def find_fault(report: ParsedReport, platform: str) -> Fault | None:
    """The fault among the causes of a report; ``None`` if it is the reported error itself."""
    outermost = Cause("", report.error_type, report.message, report.frames)
    chains = [_reached(chain, platform) for chain in _chains(outermost, report.causes[:CONSIDERED])]
    chains = [chain for chain in chains if len(chain) > 1]
    if len(chains) == 1:
        return _fault(chains[0], platform)
    failed = [chain for chain in chains if not _is_cancelled(chain[-1])] or chains
    return min((_fault(chain, platform) for chain in failed), key=_order, default=None)


def _order(fault: Fault) -> tuple[bool, str, str, str]:
    """Sort key of members: faults of the product first, then by place and name; numbers in messages do not count."""
    place = fault.culprit
    is_library = place is None or place.in_app is False
    return is_library, place.qualified if place else "", fault.error_type, _DIGITS.sub("", fault.message)


def _chains(outermost: Cause, causes: Iterable[Cause]) -> Iterator[list[Cause]]:
    """The chains from the outermost exception to each member of a group, or the only chain; outermost first."""
    trunk = [outermost]
    branches: list[list[Cause]] = []
    causes = tuple(causes)
    if all(cause.relation == "suppressed" for cause in causes) and _is_group(outermost):
        # Groups of Java suppress their members, for want of another way to attach them.
        causes = tuple(replace(cause, relation="member") for cause in causes)
    for cause in causes:
        if cause.relation == "member":
            branches.append([cause])
        elif cause.relation in {"cause", "context"}:
            (branches[-1] if branches else trunk).append(cause)
    if not branches:
        yield trunk
        return
    group = next((index for index, error in enumerate(trunk) if _is_group(error)), len(trunk))
    if trunk[group + 1 :]:
        # .NET names the first member as the cause of the group.
        branches.append(trunk[group + 1 :])
    leaves = [branch for branch in branches if len(branch) > 1 or not _is_group(branch[0])] or branches
    for branch in leaves:
        yield [*trunk[: group + 1], *branch]


def _reached(chain: list[Cause], platform: str) -> list[Cause]:
    """The chain up to the fault: a fault of a handler ends it."""
    for position in range(1, len(chain)):
        if not wraps(chain[position - 1], chain[position], platform):
            return chain[:position]
    return chain


def _fault(chain: Sequence[Cause], platform: str) -> Fault:
    error_type, message = _name(chain)
    stack, joined = _stack(chain, platform)
    blamed = culprit(stack, platform)
    if blamed is not None and _is_own(blamed, platform):
        return Fault(error_type, message, tuple(stack), blamed)
    extended: list[StackFrame] = []
    for frames in (stack, *(wrapper.frames for wrapper in reversed(chain[:joined]))):
        extended += frames[: STACK_LIMIT - len(extended)]
        own = next((frame for frame in frames if _is_own(frame, platform)), None)
        if own is not None:
            return Fault(error_type, message, tuple(extended), own)
    return Fault(error_type, message, tuple(stack), blamed)


def _is_own(frame: StackFrame, platform: str) -> bool:
    return frame.in_app is not False and not is_skipped(frame, platform)


def _name(chain: Sequence[Cause]) -> tuple[str, str]:
    """Type and message of the fault: of the innermost exception that is neither a cancellation nor a part of a message."""
    failed = [error for error in chain if not _is_cancelled(error)] or list(chain)
    has_frames = any(error.frames for error in failed)
    parts: list[str] = []
    error_type = ""
    for error in reversed(failed):
        parts.append(error.message)
        typed = not _is_type_of("untyped", error.error_type[:TYPE_LIMIT])
        error_type = error_type or (error.error_type if typed or error.frames else "")
        if has_frames and (typed or error.frames):
            break
    return error_type or failed[0].error_type, _joined(reversed(parts))


def _joined(parts: Iterable[str]) -> str:
    """The messages of a chain as one, outermost first, without those that the one before quotes."""
    messages: list[str] = []
    for part in parts:
        if part and not (messages and part in messages[-1]):
            messages.append(part)
    return ": ".join(messages)[:MESSAGE_LIMIT]


def _stack(chain: Sequence[Cause], platform: str) -> tuple[list[StackFrame], int]:
    """The stack of the last exception of a chain, and how many exceptions around it list none of its frames."""
    stack = list(chain[-1].frames)
    missing = chain[-1].omitted
    for position in range(len(chain) - 2, -1, -1):
        wrapper = chain[position]
        if missing:
            stack += _outermost(wrapper.frames, missing - wrapper.omitted)
            missing = min(missing, wrapper.omitted)
        elif not stack:
            stack, missing = list(wrapper.frames), wrapper.omitted
        else:
            rest = _callers(stack[-1], wrapper.frames) if platform in PARTIAL else None
            if rest is None and platform == "dotnet" and not _is_group(wrapper):
                rest = wrapper.frames  # The runtime caught the exception, so its caller is not in the trace.
            if rest is None:
                return stack[:STACK_LIMIT], position + 1
            stack += rest
    return stack[:STACK_LIMIT], 0


def _outermost(frames: Sequence[StackFrame], number: int) -> Sequence[StackFrame]:
    """The last frames, repeated ones counted."""
    start = len(frames)
    while start and number > 0:
        start -= 1
        number -= frames[start].repeated
    return frames[start:]


def _callers(outermost: StackFrame, frames: Sequence[StackFrame]) -> Sequence[StackFrame] | None:
    """The callers of the frame that caught an exception, in the stack of its wrapper; ``None`` if that does not have it."""
    place = (outermost.qualified, outermost.file)
    for position, frame in enumerate(frames):
        if (frame.qualified, frame.file) == place:
            return frames[position + 1 :]
    return None


def _is_group(error: Cause) -> bool:
    return (
        _is_type_of("group_types", error.error_type[:TYPE_LIMIT])
        or named_expression("fault", "group_messages").search(error.message) is not None
    )


def _is_cancelled(error: Cause) -> bool:
    return _is_type_of("cancelled_types", error.error_type[:TYPE_LIMIT])


@lru_cache(maxsize=4_096)
def _is_type_of(key: str, error_type: str) -> bool:
    return named_expression("fault", key).fullmatch(error_type) is not None
