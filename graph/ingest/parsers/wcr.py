"""WHATS'ON crash reports (WCR) and other runtime diagnostic dumps of VisualWorks Smalltalk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from graph.ingest import severity
from graph.ingest.culprit import culprit
from graph.ingest.parsers.base import MESSAGE_LIMIT, line_at, size_class
from graph.ingest.parsers.wcr_frames import numbered_frames
from graph.ingest.parsers.wcr_header import Header, header_of
from graph.model.report import ParsedReport, StackFrame

NAME = "RUNTIME DIAGNOSTIC DUMP"
BEGIN = re.compile(r"==\s*(\d{1,4}/\d{1,2}/\d{1,4})\s*==\s*(\d{1,2}:\d{1,2}:\d{1,2})[^=\n]{0,20}==\s*BEGIN " + NAME)
END = re.compile(r"==\s*(\d{1,4}/\d{1,2}/\d{1,4})\s*==\s*(\d{1,2}:\d{1,2}:\d{1,2})[^=\n]{0,20}==\s*END " + NAME)
CAUSE = "Cause of Dump:"
CLASS_NAME = re.compile(r"[A-Z][\w.]*")
PARAMETER = re.compile(r"an? ((?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Violation|Warning|Signal|Notification))\b")
UNHANDLED = re.compile(r"Unhandled exception:?\s*", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
# These say only that something was not handled; what it was stands in their parameter.
GENERIC = frozenset({"UnhandledException", "UnhandledError"})
KILOBYTES = re.compile(r"([\d][\d., \u00a0\u202f']*)\s*KB", re.IGNORECASE)
DATABASE_CLASSES = {
    "OracleConnection": "Oracle",
    "PostgreSQL": "PostgreSQL",
    "Postgres": "PostgreSQL",
    "SQLServer": "SQL Server",
}


class WcrParser:
    """WHATS'ON crash reports and VisualWorks dumps."""

    name = "wcr"
    title = "WHATS'ON crash reports and VisualWorks runtime diagnostic dumps"
    takes = (
        "site, version, build, user, computer, time and its zone",
        "database, its version, name and client",
        "process, receiver and parameter of the exception",
        "the memory limit of the image",
    )
    example = (
        "==2026/3/19==10:4:34==BEGIN RUNTIME DIAGNOSTIC DUMP\n"
        "System Error Report\n"
        "Whats'On User: planner\nSite: North\nVersion: 2026r1.000.001\n"
        "Cause of Dump: Message not understood: #startTime\n"
        "----------------------------------------------------------------------\n"
        "Active Process\nProcess named: 'planning'\nContext stack\n"
        "[1] \tUndefinedObject(Object)>>doesNotUnderstand:\n"
        "[2] \tPlanning.Block>>slotAfter:\n"
        "[3] \tPlanning.Day>>fill\n"
        "==2026/3/19==10:4:35==END RUNTIME DIAGNOSTIC DUMP\n"
    )

    def sniff(self, text: str) -> float:
        """1 with a dump's begin or end, less with only the lines that stand in every one."""
        if NAME in text:
            return 1.0
        return 0.7 if CAUSE in text and ("Context stack" in text or "Context Stack" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report for each dump; a dump without a begin or an end is marked truncated."""
        for start, end in _dumps(text):
            report = _report(text, start, end)
            if report:
                yield report


def _dumps(text: str) -> Iterator[tuple[int, int]]:
    """Where each dump stands: from its begin line to its end line, or to the next begin, or to the end of the text."""
    position = 0
    starts = [found.start() for found in BEGIN.finditer(text)]
    for index, start in enumerate([*starts, len(text)]):
        if position < start and _looks_cut(text, position, start):
            yield position, start
        if start == len(text):
            return
        following = starts[index + 1] if index + 1 < len(starts) else len(text)
        ended = END.search(text, start, following)
        position = _line_end(text, ended.end(), following) if ended else following
        yield start, position


def _looks_cut(text: str, start: int, end: int) -> bool:
    """Whether a part without a begin line is what is left of a dump."""
    if text.find(CAUSE, start, end) >= 0:
        return True
    return text.find("END " + NAME, start, end) >= 0 and text.find("[1]", start, end) >= 0


def _line_end(text: str, position: int, limit: int) -> int:
    end = text.find("\n", position, limit)
    return limit if end < 0 else end + 1


def _report(text: str, start: int, end: int) -> ParsedReport | None:
    lines = list(_lines(text, start, end))
    header = header_of(lines)
    active = _first(lines, "active process", _first(lines, "context stack", 0))
    frames, receiver = numbered_frames(lines[active:])
    exception = _exception(lines)
    message = _message(header.cause or exception.get("errorString", ""))
    error_type = _error_type(exception, message, header.cause)
    if not error_type and not frames:
        return None
    begun, ended = BEGIN.match(text, start), END.search(text, max(start, end - 200), end)
    return ParsedReport(
        format="wcr",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=culprit(frames, "smalltalk"),
        occurred_at=_occurred_at(begun or ended, header.offset),
        severity=severity.infer(error_type, message),
        product=header.product,
        version=header.version,
        site=header.site,
        user=header.user,
        environment=_environment(header, frames, lines),
        extra=_extra(header, exception, receiver, lines[active : active + 6]),
        span=(start, end),
        truncated=not (begun and ended),
    )


def _first(lines: list[str], beginning: str, otherwise: int) -> int:
    """Index of the first line with this beginning, in any case."""
    return next((index for index, line in enumerate(lines) if line[:40].lower().startswith(beginning)), otherwise)


def _lines(text: str, start: int, end: int) -> Iterator[str]:
    """The lines that are not blank."""
    position = start
    while position < end:
        line, position = line_at(text, position, end)
        if line.strip():
            yield line.rstrip()


def _exception(lines: list[str]) -> dict[str, str]:
    """The fields of the section ``Unhandled Exception``."""
    fields: dict[str, str] = {}
    found = False
    for line in lines:
        if not found:
            found = line.startswith("Unhandled Exception")
            continue
        key, colon, value = line.strip().partition(":")
        if line.startswith("---") or not line[:1].isspace() or not colon or len(fields) == 8:
            break
        fields.setdefault(key.strip(), value.strip())
    return fields


def _message(cause: str) -> str:
    found = UNHANDLED.match(cause)
    return cause[found.end() if found else 0 :].strip()[:MESSAGE_LIMIT]


def _error_type(exception: dict[str, str], message: str, cause: str) -> str:
    """The class of the exception, else a name made from the words at the beginning of the cause."""
    name = exception.get("class", "")
    if name in GENERIC:
        parameter = PARAMETER.match(exception.get("parameter", ""))
        name = parameter[1] if parameter else ""
    if CLASS_NAME.fullmatch(name):
        return name
    words = WORD.findall(message.split("\n", 1)[0].split(":", 1)[0][:200])
    if words and len(words) <= 6:
        return "".join(word[:1].upper() + word[1:] for word in words)
    return "UnhandledException" if cause or exception else ""


def _occurred_at(stamp: re.Match[str] | None, offset: int) -> datetime | None:
    """The time of the begin line, local at ``offset`` seconds east of Greenwich, as UTC."""
    if not stamp:
        return None
    try:
        year, month, day = (int(part) for part in stamp[1].split("/"))
        hour, minute, second = (int(part) for part in stamp[2].split(":"))
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(seconds=offset)))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _environment(header: Header, frames: tuple[StackFrame, ...], lines: list[str]) -> dict[str, str]:
    found = dict(header.environment)
    if "database" not in found:
        # Without a connection no server line is printed, but the classes at work tell which kind it was to be.
        names = [name for frame in frames for mark, name in DATABASE_CLASSES.items() if mark in frame.module]
        if names:
            found["database"] = names[0]
    memory = _memory(lines)
    if memory:
        found["memory_class"] = size_class(memory)
    return found


def _memory(lines: list[str]) -> int:
    """Bytes the image may use, else what it used; 0 when the memory report is missing."""
    begin = next((index for index in range(len(lines) - 1, -1, -1) if lines[index].startswith("Memory Report")), None)
    if begin is None:
        return 0
    values: dict[str, int] = {}
    for line in lines[begin : begin + 40]:
        key, _, value = line.partition(":")
        number = KILOBYTES.match(value.strip()[:60])
        if number:
            digits = "".join(character for character in number[1] if character in "0123456789")
            values.setdefault(key.strip(), int(digits) * 1024)
    return values.get("Memory limit upper bound") or values.get("Config file memory limit") or values.get("Total") or 0


def _extra(header: Header, exception: dict[str, str], receiver: str, active: list[str]) -> dict[str, str]:
    extra = dict(header.extra)
    for line in active:
        if line.startswith("Process named:"):
            extra["process"] = line.partition(":")[2].strip().strip("'").replace("''", "'")
        elif line.startswith("Process priority:"):
            extra["process_priority"] = line.partition(":")[2].strip()
    extra["receiver"] = receiver
    extra["parameter"] = exception.get("parameter", "")
    return {name: value[:MESSAGE_LIMIT] for name, value in extra.items() if value}
