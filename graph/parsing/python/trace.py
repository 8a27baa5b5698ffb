"""One traceback of Python: its frames, the exception line, and the message with its further lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from graph.model.report import Cause, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.modules import place

HEADER = "Traceback (most recent call last)"
CHAINS = {
    "The above exception was the direct cause of the following exception": "cause",
    "During handling of the above exception, another exception occurred": "context",
}

FRAME = re.compile(r'File "([^"\n]*)", line (\d{1,9})(?:, in ([^\n]*))?\s*$')
REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]")
EXCEPTION = re.compile(r"([^\W\d][\w.]*(?:<locals>[\w.]*)*)(?:: ?(.*)|\s*$)", re.DOTALL)
# What begins like this is another record of a log, not a further line of a message.
RECORD = re.compile(
    r"\[?\d{4}[-/.]\d\d?[-/.]\d\d?[ T\]]|\[?\d{1,2}:\d\d:\d\d"
    r"|\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\]: ]"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |[IWEF]\d{4} \d\d:|={2,}|-{4,}|_{4,} |\"\"\"$|'''$"
)
MESSAGE_LINES = 200
REMEMBERED_LENGTH = 400
DIGITS = str.maketrans("123456789", "000000000")


@dataclass(slots=True)
class Link:
    """One exception of a chain. ``span`` is where it stands; ``relation`` is how it hangs on the next one."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    span: tuple[int, int]
    relation: str = ""
    members: tuple[Cause, ...] = ()
    location: tuple[str, int] | None = None
    truncated: bool = False


@dataclass(slots=True)
class _Stack:
    """Frames while they are read, outermost first; ``prefix`` is what stands before every line of the traceback."""

    frames: list[StackFrame]
    prefix: str = ""
    flat: bool = False
    location: tuple[str, int] | None = None

    def add(self, line: str, at: int, found: re.Match[str]) -> None:
        # Some tools mark the frame where an error was caught with an arrow.
        self.flat = not line[:at].endswith(("  ", "> ")) or at < 2
        self.prefix = line[:at] if self.flat else line[: at - 2]
        file, number = found[1][:NAME_LIMIT], int(found[2])
        if found[3] is None:
            self.location = (file, number)
            return
        function = found[3].strip()[:NAME_LIMIT]
        last = self.frames[-1] if self.frames else None
        if last and last.line == number and last.function == function and last.file == file:
            self.repeat(1)
        else:
            short = len(file) + len(function) <= REMEMBERED_LENGTH
            self.frames.append(_remembered(file, number, function) if short else _frame(file, number, function))

    def repeat(self, more: int) -> None:
        if self.frames:
            self.frames[-1] = replace(self.frames[-1], repeated=self.frames[-1].repeated + more)

    def body(self, line: str) -> str | None:
        """The line without the traceback's prefix (whose digits may differ), or ``None`` when it has another."""
        prefix = self.prefix
        if line.startswith(prefix):
            return line[len(prefix) :]
        if line[: len(prefix)].translate(DIGITS) == prefix.translate(DIGITS):
            return line[len(prefix) :]
        return "" if not line.strip() else None

    def innermost_first(self) -> tuple[StackFrame, ...]:
        if not self.frames and self.location:
            module, in_app = place(self.location[0])
            return (StackFrame("<module>", module[:NAME_LIMIT], self.location[0], self.location[1], in_app),)
        return tuple(reversed(self.frames))


def _frame(file: str, line: int, function: str) -> StackFrame:
    module, in_app = place(file)
    return StackFrame(function, module[:NAME_LIMIT], file, line, in_app)


# The same frames come again and again.
_remembered = lru_cache(maxsize=16_384)(_frame)


def is_chain(line: str) -> bool:
    """Whether a line joins two exceptions of a chain."""
    return " exception" in line and any(marker in line for marker in CHAINS)


def chain_word(text: str) -> str:
    """How the two exceptions hang together that a text stands between, or an empty text when they do not."""
    return next((relation for marker, relation in CHAINS.items() if marker in text), "")


