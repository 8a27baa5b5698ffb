"""One stack trace of Java: the exceptions of its chain with their messages and frames."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from graph.model.report import StackFrame
from graph.parsing.java.frames import frame_of
from graph.parsing.java.lines import RECORD, Head, head_of
from graph.parsing.protocol import MESSAGE_LIMIT, line_at

MARKS = {"Caused by:": "cause", "Wrapped by:": "cause", "Suppressed:": "member"}
MESSAGE_LINES = 200
# Remarks between frames: what is shared with the enclosing trace, what a thread waits for, where a coroutine began.
REMARKS = ("... ", "- ", "[CIRCULAR REFERENCE", "(Coroutine boundary)", "Original Stack Trace:", "--> ")
WAITS = re.compile(r"- (?:locked|waiting|parking|eliminated|blocked|sleeping|None)\b")
CIRCULAR = "[CIRCULAR REFERENCE"


@dataclass(slots=True)
class Link:
    """One exception, its frames innermost first. ``mark`` is what stood before its name."""

    error_type: str
    message: str
    mark: str = ""
    frames: list[StackFrame] = field(default_factory=list)

    @property
    def relation(self) -> str:
        """How it hangs on the error; empty for the first one printed."""
        return MARKS.get(self.mark, "")

    def add(self, frame: StackFrame) -> None:
        """Put a frame outside the others, or count it when it repeats the last one."""
        last = self.frames[-1] if self.frames else None
        if last and (last.function, last.module, last.file, last.line) == (
            frame.function,
            frame.module,
            frame.file,
            frame.line,
        ):
            self.frames[-1] = replace(last, repeated=last.repeated + 1)
        else:
            self.frames.append(frame)


@dataclass(slots=True)
class Trace:
    """Exceptions as printed; ``start`` and ``end`` are where they stand, ``begun`` where the first frame does."""

    links: list[Link]
    start: int
    end: int
    thread: str = ""
    indent: str = ""
    headless: bool = False
    truncated: bool = False


def read_frames(text: str, position: int, limit: int, body: Callable[[str], str | None], trace: Trace) -> None:
    """Read frames, remarks and further exceptions from the line at ``position`` on into ``trace``, and set its end.

    ``body`` takes the prefix off a line.
    """
    trace.end = position
    while position < limit:
        line, after = line_at(text, position, limit)
        content = body(line)
        if content is None:
            break
        bare = content.strip()
        if not bare:
            if not _goes_on(text, after, limit, body):
                break
        elif bare.startswith("at "):
            if not _add_frame(trace, bare):
                trace.truncated = after >= limit
                trace.end = after if trace.truncated else trace.end
                break
        elif (mark := next((one for one in MARKS if bare.startswith(one)), None)) is not None:
            after = _next_link(text, after, limit, body, trace, bare, mark)
        elif not _is_remark(bare):
            break
        trace.end = position = after


def _add_frame(trace: Trace, bare: str) -> bool:
    """Whether the line is a frame; a flawed one among others counts, as its engine's."""
    frame = frame_of(bare)
    if frame is None and ")" in bare and " in " not in bare and not bare.endswith("()"):
        frame = StackFrame(bare[3 : bare.find("(")].strip()[:1000] or "?")
    if frame is None:
        return False
    trace.links[-1].add(frame)
    return True


def _goes_on(text: str, after: int, limit: int, body: Callable[[str], str | None]) -> bool:
    """Whether a frame or another exception of the chain follows a blank line."""
    bare = (body(line_at(text, after, limit)[0]) or "").strip()
    return (bare.startswith("at ") and frame_of(bare) is not None) or any(bare.startswith(mark) for mark in MARKS)


def _is_remark(bare: str) -> bool:
    if bare.startswith("- "):
        return WAITS.match(bare) is not None
    return bare.startswith(REMARKS)


def _next_link(
    text: str, position: int, limit: int, body: Callable[[str], str | None], trace: Trace, bare: str, mark: str
) -> int:
    """Begin the exception whose line is ``bare``; returns where its frames begin."""
    if CIRCULAR in bare[: len(mark) + 40]:
        return position
    head = head_of(bare, near=True) or Head("", bare[len(mark) :].strip(), mark)
    message, position = rest_of_message(text, position, limit, body, head.message)
    if not head.error_type and not message:
        trace.truncated = True
        return position
    trace.links.append(Link(head.error_type, message, mark))
    return position


def rest_of_message(text: str, position: int, limit: int, body: Callable[[str], str | None], first: str) -> tuple[str, int]:
    """A message whose further lines may follow, and where they end. They count only when a frame or a remark comes next."""
    lines, start = [first], position
    for _ in range(MESSAGE_LINES):
        line, after = line_at(text, position, limit)
        content = body(line)
        bare = content.strip() if content is not None else ""
        begins_frames = bare.startswith(("at ", "... ", *MARKS)) and (not bare.startswith("at ") or frame_of(bare) is not None)
        if begins_frames:
            return "\n".join(lines)[:MESSAGE_LIMIT].strip("\n").rstrip(), position
        if position >= limit or content is None or RECORD.match(content):
            break
        lines.append(content[:MESSAGE_LIMIT])
        position = after
    return first[:MESSAGE_LIMIT].rstrip(), start
