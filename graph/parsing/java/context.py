"""The text above the frames of a Java stack trace: exception, multi-line message, and the log record it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from graph.parsing.java.header import JavaHeader, header_in_record, parse_header
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.parsing.text.log_prefix import LEVEL, RECORD, SCAN_LIMIT, context_lines, prefix_stripper, record_time

RECORD_LINES = 6
THREAD_STATE = "java.lang.Thread.State:"
ANDROID = re.compile(r"FATAL EXCEPTION: (?P<thread>[^\n]{1,200})|Process: (?P<process>[^\s,]{1,200}), PID: (?P<pid>\d{1,9})")
LOG_THREAD = re.compile(r"\[([A-Za-z][\w .:#/@-]{1,80})\]")


@dataclass(slots=True)
class TraceContext:
    """The text above a first frame.

    ``start`` is where the report begins, ``frames`` where its first frame does. ``header`` is ``None`` when no exception
    is named; in a thread dump (``thread_dump``) none is expected.
    """

    start: int
    frames: int
    header: JavaHeader | None = None
    message: str = ""
    prefix: str = ""
    indent: str = ""
    thread_dump: bool = False
    facts: dict[str, str] = field(default_factory=dict)


def context_above(text: str, floor: int, line_start: int, frame: int) -> TraceContext:
    """Read upwards from ``frame`` (its line starts at ``line_start``), no further than ``floor``."""
    before = text[line_start:frame]
    prefix = before.rstrip()
    context = TraceContext(line_start, line_start, prefix=prefix, indent=before[len(prefix) :])
    strip_prefix = prefix_stripper(prefix)
    message: list[str] = []
    near = True
    margin = 0
    mentioned: JavaHeader | None = None
    mentioned_at = (line_start, 0)
    for start, line in context_lines(text, line_start, floor):
        content = strip_prefix(line)
        bare = (line if content is None else content).strip()
        if bare.startswith("at ") and parse_jvm_frame(bare):
            if message:
                break
            context.start = context.frames = start
            continue
        if THREAD_STATE in bare or (bare.startswith('"') and ("prio=" in bare or " tid=" in bare)):
            context.thread_dump = True
            return context
        context.header = _header(line, content, near=near, indent=len(context.indent))
        if context.header:
            context.start = start
            margin = len(content) - len(content.lstrip()) if content is not None else 0
            break
        if near and not mentioned:
            mentioned = header_in_record(bare)
            mentioned_at = (start, len(message))
        if (content is None and bare) or bare.startswith("... ") or (bare and RECORD.match(bare)):
            break
        message.append("" if content is None else content[:MESSAGE_LIMIT])
        near = near and not bare
    if not context.header and mentioned:
        # The line directly above the frames mentions an exception without starting with it.
        context.header, (context.start, count) = mentioned, mentioned_at
        del message[count:]
    if context.header:
        lines = (line[margin:] if line[:margin].isspace() else line for line in reversed(message))
        context.message = "\n".join([context.header.message, *lines])[:MESSAGE_LIMIT].strip("\n").rstrip()
        _attach_records(text, floor, context)
    return context


def _header(line: str, content: str | None, *, near: bool, indent: int) -> JavaHeader | None:
    """The exception named by a line above the frames."""
    if content is not None:
        inner = content.lstrip()
        if len(content) - len(inner) < indent or indent == 0:
            header = parse_header(inner, near=near)
            if header:
                return header
    return header_in_record(line if content is None else content) if RECORD.match(line.lstrip()[:100]) else None


def _attach_records(text: str, floor: int, context: TraceContext) -> None:
    """Extend the report to its log record: the exception's own line or the one directly above it."""
    line_end = text.find("\n", context.start)
    own = text[context.start : line_end if line_end >= 0 else len(text)][:SCAN_LIMIT]
    records = [own]
    start = context.start
    if context.header and not context.header.mark:
        nearest = context_lines(text, context.start, max(floor, context.start - SCAN_LIMIT))
        for begin, line in islice(nearest, RECORD_LINES):
            android = ANDROID.search(line[:SCAN_LIMIT])
            if not (android or LEVEL.search(line[:200]) or not line.strip()):
                break
            if android or line.strip():
                records.append(line)
                start = begin
                if not android or android["thread"]:
                    break
    context.start = start
    _collect_facts(records, context)


def _collect_facts(records: list[str], context: TraceContext) -> None:
    facts = context.facts
    for line in records:
        android = ANDROID.search(line[:SCAN_LIMIT])
        if android:
            facts |= {name: value.strip() for name, value in android.groupdict().items() if value}
            facts["android"] = "1"
            continue
        time = record_time(line)
        if time and "time" not in facts:
            facts["time"] = time.isoformat()
        match = LOG_THREAD.search(line[:200]) if LEVEL.search(line[:200]) else None
        thread = match[1].strip() if match else ""
        if thread and not facts.get("thread") and not LEVEL.fullmatch(thread) and thread != "INFO":
            facts["thread"] = thread
    if context.header and context.header.thread:
        facts["thread"] = context.header.thread
