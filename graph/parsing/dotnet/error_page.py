"""The error page of ASP.NET, copied from a browser: exceptions in brackets, the cause first, and frames without "at"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.model.report import Cause, ParsedReport, StackFrame
from graph.parsing.dotnet.frames import build_frame
from graph.parsing.dotnet.trace import DotnetException
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at
from graph.parsing.text.report import complete

SIGNS = SharedLiterals("]\n   ", "]\r\n   ")
PAGE_ERROR = re.compile(
    r"^[ \t]{0,8}\[(?P<type>[A-Z][\w.]{0,200}(?:Exception|Error))(?: \((?P<code>0x[0-9a-fA-F]{1,16})\))?: "
    r"(?P<message>[^\n]{0,16000})$",
    re.MULTILINE,
)
FRAME = re.compile(
    r"\s{1,20}(?P<name>[^\s()]{1,1000})\([^()\n]{0,2000}\)(?: in (?P<file>[^\n]{1,1000}):(?P<line>\d{1,9})| \+\d{1,9}|(?=\s*$))"
)
DETAILS = re.compile(r"Exception Details: ([\w.]{1,300}): ")
DETAILS_DISTANCE = 20_000
MESSAGE_LINES = 20


def has_error_page(text: str) -> bool:
    """Whether a text may have such a page."""
    return SIGNS.occurs_in(text) and PAGE_ERROR.search(text) is not None


def error_pages(text: str) -> Iterator[ParsedReport]:
    """One report per page: the exceptions that follow each other, the last one is the error, those above are its causes."""
    chain: list[DotnetException] = []
    start = end = 0
    for match in PAGE_ERROR.finditer(text):
        if match.start() < end:
            continue
        exception, after = _exception(text, match)
        if exception is None:
            continue
        if chain and text[end : match.start()].strip():
            yield _report(text, chain, (start, end))
            chain = []
        start = start if chain else match.start()
        chain.append(exception)
        end = after
    if chain:
        yield _report(text, chain, (start, end))


def _exception(text: str, match: re.Match[str]) -> tuple[DotnetException | None, int]:
    """The exception in brackets at a match and its end; ``None`` without frames."""
    lines = [match["message"].rstrip("\r")]
    position = min(match.end() + 1, len(text))
    for _ in range(MESSAGE_LINES):
        if lines[-1].endswith("]") or position >= len(text):
            break
        line, position = line_at(text, position, len(text))
        lines.append(line)
    message = "\n".join(lines).rstrip()
    exception = DotnetException(match["type"], message.removesuffix("]")[:MESSAGE_LIMIT], match["code"] or "")
    while position < len(text):
        line, after = line_at(text, position, len(text))
        frame = FRAME.match(line) if "." in line else None
        if not frame:
            break
        exception.printed_frames.append(_frame(frame))
        position = after
    return (exception, position) if message.endswith("]") and exception.printed_frames else (None, position)


def _frame(match: re.Match[str]) -> StackFrame:
    return build_frame(match["name"], match["file"], int(match["line"]) if match["line"] else None)


def _report(text: str, chain: list[DotnetException], span: tuple[int, int]) -> ParsedReport:
    *causes, error = chain
    details = DETAILS.search(text, max(0, span[0] - DETAILS_DISTANCE), span[0])
    names = {details[1].rpartition(".")[2]: details[1]} if details else {}
    return complete(
        ParsedReport(
            format="dotnet",
            error_type=names.get(error.error_type, error.error_type),
            message=error.message,
            frames=error.frames,
            causes=tuple(
                Cause("cause", names.get(cause.error_type, cause.error_type), cause.message, cause.frames)
                for cause in causes[::-1]
            ),
            extra={"error_code": error.code} if error.code else {},
            span=span,
        ),
        "dotnet",
    )
