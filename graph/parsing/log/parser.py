"""Error log lines without a stack: text, ``key=value`` and JSON lines, Windows event log entries."""

from __future__ import annotations

import errno
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.log.ending import WORDS as ENDING_WORDS
from graph.parsing.log.ending import ProcessEnd, is_exit, is_same_end, process_end
from graph.parsing.log.event import WindowsEvent, windows_events
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, AnyLiteral, SharedLiterals, line_at
from graph.parsing.text.log.fields import flatten, key_value_fields, level_of, parse_json_object, record_from_fields
from graph.parsing.text.log.record import (
    KERNEL_STAMP,
    LINE_LIMIT,
    SYSLOG_PRIORITY,
    WORST,
    LogRecord,
    is_level_stamped,
    is_stamped,
    parse_header,
    parse_record,
    starts_record,
)
from graph.rules import severity

NAME = "log"
# An error line contains one of these words or starts with a mark. Literal search is fast where there is none.
WORDS = (
    *("RROR", "rror", "ATAL", "atal", "CRIT", "Crit", "crit", "SEVERE", "Severe", "severe", "EMERG", "emerg", "eror"),
    *("ALERT", "alert", "PANIC", "Panic", "panic", "FAILURE", "ERR", "=err", ":err", "[err", "fail: "),
    *('"level":', '"level" :', '"PRIORITY":', '"severityNumber":', '"s":"E"', '"s":"F"'),
    *("Exception: ", " FTL"),
)
ANY_LEVEL = AnyLiteral(*WORDS)
ANY_END = AnyLiteral(*ENDING_WORDS)
ANY_WORD = SharedLiterals(*WORDS, *ENDING_WORDS)
MARKS = SharedLiterals("\nE", "\nF", "\n<", " E ", " F ")
MARKED = re.compile(
    r"[EF]\d{4} \d\d:\d\d:\d\d\.|<\d{1,3}>|[EF]/[^(\n]{1,100}\("
    r"|\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,6}\d{1,9} {1,6}\d{1,9} [EF] "
)
"""Start of a record with a letter or a number as level: klog, syslog, Android."""
KEYS = re.compile(r"(?:^|[ \t])(?:level|lvl|severity|log\.level|loglevel)=\"?[A-Za-z]", re.IGNORECASE)

SAMPLE = 20
"""Lines sampled at the start, in the middle and at the end of a text to decide whether it is a log."""
SAMPLE_LIMIT = 8_192
LOG_LINE_SHARE = 0.6
CONTINUED_LINES = 100
MESSAGE_LINES = 20
"""Further lines of a record that are part of its message."""
# Parts of a record of a database, which have a line of their own.
FURTHER_PART = re.compile(r"[^\n]{0,200}?\b(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):  ")
ANDROID = re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,6}\d{1,9} {1,6}\d{1,9} [VDIWEFA] [^:\n]{1,100}:")
COMPONENTS = ("This error is located at:", "Component Stack:", "Component stack:")
COMPONENT = re.compile(r"\s{1,40}(?:in|at) [\w$.()<>]{1,200}(?: \([^()\n]{1,500}\))?\s*$")
# An exception alone at the start of a line: its class, then its message.
RAISED = re.compile(r"((?:[A-Za-z_$][\w$]{0,100}(?:\.|::|\\)){0,20}[A-Z][\w$]{0,100}(?:Error|Exception)): (?=\S)")
TOKEN = re.compile(r"[\w$]++(?:(?:\.|::|\\{1,2}|/)[\w$]++){0,30}+")
TYPE_WORD = re.compile(r"[A-Z][\w$]{0,200}?(?:Error|Exception|Interrupt|Fault|Failure|Panic|Timeout|Violation)(?:\$\w+)?")
CODES = frozenset(errno.errorcode.values()) | {"EAI_AGAIN", "ENOTFOUND", "EPROTO", "ECONNABORTED", "ESOCKETTIMEDOUT"}
TYPE_SCAN_LIMIT = 1_000


