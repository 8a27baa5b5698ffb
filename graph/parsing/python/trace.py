"""One Python traceback: its frames, the exception line, and the multi-line message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graph.model.report import Cause, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.message_end import ends_message, is_one_line, record_start
from graph.parsing.text.python_modules import module_and_in_app

HEADER = "Traceback (most recent call last)"
CHAINS = {
    "The above exception was the direct cause of the following exception": "cause",
    "During handling of the above exception, another exception occurred": "context",
}

FRAME = re.compile(r'File "([^"\n]*)", line (\d{1,9})(?:, in ([^\n]*))?\s*$')
REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]")
# A class, for errors of a Ray task with that of the task in brackets.
EXCEPTION = re.compile(r"([^\W\d][\w.]*(?:<locals>[\w.]*)*)(?:\([A-Z]\w*\))?(?:: ?(.*)|\s*$)", re.DOTALL)
PARAGRAPHS = ("[SQL: ", "[parameters: ", "(Background on this error at: ", "Detected at node ", "Original stack trace for ")
"""Paragraphs that SQLAlchemy and TensorFlow add to a message behind a blank line."""
NATIVE_STACK = "Exception raised from "
NATIVE_FRAME = "frame #"
"""The stack of PyTorch's C++ code, which ends a message."""
COMPILED = (".pyx", ".pxi", ".pxd")
"""Sources of Cython, which an installed package does not contain."""
MESSAGE_LINES = 200
CACHED_LENGTH = 400
DIGITS = str.maketrans("123456789", "000000000")


@dataclass(slots=True)
class PythonException:
    """One exception of a chain with its span; ``relation`` is its relation to the next one."""

    error_type: str
    message: str
    frames: tuple[StackFrame, ...]
    span: tuple[int, int]
    relation: str = ""
    members: tuple[Cause, ...] = ()
    location: tuple[str, int] | None = None
    truncated: bool = False


@dataclass(slots=True)
class _TracebackReader:
    """Collects the frames of a traceback, outermost first; ``prefix`` precedes each of its lines.

    ``record`` is how the log record above the traceback begins.
    """

    frames: list[StackFrame]
    prefix: str = ""
    record: str = ""
    flat: bool = False
    location: tuple[str, int] | None = None

    def add(self, line: str, at: int, match: re.Match[str]) -> None:
        # Some tools mark the frame that caught the exception with an arrow.
        self.flat = not line[:at].endswith(("  ", "> ")) or at < 2
        self.prefix = line[:at] if self.flat else line[: at - 2]
        file, number = match[1][:NAME_LIMIT], int(match[2])
        if match[3] is None:
            self.location = (file, number)
            return
        function = match[3].strip()[:NAME_LIMIT]
        last = self.frames[-1] if self.frames else None
        if last and last.line == number and last.function == function and last.file == file:
            self.repeat(1)
        else:
            short = len(file) + len(function) <= CACHED_LENGTH
            self.frames.append(_cached_frame(file, number, function) if short else _build_frame(file, number, function))

    def repeat(self, more: int) -> None:
        if self.frames:
            self.frames[-1] = replace(self.frames[-1], repeated=self.frames[-1].repeated + more)

    def strip_prefix(self, line: str) -> str | None:
        """The line without the prefix, in which digits may differ; ``None`` if it has another prefix."""
        prefix = self.prefix
        if line.startswith(prefix):
            return line[len(prefix) :]
        if line[: len(prefix)].translate(DIGITS) == prefix.translate(DIGITS):
            return line[len(prefix) :]
        return "" if not line.strip() else None

    def innermost_first(self) -> tuple[StackFrame, ...]:
        if not self.frames and self.location:
            module, in_app = module_and_in_app(self.location[0])
            return (StackFrame("<module>", module[:NAME_LIMIT], self.location[0], self.location[1], in_app),)
        return tuple(reversed(_with_compiled(self.frames)))


