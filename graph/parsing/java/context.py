"""The text above the frames of a Java stack trace: exception, multi-line message, and the log record it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from graph.parsing.java.block import Block, Candidate, begins_block
from graph.parsing.java.header import CHAINED, JavaHeader, Rating, header_in_record, parse_header
from graph.parsing.protocol import MESSAGE_LIMIT, line_at
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.parsing.text.log.prefix import LEVEL, SCAN_LIMIT, context_lines, prefix_stripper, record_time

RECORD_LINES = 6
THREAD_STATE = "java.lang.Thread.State:"
ANDROID = re.compile(r"FATAL EXCEPTION: (?P<thread>[^\n]{1,200})|Process: (?P<process>[^\s,]{1,200}), PID: (?P<pid>\d{1,9})")
LOG_THREAD = re.compile(r"\[([A-Za-z][\w .:#/@-]{1,80})\]")


@dataclass(slots=True)
class TraceContext:
    """The text above a first frame.

    ``start`` is where the report begins, ``frames`` where its first frame does. ``header`` is ``None`` when no exception
    is named; in a thread dump (``thread_dump``) none is expected. ``labelled``: a line such as ``Stacktrace:`` is directly
    above the frames. ``continued``: words directly above the frames name no exception. ``root_cause``: the line above the
    header announces a cause of the previous exception.
    """

    start: int
    frames: int
    header: JavaHeader | None = None
    message: str = ""
    prefix: str = ""
    indent: str = ""
    thread_dump: bool = False
    labelled: bool = False
    continued: bool = False
    root_cause: bool = False
    facts: dict[str, str] = field(default_factory=dict)


def context_above(text: str, floor: int, line_start: int, frame: int) -> TraceContext:
    """Read upwards from ``frame`` (its line starts at ``line_start``), no further than ``floor``."""
    before = text[line_start:frame]
    prefix = before.rstrip()
    context = TraceContext(line_start, line_start, prefix=prefix, indent=before[len(prefix) :])
    block = Block()
    _collect_block(text, floor, context, block)
    if context.thread_dump:
        return context
    chosen = block.header()
    context.labelled = block.labelled
    context.continued = chosen is None and block.continues_message
    if chosen:
        context.header, context.start = chosen.header, chosen.start
        context.root_cause = block.announces_cause(chosen)
        context.message = _message(chosen, block.lines[: chosen.below])
        _begin_at_cause(text, context)
        _attach_records(text, floor, context)
    return context


def _message(chosen: Candidate, lines: Sequence[str]) -> str:
    """The message from the header's line and the further ``lines``, nearest to the frames first."""
    margin = chosen.margin
    further = (line[margin:] if line[:margin].isspace() else line for line in reversed(lines))
    return "\n".join([chosen.header.message, *further])[:MESSAGE_LIMIT].strip("\n").rstrip()


def _begin_at_cause(text: str, context: TraceContext) -> None:
    """End a message at the cause that an exception without frames is followed by, and read the chain from there."""
    at = max(f"\n{context.message}".find("\nCaused by: "), 0)
    cause = (
        parse_header(line_at(context.message, at, len(context.message))[0]) if at or context.message[:6] == "Caused" else None
    )
    if cause and cause.mark in CHAINED and cause.rating > Rating.LABEL:
        context.message = context.message[:at].rstrip()
        context.frames = text.rfind("Caused by: ", context.start, context.frames)


def _collect_block(text: str, floor: int, context: TraceContext, block: Block) -> None:
    """Collect the lines above the frames into ``block``, up to where it begins, and move ``context`` to the first frame."""
    strip_prefix = prefix_stripper(context.prefix)
    indent = len(context.indent)
    for start, line in context_lines(text, context.start, floor):
        content = strip_prefix(line)
        bare = (line if content is None else content).strip()
        if bare.startswith("at ") and parse_jvm_frame(bare):
            if block.lines:
                return
            context.start = context.frames = start
            continue
        if THREAD_STATE in bare or (bare.startswith('"') and ("prio=" in bare or " tid=" in bare)):
            context.thread_dump = True
        if context.thread_dump or bare.startswith("... "):
            return
        header = _candidate(content, indent) if content else None
        uncaught = header is not None and header.mark != "" and header.mark not in CHAINED
        begins_below = bool(bare) and not uncaught and begins_block(bare)
        if (content is None and bare) or (begins_below and not block.passes_record(header_in_record(bare), start)):
            return
        if header and not begins_below:
            block.offer(header, start, len(content or "") - len((content or "").lstrip()))
            if uncaught:
                return
        elif bare and not block.filled and not begins_below:
            block.mention(header_in_record(bare), start)
        block.add((content or "")[:MESSAGE_LIMIT])


def _candidate(content: str, indent: int) -> JavaHeader | None:
    """The header in a line, unless it is indented like the frames."""
    inner = content.lstrip()
    return parse_header(inner) if inner and (indent == 0 or len(content) - len(inner) < indent) else None


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
                if "<<<" not in line and (not android or android["thread"]):
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