class LogParser:
    """Error lines of logs."""

    name = NAME
    title = "Error log lines without a stack: text, key=value, JSON, syslog, Windows events"
    takes = (
        "the error type: an exception class or errno name in the message, else the logger",
        "the time, if it has a time zone",
        "host and program from syslog and Windows events",
        "each record as a separate crash, with the lines that continue it",
        "the signal that ended a process, from servers, supervisors and shells",
    )
    example = (
        "2026-03-19 10:04:31,120 INFO [shop.web] listening on port 8000\n"
        "2026-03-19 10:04:34,877 ERROR [shop.stock] cannot reserve 3 of article 7: out of stock\n"
        "2026-03-19 10:04:35,002 INFO [shop.web] request finished\n"
    )

    def sniff(self, text: str) -> float:
        """0.3 if a line may be an error record, 0.95 if most sampled lines are log records too."""
        if not ANY_WORD.occurs_in(text) and next(_marked_lines(text), None) is None:
            return 0.0
        return 0.95 if is_log(text) else 0.3

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error record, end of a process and exception without a stack, with the lines that continue it."""
        yield from log_reports(text, (), beside=False)


def log_reports(text: str, taken: Sequence[tuple[int, int]], *, beside: bool) -> Iterator[ParsedReport]:
    """One report per error record of a text, outside the spans ``taken`` by other reports (in order).

    ``beside`` other reports only what a logger, a supervisor or a shell printed is a record: a line with a time or
    fields, or the end of a process.
    """
    events = list(windows_events(text))
    taken_starts = [start for start, _ in taken]
    floor = 0
    ended: int | None = None
    ends = set(ANY_END.lines_in(text))
    for start in sorted({*_marked_lines(text), *ANY_LEVEL.lines_in(text), *ends}):
        index = bisect_right(taken_starts, start)
        if start < floor or (index and start < taken[index - 1][1]):
            continue
        while events and events[0].span[0] <= start:
            event = events.pop(0)
            floor = event.span[1]
            if event.is_error:
                yield _event_report(event)
        if start < floor:
            continue
        limit = taken_starts[index] if index < len(taken) else len(text)
        end = process_end(line_at(text, start, len(text))[0]) if start in ends else None
        report = _record_at(text, start, limit, end, beside=beside)
        if report is None:
            continue
        floor = report.span[1]
        if end is None:
            yield report
            continue
        if ended is None or not is_same_end(end, ended, start):
            yield report
        ended = floor
    yield from (_event_report(event) for event in events if event.is_error and event.span[0] >= floor)


def _record_at(text: str, start: int, limit: int, end: ProcessEnd | None, *, beside: bool) -> ParsedReport | None:
    """The report of the line at ``start``, with the lines that continue it up to ``limit``."""
    line, after = line_at(text, start, len(text))
    if beside and KERNEL_STAMP.match(SYSLOG_PRIORITY.sub("", line[:LINE_LIMIT], count=1)):
        return None
    record = error_record(line)
    if end is not None:
        known = record or _parse_line(line[:LINE_LIMIT], line) or parse_header(line[:LINE_LIMIT])
        _, stop = _continuation(text, after, limit)
        return replace(_report(known, "", (start, stop)), error_type=end.error_type, echo=end.echo)
    if record is not None and not (beside and not _is_printed_by_logger(line)):
        more, stop = _same_entry(line, text, after, limit) or _continuation(text, after, limit)
        echo = not more and is_exit(record.message)
        return replace(_report(record, more, (start, stop)), echo=echo) if record.message or more else None
    raised = RAISED.match(line) if not beside else None
    if raised:
        more, stop = _continuation(text, after, limit)
        return _report(LogRecord("error", line.strip()), more, (start, stop))
    return None


def _is_printed_by_logger(line: str) -> bool:
    """Whether a line is certainly a record: it has a time, or fields."""
    return (
        is_stamped(line)
        or is_level_stamped(line)
        or line.lstrip().startswith('{"')
        or bool("=" in line and KEYS.search(line[:LINE_LIMIT]))
    )


def error_record(line: str) -> LogRecord | None:
    """The record in a line if its level is error or worse."""
    record = _parse_line(line[:LINE_LIMIT], line)
    return record if record is not None and record.is_error else None


def _parse_line(line: str, whole: str) -> LogRecord | None:
    stripped = line.lstrip()
    if stripped.startswith("{"):
        content = parse_json_object(whole)
        return record_from_fields(flatten(content)) if content else None
    if "=" in line and KEYS.search(line):
        fields = key_value_fields(line)
        if level_of(fields) and ("msg" in fields or "message" in fields or "error" in fields or "err" in fields):
            return record_from_fields(fields)
    record = parse_record(line)
    if record is None:
        brace = line.find('{"')
        # A JSON record after a short prefix of the container runtime.
        content = parse_json_object(whole[brace:]) if 0 < brace <= 200 and whole.rstrip().endswith("}") else None
        return record_from_fields(flatten(content)) if content else None
    return record


def _marked_lines(text: str) -> Iterator[int]:
    """Starts of the lines that match ``MARKED``."""
    if MARKED.match(text):
        yield 0
    for mark in MARKS.found_in(text):
        at = text.find(mark)
        while at >= 0:
            start = (at if mark[0] == "\n" else text.rfind("\n", 0, at)) + 1
            if MARKED.match(text, start):
                yield start
            end = text.find("\n", at + 1)
            at = text.find(mark, end) if end >= 0 else -1


def is_log(text: str) -> bool:
    """Whether most sampled lines, ignoring indented ones, start like log records."""
    records = lines = 0
    middle = text.find("\n", len(text) // 2) + 1
    for start in sorted({0, middle, text.find("\n", max(0, len(text) - SAMPLE_LIMIT)) + 1}):
        part = text[start : start + SAMPLE_LIMIT].split("\n")
        for line in [line for line in part if line.strip() and not line[0].isspace()][:SAMPLE]:
            lines += 1
            records += (
                (starts_record(line) and not KERNEL_STAMP.match(line))
                or line.startswith('{"')
                or bool("=" in line and KEYS.search(line[:LINE_LIMIT]))
            )
    return lines > 0 and records >= lines * LOG_LINE_SHARE


def _same_entry(line: str, text: str, position: int, limit: int) -> tuple[str, int] | None:
    """The further lines of an entry of Android's log, which repeats time, process, thread and tag on each, and their end."""
    head = ANDROID.match(line)
    lines: list[str] = []
    while head and position < limit and text.startswith(head[0], position):
        following, after = line_at(text, position, limit)
        lines.append(following[head.end() :].strip())
        position = after
    kept = [further for further in lines if further and not further.startswith("at ")][:MESSAGE_LINES]
    return ("\n".join(kept)[:MESSAGE_LIMIT], position) if lines else None


