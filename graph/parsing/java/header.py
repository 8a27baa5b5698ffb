"""Above the frames of a Java stack trace: its error, its message over several lines, and the log record it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from graph.parsing.java.frames import frame_of
from graph.parsing.java.lines import LEVEL, LOOKED_AT, RECORD, Head, bodies, head_of, head_within, time_of
from graph.parsing.protocol import MESSAGE_LIMIT

LINES_ABOVE = 200
RECORD_LINES = 6
THREAD_STATE = "java.lang.Thread.State:"
ANDROID = re.compile(r"FATAL EXCEPTION: (?P<thread>[^\n]{1,200})|Process: (?P<process>[^\s,]{1,200}), PID: (?P<pid>\d{1,9})")
LOG_THREAD = re.compile(r"\[([A-Za-z][\w .:#/@-]{1,80})\]")


@dataclass(slots=True)
class Above:
    """What stands above a first frame. ``head`` is ``None`` when no error is named; ``thread_dump`` says that none is to be.

    ``start`` is where the report begins, ``frames`` where its first frame does.
    """

    start: int
    frames: int
    head: Head | None = None
    message: str = ""
    prefix: str = ""
    indent: str = ""
    thread_dump: bool = False
    facts: dict[str, str] = field(default_factory=dict)


def lines_above(text: str, floor: int, position: int) -> Iterator[tuple[int, str]]:
    """The lines before ``position`` (the start of a line) down to ``floor``, nearest first, with where they start."""
    for _ in range(LINES_ABOVE):
        if position <= floor:
            return
        start = max(text.rfind("\n", floor, position - 1) + 1, floor)
        yield start, text[start:position].rstrip("\r\n")
        position = start


def above(text: str, floor: int, line_start: int, frame: int) -> Above:
    """What stands above the frame at ``frame``, whose line starts at ``line_start``."""
    before = text[line_start:frame]
    prefix = before.rstrip()
    found = Above(line_start, line_start, prefix=prefix, indent=before[len(prefix) :])
    body = bodies(prefix)
    message: list[str] = []
    near = True
    margin = 0
    spoken: Head | None = None
    place = (line_start, 0)
    for start, line in lines_above(text, floor, line_start):
        content = body(line)
        bare = (line if content is None else content).strip()
        if bare.startswith("at ") and frame_of(bare):
            if message:
                break
            found.start = found.frames = start
            continue
        if THREAD_STATE in bare or (bare.startswith('"') and ("prio=" in bare or " tid=" in bare)):
            found.thread_dump = True
            return found
        found.head = _head(line, content, near=near, indent=len(found.indent))
        if found.head:
            found.start = start
            margin = len(content) - len(content.lstrip()) if content is not None else 0
            break
        if near and not spoken:
            spoken = head_within(bare)
            place = (start, len(message))
        if (content is None and bare) or bare.startswith("... ") or (bare and RECORD.match(bare)):
            break
        message.append("" if content is None else content[:MESSAGE_LIMIT])
        near = near and not bare
    if not found.head and spoken:
        # A line directly above the frames names an error, though it does not begin with it.
        found.head, (found.start, count) = spoken, place
        del message[count:]
    if found.head:
        lines = (one[margin:] if one[:margin].isspace() else one for one in reversed(message))
        found.message = "\n".join([found.head.message, *lines])[:MESSAGE_LIMIT].strip("\n").rstrip()
        _records(text, floor, found)
    return found


def _head(line: str, content: str | None, *, near: bool, indent: int) -> Head | None:
    """The error that a line above the frames names."""
    if content is not None:
        inner = content.lstrip()
        if len(content) - len(inner) < indent or indent == 0:
            head = head_of(inner, near=near)
            if head:
                return head
    return head_within(line if content is None else content) if RECORD.match(line.lstrip()[:100]) else None


def _records(text: str, floor: int, found: Above) -> None:
    """Take the log record that the error belongs to: its own line, or the ones directly above it."""
    line_end = text.find("\n", found.start)
    own = text[found.start : line_end if line_end >= 0 else len(text)][:LOOKED_AT]
    records = [own]
    start = found.start
    if found.head and not found.head.mark:
        for begin, line in islice(lines_above(text, max(floor, found.start - LOOKED_AT), found.start), RECORD_LINES):
            android = ANDROID.search(line[:LOOKED_AT])
            if not (android or LEVEL.search(line[:200]) or not line.strip()):
                break
            if android or line.strip():
                records.append(line)
                start = begin
                if android and android["thread"]:
                    break
                if not android:
                    break
    found.start = start
    _facts(records, found)


def _facts(records: list[str], found: Above) -> None:
    for line in records:
        android = ANDROID.search(line[:LOOKED_AT])
        if android:
            facts = {name: value.strip() for name, value in android.groupdict().items() if value}
            found.facts |= facts | {"android": "1"}
            continue
        time = time_of(line)
        if time and "time" not in found.facts:
            found.facts["time"] = time.isoformat()
        thread = LOG_THREAD.search(line[:200]) if LEVEL.search(line[:200]) else None
        if thread and not found.facts.get("thread") and not LEVEL.fullmatch(thread[1].strip()) and thread[1].strip() != "INFO":
            found.facts["thread"] = thread[1].strip()
    if found.head and found.head.thread:
        found.facts["thread"] = found.head.thread
