"""One Java stack trace: the exceptions of its chain with their messages and frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from graph.model.report import Cause, StackFrame
from graph.parsing.java.header import CHAINED, COMPOSED, STACK_LABEL, JavaHeader, Rating, parse_header
from graph.parsing.protocol import MESSAGE_LIMIT, line_at
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.parsing.text.lines import fold_repeats
from graph.parsing.text.log.prefix import RECORD

MESSAGE_LINES = 200
# Remarks between frames: those shared with the enclosing trace, monitors a thread waits for, coroutine boundaries.
REMARKS = ("... ", "- ", "[CIRCULAR REFERENCE", "(Coroutine boundary)", "Original Stack Trace:", "--> ")
WAITS = re.compile(r"- (?:locked|waiting|parking|eliminated|blocked|sleeping|None)\b")
MARKS = tuple(CHAINED)
FOLLOWING = ("at ", "... ", *MARKS)
"""Starts of the lines that follow a message."""
OMITTED = re.compile(r"\.\.\. (\d{1,6}) (?:more|common)")
WORD = re.compile(r"[A-Z]{4,8}: ")
# What people put in place of frames.
ELIDED = re.compile(r"\W{0,20}(?:\.{2,10}|…|\b(?:snip\w*|truncated|omitted|more)\b)\W{0,20}$", re.IGNORECASE)
ELISION = 60
CIRCULAR = "[CIRCULAR REFERENCE"


@dataclass(slots=True)
class JavaException:
    """One exception of a chain, its frames as printed, innermost first. ``mark`` is the text before its class."""

    error_type: str
    message: str
    mark: str = ""
    printed_frames: list[StackFrame] = field(default_factory=list)
    indent: int = 0
    omitted: int = 0

    @property
    def relation(self) -> str:
        """Relation to the exception around it; empty for the one printed first."""
        return CHAINED.get(self.mark, "")

    @property
    def frames(self) -> tuple[StackFrame, ...]:
        """The frames, recursion folded."""
        return fold_repeats(self.printed_frames)


@dataclass(slots=True)
class JavaTrace:
    """A chain of exceptions in printed order, from ``start`` to ``end`` of the text."""

    exceptions: list[JavaException]
    start: int
    end: int
    indent: str = ""
    truncated: bool = False


def read_frames(text: str, position: int, limit: int, strip_prefix: Callable[[str], str | None], trace: JavaTrace) -> None:
    """Read frames, remarks and chained exceptions from the line at ``position`` into ``trace``, and set its end."""
    trace.end = position
    while position < limit:
        line, after = line_at(text, position, limit)
        content = strip_prefix(line)
        if content is None:
            break
        bare = content.strip()
        if not bare:
            if not _continues(text, after, limit, strip_prefix):
                break
        elif bare.startswith("at "):
            if not _add_frame(trace, bare):
                trace.truncated = after >= limit
                trace.end = after if trace.truncated else trace.end
                break
        elif bare.startswith(MARKS):
            mark = next(mark for mark in MARKS if bare.startswith(mark))
            before = len(trace.exceptions)
            after = _begin_exception(text, after, limit, strip_prefix, trace, bare, mark)
            for exception in trace.exceptions[before:]:
                exception.indent = len(content) - len(content.lstrip())
        elif not _is_remark(bare):
            break
        elif omitted := OMITTED.match(bare):
            trace.exceptions[-1].omitted = int(omitted[1])
        trace.end = position = after


def _add_frame(trace: JavaTrace, bare: str) -> bool:
    """Add the frame in a line; a malformed frame among others is kept by its function alone."""
    frame = parse_jvm_frame(bare)
    if frame is None and ")" in bare and " in " not in bare and not bare.endswith("()"):
        frame = StackFrame(bare[3 : bare.find("(")].strip()[:1000] or "?")
    if frame is None:
        return False
    trace.exceptions[-1].printed_frames.append(frame)
    return True


def _continues(text: str, after: int, limit: int, strip_prefix: Callable[[str], str | None]) -> bool:
    """Whether a frame or another exception of the chain follows a blank line."""
    bare = (strip_prefix(line_at(text, after, limit)[0]) or "").strip()
    return (bare.startswith("at ") and parse_jvm_frame(bare) is not None) or bare.startswith(MARKS)


def _is_remark(bare: str) -> bool:
    if bare.startswith("- "):
        return WAITS.match(bare) is not None
    return bare.startswith(REMARKS) or (len(bare) < ELISION and ELIDED.match(bare) is not None)


def _begin_exception(
    text: str,
    position: int,
    limit: int,
    strip_prefix: Callable[[str], str | None],
    trace: JavaTrace,
    bare: str,
    mark: str,
) -> int:
    """Begin the chained exception named by the line ``bare``; returns where its frames begin."""
    if CIRCULAR in bare[: len(mark) + 40]:
        return position
    if mark == COMPOSED:
        line, position = line_at(text, position, limit)
        bare = (strip_prefix(line) or "").strip()
    header = parse_header(bare) or JavaHeader("", bare.removeprefix(mark).strip(), mark)
    message, position = rest_of_message(text, position, limit, strip_prefix, header.message)
    if not header.error_type and not message:
        trace.truncated = True
        return position
    trace.exceptions.append(JavaException(header.error_type, message, mark))
    return position


def rest_of_message(
    text: str, position: int, limit: int, strip_prefix: Callable[[str], str | None], first: str
) -> tuple[str, int]:
    """A message with the first line ``first``, and its end. Further lines count only if frames or remarks follow."""
    lines, start, level = [first], position, 0
    for _ in range(MESSAGE_LINES):
        line, after = line_at(text, position, limit)
        content = strip_prefix(line)
        bare = content.strip() if content is not None else ""
        if bare.startswith(FOLLOWING) and (not bare.startswith("at ") or parse_jvm_frame(bare) is not None):
            if level and any(_names_exception(further) for further in lines[level:]):
                break
            if STACK_LABEL.match(lines[-1].strip()):
                lines.pop()
            return "\n".join(lines)[:MESSAGE_LIMIT].strip("\n").rstrip(), position
        if position >= limit or content is None:
            break
        if RECORD.match(content):
            # A level alone may begin a line of a database's message.
            if not WORD.match(content):
                break
            level = level or len(lines)
        lines.append(content[:MESSAGE_LIMIT])
        position = after
    return first[:MESSAGE_LIMIT].rstrip(), start


def _names_exception(line: str) -> bool:
    header = parse_header(line)
    return header is not None and header.rating is Rating.EXCEPTION


def causes_of(exceptions: Sequence[JavaException]) -> Iterator[Cause]:
    """The exceptions after the first as causes; those of a suppressed one, which are indented as it is, are suppressed too."""
    suppressed: int | None = None
    for exception in exceptions[1:]:
        relation = exception.relation or "cause"
        if relation == "suppressed":
            suppressed = exception.indent
        elif suppressed and exception.indent >= suppressed:
            relation = "suppressed"
        else:
            suppressed = None
        yield Cause(relation, exception.error_type, exception.message, exception.frames, exception.omitted)