def _continuation(text: str, position: int, limit: int) -> tuple[str, int]:
    """The lines after a record that continue it, and where they end, at ``limit`` at the latest.

    Indented lines do, a database's parts of the record, and the components around one that failed.
    """
    lines: list[str] = []
    for _ in range(CONTINUED_LINES):
        line, after = line_at(text, position, limit)
        if position >= limit:
            break
        if FURTHER_PART.match(line):
            position = after
            continue
        if line.strip().startswith(COMPONENTS) or (not line.strip() and _components_follow(text, after, limit)):
            position = _skip_components(text, position, limit)
            break
        if not line[:1].isspace() or not line.strip():
            break
        if len(lines) < MESSAGE_LINES and not line.lstrip().startswith("at "):
            lines.append(line.strip())
        position = after
    return "\n".join(lines)[:MESSAGE_LIMIT], position


def _components_follow(text: str, position: int, limit: int) -> bool:
    return line_at(text, position, limit)[0].strip().startswith(COMPONENTS)


def _skip_components(text: str, position: int, limit: int) -> int:
    """End of the components listed from ``position`` on, behind their heading and blank lines."""
    for _ in range(CONTINUED_LINES):
        line, after = line_at(text, position, limit)
        if position >= limit or (line.strip() and not line.strip().startswith(COMPONENTS) and not COMPONENT.match(line)):
            break
        position = after
    return position


def _report(record: LogRecord, more: str, span: tuple[int, int]) -> ParsedReport:
    message = "\n".join(part for part in (record.message, more) if part)
    error_type = error_type_in(message)
    # "ValueError: bad" is type and message, as in the last line of a traceback.
    rest = message[len(error_type) :] if error_type and message.startswith(f"{error_type}:") else ""
    message = _without_context(rest[1:].strip() or message)
    facts = record.facts
    inferred = severity.infer(error_type, message)
    return ParsedReport(
        format=NAME,
        error_type=error_type or record.logger[:NAME_LIMIT] or "Error",
        message=message[:MESSAGE_LIMIT],
        occurred_at=record.at,
        severity="critical" if record.level in WORST else inferred,
        product=facts.get("app"),
        environment={"host": facts["host"]} if "host" in facts else {},
        extra={"pid": facts["pid"]} if "pid" in facts else {},
        span=span,
    )


def _without_context(message: str) -> str:
    """The message without context and extra fields, two JSON objects or empty lists, which Monolog prints behind each."""
    line = message[message.rfind("\n") + 1 :].removesuffix(" ")
    opening = line.find(" {")
    starts = [line.find(" [] {")] if line.endswith("}") else [len(line) - 6] if line.endswith(" [] []") else []
    if opening >= 0 and (line.endswith("} []") or (line.endswith("}") and "} {" in line[opening:])):
        starts.append(opening)
    start = min((start for start in starts if start >= 0), default=None)
    return message if start is None else message[: message.rfind("\n") + 1 + start]


def error_type_in(message: str) -> str:
    """The first exception class in a message, else the first errno name; empty without one."""
    code = ""
    for token in TOKEN.finditer(message[:TYPE_SCAN_LIMIT]):
        last = re.split(r"[.:\\/]", token[0])[-1]
        if TYPE_WORD.fullmatch(last) and "/" not in token[0]:
            return token[0]
        if not code and last in CODES:
            code = last
    return code


def _event_report(event: WindowsEvent) -> ParsedReport:
    report = _report(event.record, "", event.span)
    known = event.error_type or error_type_in(event.record.message) or event.record.logger or "Error"
    return replace(report, error_type=known, product=event.product, version=event.version)
