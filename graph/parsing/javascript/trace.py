"""What follows the error of JavaScript: its frames, the block of its properties with causes and members, and the runtime."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graph.model.report import Cause
from graph.parsing.javascript.frames import Found, frames_of, gecko_frame, v8_frame
from graph.parsing.javascript.header import Head, is_aside, quoted_out, strong_head, weak_head
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
class Link:
    """One error. ``relation`` says how it hangs on the one before it."""

    head: Head
    found: list[Found] = field(default_factory=list)
    relation: str = ""
    below: list[str] = field(default_factory=list)

    def cause(self) -> Cause:
        """This link as one of a chain."""
        message = "\n".join([self.head.message, *quoted_out(self.below)]).strip("\n").rstrip()
        return Cause(self.relation, self.head.error_type, message[:MESSAGE_LIMIT], frames_of(self.found))


@dataclass(slots=True)
class Stack:
    """An error with what hangs on it. ``runtime`` is what ran the program."""

    links: list[Link]
    end: int
    facts: dict[str, str] = field(default_factory=dict)
    runtime: str = ""


def read_frames(lines: Lines, into: list[Found]) -> bool:
    """Take the frames from the present line on; whether a block of properties begins behind the last one."""
    among = False
    while (line := lines.line) is not None:
        body = line.strip()
        found = v8_frame(body) or gecko_frame(body, among=among)
        if not found:
            if not ELIDED.match(line):
                break
            lines.skip()
            continue
        among = among or not body.startswith("at ")
        into.append(found)
        lines.skip()
        if found.opens:
            return True
    return False


def read_stack(lines: Lines, head: Head) -> Stack:
    """The stack of ``head`` from the present line on, where its frames, or its block, begin."""
    stack = Stack([Link(head)], lines.position)
    indent = _indent(lines.line) - 4
    opens = head.opens or read_frames(lines, stack.links[0].found)
    if opens:
        _read_block(lines, stack, max(indent, 0))
    stack.end = lines.position
    while _read_aside(lines, stack, max(indent, 0)) or _read_caused(lines, stack):
        stack.end = lines.position
    _read_runtime(lines, stack)
    return stack


def _indent(line: str | None) -> int:
    return len(line) - len(line.lstrip()) if line is not None else 0


def _read_block(lines: Lines, stack: Stack, indent: int) -> None:
    """The properties up to the brace that closes them, with the errors that hang on this one."""
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
        found = v8_frame(body)
        named = PROPERTY.match(line)
        if found:
            stack.links[-1].found.append(found)
        elif named and named[1] == "errors" and named[2].startswith("["):
            members = _indent(line) + 2
        elif named and named[2]:
            head = strong_head(named[2], lines.position, anywhere=False) or weak_head(named[2], lines.position)
            if head:
                stack.links.append(Link(head, relation="cause"))
        elif members >= 0 and _indent(line) == members and (head := strong_head(line, lines.position, anywhere=False)):
            stack.links.append(Link(head, relation="member"))
        elif members >= 0 and _indent(line) < members and body.startswith("]"):
            members = -1
        else:
            _take(line, stack, indent)
        lines.skip()


def _take(line: str, stack: Stack, indent: int) -> None:
    """A property, or a further line of the message of an error that has no frames yet."""
    code = ERROR_CODE.match(line[indent:])
    last = stack.links[-1]
    if code:
        stack.facts.setdefault("error_code", code[1])
    elif last.relation and not last.found and not ELIDED.match(line) and len(last.below) < MESSAGE_LINES:
        last.below.append(line.strip())


def _read_aside(lines: Lines, stack: Stack, indent: int) -> bool:
    """Go past a stack that tells where the error was observed; its block may hold the error's own properties."""
    start = lines.position
    lines.skip_blank()
    line = lines.line
    if line is None or not is_aside(line):
        lines.position = start
        return False
    lines.skip()
    lines.skip_blank()
    if read_frames(lines, []):
        _read_block(lines, stack, indent)
    return True


def _read_caused(lines: Lines, stack: Stack) -> bool:
    """The error that a line below the frames says this one was caused by."""
    found = CAUSED.match(lines.line or "")
    if not found:
        return False
    head = strong_head(found[1], lines.position, anywhere=False) or weak_head(found[1], lines.position)
    if not head:
        return False
    link = Link(head, relation="cause")
    lines.skip()
    start = lines.position
    for _ in range(MESSAGE_LINES):
        if lines.line is None or v8_frame(lines.line.strip()):
            break
        link.below.append(lines.line)
        lines.skip()
    if not read_frames(lines, link.found) and not link.found:
        lines.position, link.below = start, []
    stack.links.append(link)
    return True


def _read_runtime(lines: Lines, stack: Stack) -> None:
    """The version of the runtime, which stands at most a few lines below."""
    for _ in range(4):
        line = lines.line
        if line is None:
            return
        found = RUNTIME.match(line)
        lines.skip()
        if found:
            stack.runtime, stack.end = found[1], lines.position
            return
        if line.strip() and not line.startswith(UNTRACED):
            return
