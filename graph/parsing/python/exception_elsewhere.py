"""Exceptions printed apart from their traceback, above it or below it, and tracebacks within the message of another one."""

from __future__ import annotations

import re
from dataclasses import replace

from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, line_at
from graph.parsing.python.trace import EXCEPTION, HEADER, PythonException, exception_without_traceback, read_block

ABOVE_LIMIT = 4_000
UNCAUGHT = "Uncaught Python exception"
ENDINGS = ("Error", "Exception", "Interrupt", "Exit", "Warning")
# AWS Lambda and others print type and message behind the level, then the traceback without them.
LEVEL = re.compile(r"\[?(?:ERROR|CRITICAL|FATAL)\]?:?[ \t]+(?=[\w.]{0,300}?[A-Z]\w{0,100}:)")
MENTIONED = re.compile(r"(?:^|[\s:])([A-Za-z_][\w.]{0,300}(?:Error|Exception|Interrupt|Exit)): ([^\n]*)$")
# Django's report of an error in a request.
BELOW = re.compile(r"\s{0,20}Exception Type: ([\w.]{1,300})(?: at [^\n]{0,1000})?\r?\n(?:Exception Value: ?([^\n]*))?")
CALL_STACK = "Call stack:"
ANNOUNCED = (":", "below.", "trace.", "traceback.")


def exception_elsewhere(text: str, traceback: PythonException, floor: int) -> PythonException | None:
    """The traceback with the exception printed above or below it; ``None`` if it has neither frames nor an exception."""
    below = BELOW.match(text, traceback.span[1])
    if below and traceback.frames:
        message = (below[2] or "").strip()[:MESSAGE_LIMIT]
        return replace(
            traceback, error_type=below[1][:NAME_LIMIT], message=message, span=(traceback.span[0], below.end()), truncated=False
        )
    above = _exception_above(text, traceback.span[0], floor, framed=bool(traceback.frames))
    if above is None:
        return traceback if traceback.frames or traceback.location else None
    span = (above.span[0], traceback.span[1])
    return replace(traceback, error_type=above.error_type, message=above.message, span=span, truncated=False)


def _exception_above(text: str, start: int, floor: int, *, framed: bool) -> PythonException | None:
    """The exception in the lines directly above ``start``; without frames below only one behind a level."""
    floor = max(floor, start - ABOVE_LIMIT)
    above = text[floor:start].rstrip("\r\n")
    mark = above.rfind(UNCAUGHT)
    paragraph = max(above.rfind("\n\n"), above.rfind("\n\r\n"), 0)
    behind_level = None if mark >= 0 else _behind_level(above, paragraph)
    if behind_level is None and not framed:
        return None
    begin = above.find("\n", mark) + 1 if mark >= 0 else behind_level or above.rfind("\n") + 1
    printed = above[begin:]
    raised = EXCEPTION.match(line_at(printed, 0, len(printed))[0])
    if not raised or (mark < 0 and behind_level is None and not raised[1].endswith(ENDINGS)):
        return _mentioned(printed, floor + begin)
    read = exception_without_traceback(printed, 0, len(printed))
    line = above.rfind("\n", 0, begin) + 1
    return replace(read, span=(floor + line, start)) if read else None


def _behind_level(above: str, paragraph: int) -> int | None:
    """Position behind the level of the last line that has an exception there."""
    position = len(above)
    while position > paragraph:
        line = above.rfind("\n", paragraph, position) + 1
        level = LEVEL.match(above, max(line, paragraph))
        if level:
            return level.end()
        if line <= paragraph:
            break
        position = line - 1
    return None


def _mentioned(line: str, start: int) -> PythonException | None:
    """The exception at the end of a log record."""
    mentioned = MENTIONED.search(line) if "\n" not in line else None
    if not mentioned:
        return None
    return PythonException(mentioned[1], mentioned[2].rstrip()[:MESSAGE_LIMIT], (), (start, start + len(line)))


def announces_traceback(text: str, before: PythonException, exception: PythonException) -> bool:
    """Whether the traceback of ``exception`` is part of the message of the one before it, as an error of another process is."""
    end, start = before.span[1], exception.span[0]
    if not before.frames or start - end > 4 or text[end:start].strip() or not before.error_type:
        return False
    header, _ = line_at(text, start, len(text))
    if start == end and HEADER not in header and header.startswith('  File "'):
        return True
    title = header.partition(HEADER)[0].strip()
    return title in {"Original", "Remote", "Worker"} or before.message.endswith(ANNOUNCED)


def with_call_stack(text: str, exception: PythonException) -> PythonException:
    """The error of a logging handler, with the stack of the logging call that Python prints below it."""
    if not text.startswith(CALL_STACK, exception.span[1]):
        return exception
    begin = line_at(text, exception.span[1], len(text))[1]
    caller = read_block(text, exception.span[1], begin, len(text))
    if caller is None or caller.error_type not in {"", "Message"}:
        return exception
    return replace(exception, frames=(*exception.frames, *caller.frames), span=(exception.span[0], caller.span[1]))
