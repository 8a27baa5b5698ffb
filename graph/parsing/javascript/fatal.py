"""Fatal errors of a JavaScript runtime, with C++ frames and sometimes JavaScript frames."""

from __future__ import annotations

import re

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.javascript.frames import v8_frame
from graph.parsing.native.blame import blame
from graph.parsing.native.termination import ABORTED
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.lines import Lines, line_start
from graph.rules import severity
from graph.rules.culprit import culprit

FATAL = "FATAL ERROR: "
NATIVE = "----- Native stack trace -----"
SCRIPT = "----- JavaScript stack trace -----"
COLLECTIONS = "<--- Last few GCs --->"
FRAME = re.compile(r"\s*+\d{1,5}: (0x[0-9a-f]++)\s++(|\S|\S.*?\S)\s*+(?:\[([^\[\]\n]{1,1000})\])?\s*+$")
SCRIPT_FRAME = re.compile(r"\s*\d{1,5}: (\S.*)$")
ABOVE = 8_000
FAILED_CHECKS = ("# Fatal ", "Assertion failed: ", "Assertion `")
"""What a runtime prints above the stack of a failed check."""
CHECK_DISTANCE = 600


def parse_fatal_error(text: str, at: int, floor: int) -> ParsedReport | None:
    """Parse the fatal error announced at ``at``: a message, or only a C++ stack."""
    start = line_start(text, at, floor)
    lines = Lines(text, start)
    message = text[at + len(FATAL) : min(lines.after, at + MESSAGE_LIMIT)].strip() if text.startswith(FATAL, at) else ""
    if message:
        lines.skip()
    native, script, end = _read_stacks(lines)
    if not native and not script and "JavaScript" not in message:
        return None
    if not message and any(mark in text[max(floor, start - CHECK_DISTANCE) : start] for mark in FAILED_CHECKS):
        # The stack belongs to a failed check of the runtime itself.
        return None
    frames = script or native
    error_type = "Out-of-memory" if "out of memory" in message else "Fatal error" if message else "Abort"
    above = text.rfind(COLLECTIONS, max(floor, start - ABOVE), start)
    return ParsedReport(
        format="javascript",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit(script, "javascript") if script else blame(native, ABORTED),
        severity=severity.infer(error_type, message),
        span=(line_start(text, above, floor) if above >= 0 else start, end),
        truncated=not frames,
        echo=error_type == "Abort",
    )


def _read_stacks(lines: Lines) -> tuple[tuple[StackFrame, ...], tuple[StackFrame, ...], int]:
    """The C++ and JavaScript frames below a message, and where they end."""
    native: list[StackFrame] = []
    script: list[StackFrame] = []
    in_script, end = False, lines.position
    while (line := lines.line) is not None:
        match = FRAME.match(line)
        of_script = SCRIPT_FRAME.match(line) if in_script else None
        called = v8_frame(f"at {of_script[1]}") if of_script else None
        if match and not in_script:
            native.append(_native_frame(match))
        elif called:
            script.append(called.frame)
        elif NATIVE in line or SCRIPT in line:
            in_script = SCRIPT in line
        elif line.strip():
            break
        lines.skip()
        end = lines.position if line.strip() else end
    return tuple(native), tuple(script), end


def _native_frame(match: re.Match[str]) -> StackFrame:
    name = match[2].partition("(")[0].strip()
    if not name:
        return StackFrame(f"+{match[1]}", (match[3] or "").rpartition("/")[2][:NAME_LIMIT], in_app=False)
    return StackFrame(name[:NAME_LIMIT], "", (match[3] or None), None, in_app=False)