def folded(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames, equal neighbours as one."""
    found: list[StackFrame] = []
    times: list[int] = []
    for frame in frames:
        if found and found[-1] == frame:
            times[-1] += 1
        else:
            found.append(frame)
            times.append(1)
    return tuple(replace(frame, repeated=count) if count > 1 else frame for frame, count in zip(found, times, strict=True))


def read_block(text: str, start: int, begin: int, limit: int) -> Link | None:
    """The traceback whose first line after the header starts at ``begin``; ``start`` is where its span begins.

    ``None`` when there is neither a frame nor an exception. Reads no further than ``limit``.
    """
    stack = _Stack([])
    position = begin
    spaced = not line_at(text, begin, limit)[0].strip()
    while position < limit:
        line, after = line_at(text, position, limit)
        at = line.find('File "')
        found = FRAME.match(line, at) if at >= 0 else None
        if found:
            stack.add(line, at, found)
        elif not line.strip():
            # The source line of a template or of generated code can be blank.
            if not (spaced or line or _continues(text, after, limit, stack)):
                break
        elif HEADER in line or is_chain(line):
            break
        else:
            body = stack.body(line)
            if body is None:
                break
            if not _is_source(text, body, after, limit, stack):
                raised = EXCEPTION.match(body)
                if raised:
                    return _with_message(text, start, after, limit, stack, raised)
                break
        position = after
    if not stack.frames and stack.location is None:
        return None
    return Link("", "", stack.innermost_first(), (start, position), location=stack.location, truncated=True)


def _is_source(text: str, body: str, after: int, limit: int, stack: _Stack) -> bool:
    """Whether a line that is no frame belongs to the frame above it: its source, its carets, or how often it is repeated."""
    repeated = REPEATED.match(body) if "[Previous line" in body else None
    if repeated:
        stack.repeat(int(repeated[1]))
        return True
    if body[:1] in {" ", "\t"}:
        return True
    if not stack.flat or not stack.frames:
        return False
    # Indentation was lost on the way: a line is source when a frame, carets or the exception follow it.
    if _is_carets(body):
        return True
    following = (stack.body(line_at(text, after, limit)[0]) or "").strip()
    return following.startswith('File "') or _is_carets(following) or bool(_exception(following) and not _exception(body))


def _continues(text: str, after: int, limit: int, stack: _Stack) -> bool:
    """Whether the traceback goes on with a frame or its exception after a blank line."""
    following = stack.body(line_at(text, after, limit)[0]) or ""
    return following.startswith('  File "') or _exception(following)


def _is_carets(line: str) -> bool:
    return bool(line) and not line.strip(" ^~")


def _exception(line: str) -> bool:
    return bool(EXCEPTION.match(line)) and not RECORD.match(line)


def _with_message(text: str, start: int, after: int, limit: int, stack: _Stack, raised: re.Match[str]) -> Link:
    """The link whose exception line is ``raised`` and ends where ``after`` begins."""
    first = (raised[2] or "")[:MESSAGE_LIMIT]
    lines: list[str] = []
    # Behind a prefix with words in it every line is a record of its own, so only the first belongs to the message.
    if not stack.prefix.strip(" \t|"):
        lines, after = _further_lines(text, after, limit, stack, raised[2] is not None and not first.strip())
    message = "\n".join([first, *lines])[:MESSAGE_LIMIT].strip("\n").rstrip()
    return Link(raised[1][:NAME_LIMIT], message, stack.innermost_first(), (start, after), location=stack.location)


def _further_lines(text: str, position: int, limit: int, stack: _Stack, blank_first: bool) -> tuple[list[str], int]:
    """The lines of a message after its first, and where they end.

    They end at a blank line (a message that begins with one is read past it), at another traceback and at what looks
    like another record of a log.
    """
    lines: list[str] = []
    size = 0
    while position < limit and len(lines) < MESSAGE_LINES and size < MESSAGE_LIMIT:
        line, after = line_at(text, position, limit)
        body = stack.body(line)
        if body is None or HEADER in line or is_chain(line) or RECORD.match(body):
            break
        if not body.strip() and not (blank_first and not lines):
            break
        if body.strip() or lines:
            lines.append(body[:MESSAGE_LIMIT])
        else:
            blank_first = False
        size += len(body)
        position = after
    return lines, position


def bare(text: str, start: int, end: int) -> Link | None:
    """An exception that was printed without a traceback: only its line and its message."""
    while start < end and text[start] in "\r\n":
        start += 1
    line, after = line_at(text, start, end)
    stack = _Stack([], prefix=line[: len(line) - len(line.lstrip())])
    raised = EXCEPTION.match(line.lstrip())
    return _with_message(text, start, after, end, stack, raised) if raised else None
