"""Read native stacks as sanitizers, fuzzers and crash handlers print them: one frame a line, innermost first.

A stack keeps to one frame style. Lines may have a log prefix, and may be mixed with blank lines or lines of other threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.model.report import StackFrame
from graph.parsing.protocol import line_at
from graph.parsing.sanitizer.frame_styles import LINE_LIMIT, SANITIZER, UNKNOWN, Style, hash_line

NOISE_LINES = 4
"""Maximum foreign lines between two frames."""
BLANK = 0.5
"""Weight of a blank line as noise; some logs insert one after every line."""


@dataclass(slots=True)
class SanitizerStack:
    """Frames, innermost first, and the span of the stack."""

    frames: tuple[StackFrame, ...] = ()
    start: int = 0
    end: int = 0

    @property
    def named_frames(self) -> int:
        """Number of frames with a function name."""
        return sum(not frame.function.startswith(("+0x", UNKNOWN)) for frame in self.frames)


def read_stack(text: str, position: int, limit: int, within: int, styles: tuple[Style, ...] = SANITIZER) -> SanitizerStack:
    """Read the first stack that starts within ``within`` lines of ``position``; empty if there is none."""
    for _ in range(within):
        if position >= limit:
            break
        line, after = line_at(text, position, limit)
        for style in styles:
            if style(line[:LINE_LIMIT]):
                return _read(text, position, limit, style)
        position = after
    return SanitizerStack((), position, position)


def _read(text: str, start: int, limit: int, style: Style) -> SanitizerStack:
    frames: list[StackFrame] = []
    position = end = start
    last = -1
    noise = 0.0
    address = ""
    while position < limit:
        line, after = line_at(text, position, limit)
        frame_line = style(line[:LINE_LIMIT])
        if frame_line is None:
            noise += 1 if line.strip() else BLANK
            if noise > NOISE_LINES or last < 0 or _ends_stack(line):
                break
        else:
            number = frame_line.number if frame_line.number is not None else last + 1
            if number < last and len(frames) > 1 and not _continues(text, after, limit, style, last):
                break
            if noise and number <= last:
                break
            if frames and address and address == frame_line.address:
                # A repeated address: the previous frame was inlined into this one.
                frames[-1] = replace(frames[-1], inlined=True)
            _add(frames, frame_line.frame)
            address = frame_line.address
            last, noise, end = max(number, last), 0.0, after
        position = after
        if frame_line is None and style is not hash_line:
            break
    return SanitizerStack(tuple(frames), start, end)


def _continues(text: str, position: int, limit: int, style: Style, last: int) -> bool:
    """Whether a smaller frame number is an exception and the next line continues the stack."""
    frame_line = style(line_at(text, position, limit)[0][:LINE_LIMIT])
    return frame_line is not None and frame_line.number is not None and frame_line.number > last


SECTION_MARKS = (
    " is located ",
    "freed by ",
    "allocated ",
    "llocated from",
    "created by ",
    "created at",
    "revious ",
    "stored to",
    "SUMMARY: ",
    "Sanitizer",
    "Shadow ",
    "leak of ",
    "thread T",
    "Location is",
    "DEADLYSIGNAL",
    "rax = ",
    "stack trace]",
    "Register values",
    "NOTE: ",
    "MS: ",
    "Suppressions used",
    "====",
)


def _ends_stack(line: str) -> bool:
    """Whether a line starts another section; symboliser warnings may occur within a stack."""
    return any(word in line[:400] for word in SECTION_MARKS) and "WARNING: " not in line


def _add(frames: list[StackFrame], frame: StackFrame) -> None:
    last = frames[-1] if frames else None
    if last and (last.function, last.module, last.file, last.line) == (frame.function, frame.module, frame.file, frame.line):
        frames[-1] = replace(last, repeated=last.repeated + 1)
    else:
        frames.append(frame)
