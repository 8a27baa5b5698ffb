"""PHP exceptions in log records: ``[object] (Class(code: 0): message at file:line)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.php.frames import PhpCall, read_calls
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.lines import Lines, line_start, lines_above

OBJECT = "[object] ("
STACK = "[stacktrace]"
PREVIOUS = "[previous exception] "
UNCAUGHT = "Uncaught PHP Exception "
CLASS = re.compile(r"([A-Za-z_\\][\w\\@]{0,500})(?:\(code: ([^)\n]{0,100})\))?: ?")
AT = " at "
LOCATION = re.compile(r" at ([^\n]{1,1000}):(\d{1,9})\s*$")
RECORD = re.compile(r"\[\d{4}-\d\d-\d\d[T ][^\]\n]{1,40}\] [\w.-]{1,60}\.[A-Z]{3,12}: ")
DESCRIBED = re.compile(rf"{UNCAUGHT}([\w\\]{{1,500}}): \"(.*)\" at (\S[^\n]{{0,1000}}?) line (\d{{1,9}})")
# End of an exception's header: its stack, the previous exception, or the end of the surrounding value.
CLOSE = re.compile(r"\)(?=\r?\n\[stacktrace\]|\r?\n\[previous exception\]|\"| \{|\r\n|\s*\Z)")
HEADER_LIMIT = 40_000
RECORD_LINES = 60
LINE_LIMIT = 400_000


@dataclass(slots=True)
class PhpException:
    """One exception with its calls, innermost first."""

    error_type: str
    message: str
    location: tuple[str, int] | None
    calls: list[PhpCall]
    span: tuple[int, int]


def described_exception(text: str, at: int) -> PhpException | None:
    """Parse the exception that a record describes in words."""
    end = text.find("\n", at)
    stop = min(len(text) if end < 0 else end, at + HEADER_LIMIT)
    match = DESCRIBED.match(text, at, stop)
    if not match:
        return None
    begin = line_start(text, at)
    return PhpException(
        match[1], match[2][:MESSAGE_LIMIT], (match[3], int(match[4])), [], (begin, stop if end < 0 else end + 1)
    )


def logged_exceptions(text: str, at: int, floor: int) -> list[PhpException]:
    """The exceptions of the record around ``at``: the logged one, then its causes."""
    begin = _record_start(text, line_start(text, at, floor), floor)
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    line = text[at : min(end, at + LINE_LIMIT)]
    if "\\n" in line and (STACK in line or PREVIOUS in line):
        # The record is one line, with escaped line ends.
        exceptions = _logged_chain(line.replace("\\n", "\n").replace("\\\\", "\\").replace("\\/", "/"), 0)
        for exception in exceptions:
            exception.span = (begin, min(end + 1, len(text)))
        return exceptions
    exceptions = _logged_chain(text, at)
    for exception in exceptions:
        exception.span = (begin, exception.span[1])
    return exceptions


def _record_start(text: str, line: int, floor: int) -> int:
    """Start of the record around the line at ``line``: its message may have several lines."""
    if RECORD.match(text, line):
        return line
    above = lines_above(text, line, floor, RECORD_LINES)
    return next((start for start, _ in above if RECORD.match(text, start)), line)


def _logged_chain(text: str, at: int) -> list[PhpException]:
    chain: list[PhpException] = []
    while at >= 0:
        exception = _logged_exception(text, at + len(OBJECT))
        if not exception:
            break
        chain.append(exception)
        after = exception.span[1]
        after += len(text[after : after + 4]) - len(text[after : after + 4].lstrip())
        at = after + len(PREVIOUS) if text.startswith(PREVIOUS + OBJECT, after) else -1
    if chain:
        # The record continues after the frames to the end of its line.
        after = chain[-1].span[1]
        if text[max(after - 1, 0) : after] != "\n" or text[after : after + 2] in {'"}', "'}"}:
            end = text.find("\n", after)
            chain[-1].span = (chain[-1].span[0], len(text) if end < 0 else end + 1)
    return chain


def _logged_exception(text: str, start: int) -> PhpException | None:
    named = CLASS.match(text, start)
    if not named:
        return None
    limit = min(len(text), named.end() + HEADER_LIMIT)
    match = CLOSE.search(text, named.end(), limit)
    end = text.find("\n", named.end(), limit) if not match else -1
    stop = match.start() if match else limit if end < 0 else end
    header = text[named.end() : stop]
    # The message may contain " at " and, of a failed statement, the user's data; the location is what follows the last one.
    location = LOCATION.match(header, max(header.rfind(AT), 0))
    message = _unescaped(header[: location.start()] if location else header)
    lines = Lines(text, text.find("\n", stop) + 1 if "\n" in text[stop : stop + 4] else stop + 1)
    calls: list[PhpCall] = []
    if lines.line is not None and lines.line.startswith(STACK):
        lines.skip()
        calls = read_calls(lines)
    error_type = named[1].replace("\\\\", "\\")
    return PhpException(
        error_type,
        message[:MESSAGE_LIMIT],
        (_unescaped(location[1]), int(location[2])) if location else None,
        calls,
        (start, lines.position),
    )


def _unescaped(text: str) -> str:
    """Text from a JSON string with unescaped line ends."""
    return text.replace('\\"', '"').replace("\\/", "/").replace("\\\\", "\\")
