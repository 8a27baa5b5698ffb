"""The lines after a JavaScript error: frames, the block of properties with causes and members, and the runtime."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graph.model.report import Cause
from graph.parsing.javascript.console import console_frame
from graph.parsing.javascript.frames import JavascriptFrame, gecko_frame, stack_frames, v8_frame
from graph.parsing.javascript.header import (
    COMPONENT,
    SOURCE_LINE,
    JavascriptHeader,
    is_observation,
    loosely_named_error,
    named_error,
    without_source,
)
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines

PROPERTY = re.compile(r"\s*\[?(cause|errors)\]?: ?(.*)$")
ERROR_CODE = re.compile(r"  code: '([\w.-]{1,100})',?\s*$")
ELIDED = re.compile(r"\s*(?:\[?\.\.\. (?:\d+ )?lines? matching [^\n]*\.\.\.\]?|\.\.\. \d+ more)\s*$")
RUNTIME = re.compile(r"(Node\.js v\d[\w.+-]*|Bun v\d[\w.+-]*|Deno \d[\w.+-]*)")
CAUSED = re.compile(r"\s*Caused by:? (\S.*)$")
UNTRACED = "(Use `node --trace-uncaught"
BLOCK_LINES = 20_000
MESSAGE_LINES = 60


@dataclass(slots=True)
class JavascriptError:
    """One error of a chain with its frames. ``relation`` is its relation to the previous one."""

    header: JavascriptHeader
    frames: list[JavascriptFrame] = field(default_factory=list)
    relation: str = ""
    further_lines: list[str] = field(default_factory=list)

    def cause(self) -> Cause:
        """The error as a cause in a report."""
        message = "\n".join([self.header.message, *without_source(self.further_lines)]).strip("\n").rstrip()
        return Cause(self.relation, self.header.error_type, message[:MESSAGE_LIMIT], stack_frames(self.frames))


@dataclass(slots=True)
class JavascriptStack:
    """An error with its causes and members. ``runtime`` is name and version of the program's runtime."""

    errors: list[JavascriptError]
    end: int
    facts: dict[str, str] = field(default_factory=dict)
    runtime: str = ""


def read_frames(lines: Lines, into: list[JavascriptFrame], *, console: bool = False) -> bool:
    """Read the frames from the current line on; whether a block of properties opens after the last one.

    With ``console`` frames may have the layout of a console or test runner, with the source quoted between them.
    """
    among = False
    while (line := lines.line) is not None:
        body = line.strip()
        frame = v8_frame(body) or gecko_frame(body, among=among) or (console_frame(line) if console else None)
        if not frame:
            if not ELIDED.match(line) and not (console and into and SOURCE_LINE.match(line)):
                break
            lines.skip()
            continue
        among = among or not body.startswith("at ")
        into.append(frame)
        lines.skip()
        if frame.opens:
            return True
    return False


def read_stack(lines: Lines, header: JavascriptHeader, *, console: bool = False) -> JavascriptStack:
    """Read the stack of ``header`` from the current line on, where its frames or its block start."""
    stack = JavascriptStack([JavascriptError(header)], lines.position)
    indent = _indent(lines.line) - 4
    opens = header.opens or read_frames(lines, stack.errors[0].frames, console=console)
    if opens:
        _read_block(lines, stack, max(indent, 0))
    stack.end = lines.position
    while _skip_observation(lines, stack, max(indent, 0)) or _read_caused(lines, stack):
        stack.end = lines.position
    _read_runtime(lines, stack)
    return stack


def _indent(line: str | None) -> int:
    return len(line) - len(line.lstrip()) if line is not None else 0


def _read_block(lines: Lines, stack: JavascriptStack, indent: int) -> None:
    """Read the properties up to the closing brace, with the causes and members among them."""
    close, members = " " * indent + "}", -1
    for _ in range(BLOCK_LINES):
        line = lines.line
        if line is None:
            return
        if line.startswith(close):
            if line[len(close) :].strip() in {"", ",", "]"}:
                lines.skip()
            return
        body = line.strip()
        frame = v8_frame(body)
        named = PROPERTY.match(line)
        if frame:
            stack.errors[-1].frames.append(frame)
        elif named and named[1] == "errors" and named[2].startswith("["):
            members = _indent(line) + 2
        elif named and named[2]:
            header = named_error(named[2], lines.position, anywhere=False) or loosely_named_error(named[2], lines.position)
            if header:
                stack.errors.append(JavascriptError(header, relation="cause"))
        elif members >= 0 and _indent(line) == members and (header := named_error(line, lines.position, anywhere=False)):
            stack.errors.append(JavascriptError(header, relation="member"))
        elif members >= 0 and _indent(line) < members and body.startswith("]"):
            members = -1
        else:
            _take_property(line, stack, indent)
        lines.skip()


def _take_property(line: str, stack: JavascriptStack, indent: int) -> None:
    """Take a property, or a further message line of an error that has no frames yet."""
    code = ERROR_CODE.match(line[indent:])
    last = stack.errors[-1]
    if code:
        stack.facts.setdefault("error_code", code[1])
    elif last.relation and not last.frames and not ELIDED.match(line) and len(last.further_lines) < MESSAGE_LINES:
        last.further_lines.append(line.strip())


def _skip_observation(lines: Lines, stack: JavascriptStack, indent: int) -> bool:
    """Skip a stack that shows where the error was observed; its block may contain properties of the error."""
    start = lines.position
    lines.skip_blank()
    line = lines.line
    if line is None or not is_observation(line):
        lines.position = start
        return False
    lines.skip()
    lines.skip_blank()
    while lines.line is not None and COMPONENT.match(lines.line):
        lines.skip()
    if read_frames(lines, []):
        _read_block(lines, stack, indent)
    return True


def _read_caused(lines: Lines, stack: JavascriptStack) -> bool:
    """Read the error that a ``Caused by`` line below the frames names."""
    match = CAUSED.match(lines.line or "")
    if not match:
        return False
    header = named_error(match[1], lines.position, anywhere=False) or loosely_named_error(match[1], lines.position)
    if not header:
        return False
    error = JavascriptError(header, relation="cause")
    lines.skip()
    start = lines.position
    for _ in range(MESSAGE_LINES):
        if lines.line is None or v8_frame(lines.line.strip()):
            break
        error.further_lines.append(lines.line)
        lines.skip()
    if not read_frames(lines, error.frames) and not error.frames:
        lines.position, error.further_lines = start, []
    stack.errors.append(error)
    return True


def _read_runtime(lines: Lines, stack: JavascriptStack) -> None:
    """Read the runtime's version, at most a few lines below."""
    for _ in range(4):
        line = lines.line
        if line is None:
            return
        match = RUNTIME.match(line)
        lines.skip()
        if match:
            stack.runtime, stack.end = match[1], lines.position
            return
        if line.strip() and not line.startswith(UNTRACED):
            return
