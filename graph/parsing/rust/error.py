"""Errors returned from ``main``: a line beginning with ``Error:``, its causes, and possibly a backtrace."""

from __future__ import annotations

import re

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.rust.frames import in_app, read_backtrace, read_guest_stack
from graph.parsing.text.lines import LINE_LIMIT, Lines, line_start, location_frame
from graph.rules import severity
from graph.rules.culprit import culprit

CAUSED = "Caused by:"
STACKS = ("Stack backtrace:", "━ BACKTRACE ━", "━ SPANTRACE ━", "Location:")
ERROR = re.compile(r"(?:^|(?<=[\s\]:|]))Error: ?")
NUMBERED = re.compile(r"[ \t]+\d{1,4}: (.*)$")
PLACE = re.compile(r"[ \t]+(\S[^\n]{0,1000}?):(\d{1,9})(?::\d{1,9})?\s*$")
NOTES = ("Backtrace omitted", "Run with ", "Suggestion:", "Note:", "Warning:")
GUEST_HEADING = "wasm backtrace:"
ABOVE_LINES = 40


def error_report(text: str, at: int, floor: int) -> ParsedReport | None:
    """Read the error above ``at``, the position of its causes, location or backtrace; ``None`` if there is none."""
    start = _start(text, line_start(text, at, floor), floor)
    if start < 0:
        return None
    begin = line_start(text, start, floor)
    lines = Lines(text, begin)
    first = text[start : min(lines.after, start + LINE_LIMIT)].rstrip()
    lines.skip()
    message_lines = [first.partition(":")[2].strip()]
    while (line := lines.line) is not None and line.strip() and not _ends(line) and not NUMBERED.match(line):
        message_lines.append(line)
        lines.skip()
    causes, place, frames = _parts(lines)
    messages = [part for part in ["\n".join(message_lines).strip(), *causes] if part]
    if not messages or not (causes or frames or place):
        return None
    if place and not any(frame.in_app for frame in frames):
        frames = (location_frame(*place, in_app=in_app("", place[0])), *frames)
    message = messages[0][:MESSAGE_LIMIT]
    return ParsedReport(
        format="rust",
        error_type="Error",
        message=message,
        frames=frames,
        culprit=culprit(frames, "rust"),
        causes=tuple(Cause("cause", "Error", part) for part in messages[1:]),
        severity=severity.infer("Error", message),
        span=(begin, lines.position),
    )


def _start(text: str, below: int, floor: int) -> int:
    """Position of ``Error:`` in the nearest line above ``below`` that contains it, or -1."""
    end = below
    for _ in range(ABOVE_LINES):
        if end <= floor:
            break
        begin = line_start(text, end - 1, floor)
        match = ERROR.search(text, begin, min(end, begin + 1_000))
        if match:
            return match.start()
        if text.startswith((CAUSED, *STACKS), begin):
            break
        end = begin
    return -1


def _ends(line: str) -> bool:
    return line.startswith((CAUSED, *STACKS)) or "TRACE ━" in line


def _parts(lines: Lines) -> tuple[list[str], tuple[str, int] | None, tuple[StackFrame, ...]]:
    """Read causes, location and frames below an error."""
    causes: list[str] = []
    place: tuple[str, int] | None = None
    frames: tuple[StackFrame, ...] = ()
    end = lines.position
    while (line := lines.line) is not None:
        numbered = NUMBERED.match(line)
        if line.startswith(CAUSED):
            lines.skip()
            stated, guest = _causes(lines)
            causes, frames = causes + stated, frames or guest
        elif line.startswith("Location:"):
            lines.skip()
            match = PLACE.match(lines.line or "")
            place = (match[1], int(match[2])) if match else place
            lines.skip()
        elif "SPANTRACE ━" in line:
            lines.skip()
            _skip_spans(lines)
        elif line.startswith("Stack backtrace:") or "BACKTRACE ━" in line:
            lines.skip()
            frames = read_backtrace(lines)
        elif numbered and not frames:
            causes.append(numbered[1].strip())
            lines.skip()
        elif not line.strip() or line.startswith(NOTES):
            lines.skip()
            if not line.strip():
                continue
        else:
            break
        end = lines.position
    lines.position = end
    return causes, place, frames


def _skip_spans(lines: Lines) -> None:
    """Skip the spans that were open: what the program was doing, not where it was."""
    while lines.line is not None and (not lines.line.strip() or lines.line[0] in " \t") and "TRACE ━" not in lines.line:
        lines.skip()


def _causes(lines: Lines) -> tuple[list[str], tuple[StackFrame, ...]]:
    """Read the causes from the current line on: a single text, or numbered ones, and the WebAssembly stack among them."""
    causes: list[str] = []
    guest: tuple[StackFrame, ...] = ()
    while (line := lines.line) is not None and line[:1] in {" ", "\t"} and line.strip():
        if causes and causes[-1].endswith(GUEST_HEADING) and (frames := read_guest_stack(lines)):
            guest = guest or frames
            causes.pop()
            continue
        numbered = NUMBERED.match(line)
        if numbered or not causes:
            causes.append(numbered[1].strip() if numbered else line.strip())
        else:
            causes[-1] += f"\n{line.strip()}"
        lines.skip()
    return causes, guest
