"""PHP exceptions with a ``Stack trace:``, as the interpreter prints them, in chains, with or without HTML."""

from __future__ import annotations

import html
import re

from graph.parsing.php.frames import PhpCall, read_calls, read_table
from graph.parsing.php.log import RECORD, PhpException
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start, lines_above

TRACE = "Stack trace:"
UNCAUGHT = "Uncaught "
NEXT = "Next "
CLASS = re.compile(r"[A-Za-z_\\][\w\\]{0,500}(?:@anonymous[^\s:]{0,1000})?(?=:| in |$)")
# Versions before 7 quote class and message.
QUOTED = re.compile(r"exception '([\w\\]{1,500})'(?: with message '(.*)')?$", re.DOTALL)
QUOTING = "exception '"
LOCATION = re.compile(r"([^\n]{1,1000}?)(?::| on line )(\d{1,9})\s*$")
CALLED = re.compile(r", called in \S[^\n]{0,1000}? on line \d{1,9}(?: and defined)?$")
LEVEL = re.compile(r"(?:PHP )?(?:<b>)?(?:[A-Z][a-z]+ )?(?:[Ee]rror|Warning)(?:</b>)?: {1,3}")
THROWN = re.compile(r"[ \t]+thrown in ")
ABOVE_LINES = 60


def read_chain(text: str, at: int, floor: int) -> list[PhpException]:
    """The exceptions of the chain with its first ``Stack trace:`` at ``at``, in the order thrown."""
    first = _exception_above(text, line_start(text, at, floor), floor)
    if not first:
        return []
    chain = [first]
    lines = Lines(text, line_start(text, at, floor))
    lines.skip()
    first.calls = read_calls(lines)
    first.span = (first.span[0], lines.position)
    while another := _read_next_exception(lines):
        chain.append(another)
    if lines.line is not None and THROWN.match(lines.line):
        lines.skip()
    if not chain[-1].calls:
        chain[-1].calls = read_table_below(lines, chain[-1].error_type)
    else:
        read_table(lines)
    chain[-1].span = (chain[-1].span[0], lines.position)
    return chain


def read_table_below(lines: Lines, error_type: str) -> list[PhpCall]:
    """Read the Xdebug table below an error, which may repeat the error's header; the cursor stays if there is none."""
    start = lines.position
    lines.skip_blank()
    if lines.line is not None and lines.line.startswith(f"{error_type}: "):
        lines.skip()
    calls = read_table(lines)
    if not calls:
        lines.position = start
    return calls


def _read_next_exception(lines: Lines) -> PhpException | None:
    """Read the exception thrown while the previous one was handled, if one follows."""
    position = lines.position
    if lines.line is not None and not lines.line.strip():
        lines.skip()
    if lines.line is None or not lines.line.startswith(NEXT):
        lines.position = position
        return None
    start = lines.position
    header_lines = [lines.line.removeprefix(NEXT)]
    lines.skip()
    for _ in range(ABOVE_LINES):
        if (
            lines.line is None
            or lines.line.startswith(TRACE)
            or (not lines.line.strip() and trailing_location(header_lines[-1]))
        ):
            break
        header_lines.append(lines.line)
        lines.skip()
    else:
        lines.position = position
        return None
    calls: list[PhpCall] = []
    if lines.line is not None and lines.line.startswith(TRACE):
        lines.skip()
        calls = read_calls(lines)
    header = parse_header("\n".join(header_lines))
    if not header:
        lines.position = position
        return None
    return PhpException(*header, calls, (start, lines.position))


def _exception_above(text: str, trace: int, floor: int) -> PhpException | None:
    """The exception above a stack; its header may have several lines."""
    header_lines: list[str] = []
    for begin, full_line in lines_above(text, trace, floor, ABOVE_LINES):
        line = full_line.rstrip()
        mark = line.find(UNCAUGHT)
        if mark >= 0 and (CLASS.match(line, mark + len(UNCAUGHT)) or line.startswith(QUOTING, mark + len(UNCAUGHT))):
            header_match = parse_header("\n".join([line[mark + len(UNCAUGHT) :], *header_lines[::-1]]))
            return PhpException(*header_match, [], (begin, trace)) if header_match else None
        if line.startswith(TRACE):
            break
        header_lines.append(line)
        offset = _class_position(line)
        if offset >= 0 and not LEVEL.match(line):
            header = "\n".join([line[offset:], *header_lines[-2::-1]])
            header_match = parse_header(header)
            if header_match and header_match[2]:
                return PhpException(*header_match, [], (begin, trace))
        if header_lines[-1] == "" and len(header_lines) > 1:
            break
    return None


def _class_position(line: str) -> int:
    """Position of a class with a message in a line without ``Uncaught``, or -1."""
    if CLASS.match(line) or line.startswith(QUOTING):
        return 0
    record = RECORD.match(line)
    if record and (CLASS.match(line, record.end()) or line.startswith(QUOTING, record.end())):
        return record.end()
    for mark in ("] ", ": "):
        at = line.rfind(mark, 0, 300)
        match = CLASS.match(line, at + 2) if at >= 0 else None
        if match and match[0].endswith(("Exception", "Error")):
            return at + 2
    return -1


def parse_header(header: str) -> tuple[str, str, tuple[str, int] | None] | None:
    """Class, message and location of an exception from the text above its stack."""
    if "<b>" in header:
        header = html.unescape(header.replace("<b>", "").replace("</b>", ""))
    cut, location = trailing_location(header) or (len(header), None)
    quoted = QUOTED.match(header[:cut].rstrip()) if header.startswith(QUOTING) else None
    if quoted:
        return quoted[1], (quoted[2] or "")[:MESSAGE_LIMIT], location
    named = CLASS.match(header)
    if not named:
        return None
    message = CALLED.sub("", header[named.end() : cut].removeprefix(":").strip())
    return named[0].partition("\x00")[0], message[:MESSAGE_LIMIT], location


def trailing_location(header: str) -> tuple[int, tuple[str, int]] | None:
    """The location that a header ends with, and where the text before it ends."""
    at = max(header.rfind(" in "), header.rfind("\nin "))
    match = LOCATION.match(header, at + 4) if at >= 0 else None
    return (at, (match[1], int(match[2]))) if match else None
