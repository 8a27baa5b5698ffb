"""WHATS'ON crash reports (WCR) and other runtime diagnostic dumps of VisualWorks Smalltalk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, line_at, size_class
from graph.parsing.wcr.frames import numbered_frames
from graph.parsing.wcr.header import DumpHeader, parse_header
from graph.parsing.wcr.memory import MemoryReport, parse_memory
from graph.parsing.wcr.processes import ImageProcess, list_processes, process_facts, raising_members
from graph.rules import severity
from graph.rules.culprit import culprit

NAME = "RUNTIME DIAGNOSTIC DUMP"
BEGIN = re.compile(r"==\s*(\d{1,4}/\d{1,2}/\d{1,4})\s*==\s*(\d{1,2}:\d{1,2}:\d{1,2})[^=\n]{0,20}==\s*BEGIN " + NAME)
END = re.compile(r"==\s*(\d{1,4}/\d{1,2}/\d{1,4})\s*==\s*(\d{1,2}:\d{1,2}:\d{1,2})[^=\n]{0,20}==\s*END " + NAME)
CAUSE = "Cause of Dump:"
SIGNS = SharedLiterals(NAME, CAUSE)
CLASS_NAME = re.compile(r"[A-Z][\w.]*")
PARAMETER = re.compile(r"an? ((?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Violation|Warning|Signal|Notification))\b")
UNHANDLED = re.compile(r"Unhandled exception:?\s*", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
# Generic classes: the unhandled exception itself is their parameter.
GENERIC = frozenset({"UnhandledException", "UnhandledError"})
STACK = re.compile(r"context stack(?! arg)", re.IGNORECASE)
FOLLOWING = ("unhandled exception", "initial context", "quiescent process")
DATABASE_CLASSES = {
    "OracleConnection": "Oracle",
    "PostgreSQL": "PostgreSQL",
    "Postgres": "PostgreSQL",
    "SQLServer": "SQL Server",
}


class WcrParser:
    """WHATS'ON crash reports and VisualWorks dumps."""

    name = "wcr"
    signs = (SIGNS,)
    title = "WHATS'ON crash reports and VisualWorks runtime diagnostic dumps"
    takes = (
        "site, version, build, user, computer, time and its zone",
        "database with version, name and client",
        "process, receiver and parameter of the exception",
        "the memory report: limits, usage, the classes that take most",
        "the other processes, and those that were raising an error too",
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
        """1 with the begin or end line of a dump, 0.7 with lines that every dump has."""
        if NAME in text:
            return 1.0
        return 0.7 if CAUSE in text and ("Context stack" in text or "Context Stack" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per dump; a dump without begin or end line is marked as truncated."""
        for start, end in _dumps(text):
            report = _report(text, start, end)
            if report:
                yield report


def _dumps(text: str) -> Iterator[tuple[int, int]]:
    """Span of each dump: from its begin line to its end line, the next begin line or the end of the text."""
    position = 0
    starts = [match.start() for match in BEGIN.finditer(text)]
    for index, start in enumerate([*starts, len(text)]):
        if position < start and _is_dump_rest(text, position, start):
            yield position, start
        if start == len(text):
            return
        following = starts[index + 1] if index + 1 < len(starts) else len(text)
        ended = END.search(text, start, following)
        position = _line_end(text, ended.end(), following) if ended else following
        yield start, position


def _is_dump_rest(text: str, start: int, end: int) -> bool:
    """Whether a part without a begin line is the rest of a truncated dump."""
    if text.find(CAUSE, start, end) >= 0:
        return True
    return text.find("END " + NAME, start, end) >= 0 and text.find("[1]", start, end) >= 0


def _line_end(text: str, position: int, limit: int) -> int:
    end = text.find("\n", position, limit)
    return limit if end < 0 else end + 1


def _report(text: str, start: int, end: int) -> ParsedReport | None:
    lines = list(_nonblank_lines(text, start, end))
    header = parse_header(lines)
    active = _active_process(lines, cut=not header.cause)
    frames, receiver = numbered_frames(lines[active:]) if active is not None else ((), "")
    processes, memory = list_processes(lines), parse_memory(lines)
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
        causes=raising_members(processes, error_type),
        environment=_environment(header, frames, memory),
        extra=_extra(header, exception, receiver, memory, processes),
        span=(start, end),
        truncated=not (begun and ended),
    )


def _active_process(lines: list[str], *, cut: bool) -> int | None:
    """Index of the active process; ``None`` if the first stack may belong to another process.

    In a dump without its beginning (``cut``), the first stack is the active process's if the sections that follow it in
    a dump come after it.
    """
    named = _first_line(lines, "active process")
    if named is not None:
        return named
    stack = next((index for index, line in enumerate(lines) if STACK.match(line)), None)
    if not cut:
        return stack or 0
    after = [index for index in (_first_line(lines, section) for section in FOLLOWING) if index is not None]
    return stack if stack is not None and after and stack < min(after) else None


def _first_line(lines: list[str], beginning: str) -> int | None:
    """Index of the first line that starts with ``beginning``, ignoring case."""
    return next((index for index, line in enumerate(lines) if line[:40].lower().startswith(beginning)), None)


def _nonblank_lines(text: str, start: int, end: int) -> Iterator[str]:
    """The lines that are not blank."""
    position = start
    while position < end:
        line, position = line_at(text, position, end)
        if line.strip():
            yield line.rstrip()


def _exception(lines: list[str]) -> dict[str, str]:
    """The fields of the section ``Unhandled Exception``."""
    fields: dict[str, str] = {}
    in_section = False
    for line in lines:
        if not in_section:
            in_section = line.startswith("Unhandled Exception")
            continue
        key, colon, value = line.strip().partition(":")
        if line.startswith("---") or not line[:1].isspace() or not colon or len(fields) == 8:
            break
        fields.setdefault(key.strip(), value.strip())
    return fields


def _message(cause: str) -> str:
    match = UNHANDLED.match(cause)
    return cause[match.end() if match else 0 :].strip()[:MESSAGE_LIMIT]


def _error_type(exception: dict[str, str], message: str, cause: str) -> str:
    """The class of the exception, else a name made of the first words of the cause."""
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
    """UTC time of the begin line, which is local time at ``offset`` seconds east of Greenwich."""
    if not stamp:
        return None
    try:
        year, month, day = (int(part) for part in stamp[1].split("/"))
        hour, minute, second = (int(part) for part in stamp[2].split(":"))
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(seconds=offset)))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _environment(header: DumpHeader, frames: tuple[StackFrame, ...], memory: MemoryReport) -> dict[str, str]:
    environment = dict(header.environment)
    if "database" not in environment:
        # Without a connection there is no server line, but the classes on the stack show the kind of database.
        names = [name for frame in frames for mark, name in DATABASE_CLASSES.items() if mark in frame.module]
        if names:
            environment["database"] = names[0]
    if memory.size:
        environment["memory_class"] = size_class(memory.size)
    return environment


def _extra(
    header: DumpHeader, exception: dict[str, str], receiver: str, memory: MemoryReport, processes: list[ImageProcess]
) -> dict[str, str]:
    extra = {**header.extra, **memory.facts, **dict(process_facts(processes))}
    active = next((process for process in processes if process.state == "active"), None)
    if active:
        extra |= {"process": active.name, "process_priority": active.priority}
    extra["receiver"] = receiver
    extra["parameter"] = exception.get("parameter", "")
    if exception.get("class") in GENERIC or exception.get("creator") != exception.get("class"):
        extra["exception_class"] = exception.get("class", "")
        extra["exception_creator"] = exception.get("creator", "")
    return {name: value[:MESSAGE_LIMIT] for name, value in extra.items() if value}
