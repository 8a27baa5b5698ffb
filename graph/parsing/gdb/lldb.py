"""Read stacks of lldb: ``* thread #1, stop reason = …`` and ``frame #0: 0x… program`function(…) at file:line``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.native.blame import blame
from graph.parsing.native.faults import number_of, signal_kind
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.native.names import frame_of
from graph.parsing.native.termination import ABORTED, termination_above
from graph.parsing.protocol import NAME_LIMIT, line_at
from graph.rules import severity

EVENT = re.compile(
    r"\n[ \t>|]{0,20}+(?:(?P<selected>\*)\s)?\s{0,4}+(?:thread #(?P<thread>\d{1,9})(?P<about>[^\n]*)"
    r"|frame #(?P<frame>\d{1,7}): 0x[0-9a-fA-F]{1,16}+(?P<rest>[^\n]*))"
)
REASON = re.compile(r"stop reason = ([^\n]{1,400})")
SIGNAL = re.compile(r"signal (\w{1,30})(?:: (.*))?", re.DOTALL)
MACH = re.compile(r"(EXC_\w{1,40})(?: \((.*)\))?", re.DOTALL)
FAULT = re.compile(r"(?:address[=:] ?|address )(0x[0-9a-fA-F]{1,16})")
OFFSET = re.compile(r" \+ \d{1,12}\Z")
PROMPT = "(lldb)"
INLINED = "[inlined] "
UNKNOWN = "Crash"


def is_lldb(text: str) -> bool:
    """Whether the text contains a frame of lldb."""
    at = text.find("frame #0: 0x")
    return at >= 0


@dataclass(slots=True)
class _LldbStack:
    selected: bool
    reason: str
    start: int
    end: int
    frames: list[StackFrame] = field(default_factory=list)
    last: int = -1


def lldb_reports(text: str) -> Iterator[ParsedReport]:
    """Yield one report per crash, from the selected thread; of two prints of one stack the longer counts."""
    stacks: list[_LldbStack] = []
    floor = 0
    for stack in _stacks(text):
        if stacks and _is_another_crash(stacks, stack, text):
            yield (report := _report(text, stacks, floor))
            floor, stacks = report.span[1], []
        stacks.append(stack)
    if stacks:
        yield _report(text, stacks, floor)


def _stacks(text: str) -> Iterator[_LldbStack]:
    """Yield the stack of each thread."""
    shifted, stack = "\n" + text, None
    match = EVENT.search(shifted)
    while match:
        _, after = line_at(text, match.start(), len(text))
        if match["thread"]:
            if stack and stack.frames:
                yield stack
            reason = REASON.search(match["about"][:600])
            stack = _LldbStack(bool(match["selected"]), reason[1].strip() if reason else "", match.start(), after)
        else:
            number = int(match["frame"])
            if stack is None or number <= stack.last:
                if stack:
                    yield stack
                stack = _LldbStack(selected=True, reason="", start=match.start(), end=after)
            stack.frames.append(_frame(match["rest"][:20_000]))
            stack.last, stack.end = number, after
        match = EVENT.search(shifted, after)
    if stack and (stack.frames or stack.reason):
        yield stack


def _is_another_crash(stacks: list[_LldbStack], stack: _LldbStack, text: str) -> bool:
    """Whether a stack belongs to another crash than the stacks before it."""
    if not stack.selected:
        return False
    if not any(other.selected for other in stacks):
        return False
    last = stacks[-1]
    same = any(other.selected and (other.reason == stack.reason or not stack.reason) for other in stacks)
    return not (same and (len(last.frames) == 1 or PROMPT in text[last.end : stack.start]))


def _frame(rest: str) -> StackFrame:
    """Parse the text after the address: `` program`function(…) at file:line:column``."""
    library, _, body = rest.strip().partition("`")
    body, _, place = body.rpartition(" at ") if " at " in body else (body, "", "")
    symbol, inlined = OFFSET.sub("", body), INLINED in body
    if inlined:
        symbol = symbol.rpartition(INLINED)[2]
    # lldb numbers unnamed symbols differently in each build.
    if symbol.startswith("___lldb_unnamed_symbol"):
        symbol = ""
    return replace(frame_of(symbol, place, library[:NAME_LIMIT]), inlined=inlined)


def _report(text: str, stacks: list[_LldbStack], floor: int) -> ParsedReport:
    candidates = [stack for stack in stacks if stack.selected] or stacks
    stack = max(candidates, key=lambda stack: len(stack.frames))
    reason = next((stack.reason for stack in candidates if stack.reason), "")
    error_type, message = _error(reason)
    start = stacks[0].start
    above = termination_above(text, floor, start) if error_type in {ABORTED, UNKNOWN} else None
    if above:
        error_type, message, start = above.error_type, above.message, min(above.at, start)
    frames = fold_native_frames(stack.frames)
    return ParsedReport(
        format="gdb",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=blame(frames, error_type),
        severity=severity.infer(error_type, message),
        span=(start, stacks[-1].end),
    )


def _error(reason: str) -> tuple[str, str]:
    """Error type and message of a stop reason."""
    signal, mach, fault = SIGNAL.match(reason), MACH.match(reason), FAULT.search(reason)
    address = number_of(fault[1]) if fault else None
    if signal:
        return signal_kind(signal[1], address), signal[2] or ""
    if mach:
        kind = signal_kind("SIGSEGV", address) if mach[1] == "EXC_BAD_ACCESS" and address is not None else mach[1]
        return kind, reason
    return UNKNOWN, reason
