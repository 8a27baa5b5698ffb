"""Crash reports of the Ruby interpreter itself."""

from __future__ import annotations

import re

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.ruby.frames import RubyLocation, find_location, stack_frames
from graph.parsing.text.lines import Lines, base_name, is_library, line_start
from graph.rules import severity
from graph.rules.culprit import culprit

BUG = "[BUG] "
RUBY_LEVEL = "-- Ruby level backtrace information"
C_LEVEL = "-- C level backtrace information"
NOTE = "[NOTE]"
RUNTIME = re.compile(r"((?:ruby|jruby|truffleruby) \S+) [^\n]*\[([\w.+-]+)\]\s*$")
NATIVE = re.compile(r"(\S[^(\n]{0,1000})\(([^()\n]{0,2000})\)(?: \[0x[0-9a-f]+\])?(?: (\S{1,1000}):(\d{1,9}))?\s*$")
ADDRESS = re.compile(r" at (0x[0-9a-f]+)\s*$")
SIGNAL_FRAMES = re.compile(r"__restore_rt|_?_?sigtramp|sigsegv|sigbus|sigill|killpg|__kernel_rt_sigreturn|_sigtramp")
INTERPRETER = re.compile(r"(?:rb_)?vm_\w+|rb_vm_\w+|ruby_\w+|rb_ec_\w+|rb_funcall\w*")
SECTION_LINES = 20_000
END_LINES = 2_000


def parse_interpreter_crash(text: str, at: int, floor: int) -> ParsedReport | None:
    """Parse the crash report with ``[BUG]`` at ``at`` in its first line."""
    start = line_start(text, at, floor)
    lines = Lines(text, start)
    message = text[at + len(BUG) : min(lines.after, at + MESSAGE_LIMIT)].strip()
    lines.skip()
    runtime = RUNTIME.match(lines.line or "")
    limit = text.find(BUG, lines.position)
    limit = len(text) if limit < 0 else line_start(text, limit, lines.position)
    ruby, after = _ruby_frames(text, lines.position, limit)
    native, after = _native_frames(text, after, limit)
    frames = (*native, *ruby)
    if not runtime and not frames:
        return None
    address = ADDRESS.search(message)
    kind = message[: address.start()] if address else "BUG"
    return ParsedReport(
        format="ruby",
        error_type=kind,
        message=message,
        frames=frames,
        culprit=culprit(frames, "ruby"),
        severity=severity.infer("segmentation fault" if address else kind, message),
        environment={"runtime": runtime[1]} if runtime else {},
        extra={**({"platform": runtime[2]} if runtime else {}), **({"address": address[1]} if address else {})},
        span=(start, _end_of_note(text, max(after, lines.after), limit)),
        truncated=not frames,
    )


def _section_lines(text: str, name: str, start: int, limit: int) -> Lines | None:
    match = text.find(name, start, limit)
    if match < 0:
        return None
    lines = Lines(text, match, limit=limit)
    lines.skip()
    return lines


def _ruby_frames(text: str, start: int, limit: int) -> tuple[tuple[StackFrame, ...], int]:
    """The Ruby frames, which are printed outermost first."""
    lines = _section_lines(text, RUBY_LEVEL, start, limit)
    if lines is None:
        return (), start
    locations: list[RubyLocation] = []
    while (line := lines.line) is not None and (location := find_location(line)):
        locations.append(location)
        lines.skip()
    return stack_frames(locations[::-1]), lines.position


def _native_frames(text: str, start: int, limit: int) -> tuple[tuple[StackFrame, ...], int]:
    """The named C frames between the signal handler and the interpreter that called them."""
    lines = _section_lines(text, C_LEVEL, start, limit)
    if lines is None:
        return (), start
    match: list[StackFrame] = []
    signalled = called = False
    for _ in range(SECTION_LINES):
        frame = NATIVE.match(lines.line or "")
        if not frame:
            break
        lines.skip()
        name = frame[2].partition("+0x")[0]
        if SIGNAL_FRAMES.fullmatch(name):
            signalled, match = True, []
            continue
        called = called or (signalled and bool(INTERPRETER.fullmatch(name)))
        if signalled and not called and name and not name.startswith("0x"):
            match.append(_native_frame(frame, name))
    return tuple(match), lines.position


def _native_frame(frame: re.Match[str], name: str) -> StackFrame:
    library = base_name(frame[1])
    in_app = not is_library("ruby", f"{library}.{name}", frame[1])
    return StackFrame(name[:NAME_LIMIT], "", (frame[3] or frame[1])[:NAME_LIMIT], int(frame[4]) if frame[4] else None, in_app)


def _end_of_note(text: str, after: int, limit: int) -> int:
    """End of the note at the bottom of the report, or ``after`` without one."""
    note = text.find(f"\n{NOTE}", after, limit)
    if note < 0:
        return after
    lines = Lines(text, note + 1, limit=limit)
    for _ in range(END_LINES):
        if lines.line is None or not lines.line.strip():
            break
        lines.skip()
    return lines.position