def _with_compiled(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    """The frames with compiled ones as those of the installed package that their relative path begins with."""
    if not any((frame.file or "").endswith(COMPILED) for frame in frames):
        return frames
    installed = {frame.module.partition(".")[0] for frame in frames if frame.in_app is False}
    return [replace(frame, in_app=False) if _package_of(frame) in installed else frame for frame in frames]


def _package_of(frame: StackFrame) -> str:
    """The first folder of the relative path in which Cython names a source file; empty for other frames."""
    file = (frame.file or "").replace("\\", "/")
    return file.partition("/")[0] if file.endswith(COMPILED) and "/" in file else ""


def _build_frame(file: str, line: int, function: str) -> StackFrame:
    module, in_app = module_and_in_app(file)
    return StackFrame(function, module[:NAME_LIMIT], file, line, in_app)


# The same frames recur across reports.
_cached_frame = lru_cache(maxsize=16_384)(_build_frame)


def joins_exceptions(line: str) -> bool:
    """Whether the line is the sentence between two exceptions of a chain."""
    return " exception" in line and any(marker in line for marker in CHAINS)


def chain_relation(text: str) -> str:
    """Relation stated between two exceptions; empty if there is none."""
    return next((relation for marker, relation in CHAINS.items() if marker in text), "")


def read_block(text: str, start: int, begin: int, limit: int) -> PythonException | None:
    """Parse the traceback with its first line after the header at ``begin``; its span starts at ``start``.

    ``None`` if there is neither a frame nor an exception. Reads no further than ``limit``.
    """
    reader = _TracebackReader([])
    position = begin
    spaced = not line_at(text, begin, limit)[0].strip()
    while position < limit:
        line, after = line_at(text, position, limit)
        at = line.find('File "')
        match = FRAME.match(line, at) if at >= 0 else None
        if match:
            reader.add(line, at, match)
        elif not line.strip():
            # The source line of a template or of generated code may be blank.
            if not (spaced or line or _continues_after_blank(text, after, limit, reader)):
                break
        elif HEADER in line or joins_exceptions(line):
            break
        else:
            content = reader.strip_prefix(line)
            if content is None and line.startswith("    ") and reader.frames and not reader.flat:
                # A logger that replaces a stream puts its prefix before each piece written, not before each line.
                content = line
            if content is None:
                break
            if not _is_source(text, content, after, limit, reader):
                raised = EXCEPTION.match(content)
                if raised and not ends_message(content):
                    return _with_message(text, start, after, limit, reader, raised)
                break
        position = after
    if not reader.frames and reader.location is None:
        return None
    return PythonException("", "", reader.innermost_first(), (start, position), location=reader.location, truncated=True)


def _is_source(text: str, content: str, after: int, limit: int, reader: _TracebackReader) -> bool:
    """Whether a line belongs to the frame above it: source, carets, or the number of repetitions."""
    repeated = REPEATED.match(content) if "[Previous line" in content else None
    if repeated:
        reader.repeat(int(repeated[1]))
        return True
    if content[:1] in {" ", "\t"}:
        return True
    if not reader.flat or not reader.frames:
        return False
    # Without indentation, a line is source if a frame, carets or the exception follow it.
    if _is_carets(content):
        return True
    following = (reader.strip_prefix(line_at(text, after, limit)[0]) or "").strip()
    return (
        following.startswith('File "') or _is_carets(following) or bool(_is_exception(following) and not _is_exception(content))
    )


def _continues_after_blank(text: str, after: int, limit: int, reader: _TracebackReader) -> bool:
    """Whether the traceback continues with a frame or its exception after a blank line."""
    following = reader.strip_prefix(line_at(text, after, limit)[0]) or ""
    return following.startswith('  File "') or _is_exception(following)


def _is_carets(line: str) -> bool:
    return bool(line) and not line.strip(" ^~")


def _is_exception(line: str) -> bool:
    return bool(EXCEPTION.match(line)) and not ends_message(line)


def _with_message(
    text: str, start: int, after: int, limit: int, reader: _TracebackReader, raised: re.Match[str]
) -> PythonException:
    """The exception of the line ``raised``, with the message lines that follow from ``after`` on."""
    first = (raised[2] or "")[:MESSAGE_LIMIT]
    lines: list[str] = []
    # After a prefix with words every line is a separate record, so the message is only the first line. An exception
    # without a message prints no colon, so it has no further lines either.
    if raised[2] is not None and not reader.prefix.strip(" \t|") and not is_one_line(raised[1], first):
        reader.record = record_start(text, start)
        lines, after = _further_lines(text, after, limit, reader, not first.strip())
    message = "\n".join([first, *lines])[:MESSAGE_LIMIT].strip("\n").rstrip()
    # Maya encloses what it prints in number signs.
    message = message.removesuffix(" #") if reader.prefix == "# " else message
    return PythonException(raised[1][:NAME_LIMIT], message, reader.innermost_first(), (start, after), location=reader.location)


def _further_lines(text: str, position: int, limit: int, reader: _TracebackReader, blank_first: bool) -> tuple[list[str], int]:
    """The lines of a message after the first, and where they end.

    They end at a blank line (unless the message starts with it), at another traceback, and where another record begins.
    """
    lines: list[str] = []
    size = 0
    while position < limit and len(lines) < MESSAGE_LINES and size < MESSAGE_LIMIT:
        line, after = line_at(text, position, limit)
        content = reader.strip_prefix(line)
        if content is None or HEADER in line or joins_exceptions(line) or ends_message(content, reader.record):
            break
        if content.startswith('  File "') and FRAME.match(content, 2):
            break
        if content.startswith(NATIVE_STACK):
            position = _end_of_native_stack(text, after, limit)
            break
        if not content.strip() and not (blank_first and not lines) and not text.startswith(PARAGRAPHS, after):
            break
        if content.strip() or lines:
            lines.append(content[:MESSAGE_LIMIT])
        else:
            blank_first = False
        size += len(content)
        position = after
    return lines, position


def _end_of_native_stack(text: str, position: int, limit: int) -> int:
    """End of the lines of a C++ stack from ``position`` on."""
    while text.startswith(NATIVE_FRAME, position):
        position = line_at(text, position, limit)[1]
    return position


def exception_without_traceback(text: str, start: int, end: int) -> PythonException | None:
    """Parse an exception printed without a traceback: only its line and message."""
    while start < end and text[start] in "\r\n":
        start += 1
    line, after = line_at(text, start, end)
    reader = _TracebackReader([], prefix=line[: len(line) - len(line.lstrip())])
    raised = EXCEPTION.match(line.lstrip())
    return _with_message(text, start, after, end, reader, raised) if raised else None
