"""Windows event log entries as text, from the event viewer, ``wevtutil`` and PowerShell lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.parsing.protocol import MESSAGE_LIMIT, line_at
from graph.parsing.text.log.record import LogRecord, starts_record
from graph.parsing.text.times import parse_time

MARKS = ("Log Name:", "LevelDisplayName", "EntryType", "ProviderName")
FIELD = re.compile(r"[ \t]{0,40}([A-Z][A-Za-z ]{1,30}?)[ \t]{0,20}:[ \t]{0,40}(.*)")
# Alternative names of a field.
SOURCE = ("Source", "ProviderName")
LEVEL = ("Level", "LevelDisplayName", "EntryType")
TIME = ("Date", "TimeCreated", "TimeGenerated")
TEXT = ("Description", "Message")
HOST = ("Computer", "MachineName")
FIELD_LINES = 40
TEXT_LINES = 500
PROGRAM = re.compile(r"Faulting application name: ([^,\n]{1,300}), version: ([^,\n]{1,100})")
CODE = re.compile(r"Exception code: (0x[0-9a-fA-F]{8})")
CODES = {
    "0xc0000005": "EXCEPTION_ACCESS_VIOLATION",
    "0xc0000094": "EXCEPTION_INT_DIVIDE_BY_ZERO",
    "0xc00000fd": "EXCEPTION_STACK_OVERFLOW",
    "0xc000001d": "EXCEPTION_ILLEGAL_INSTRUCTION",
    "0xc0000374": "STATUS_HEAP_CORRUPTION",
    "0xc0000409": "STATUS_STACK_BUFFER_OVERRUN",
    "0xe0434352": "CLR exception",
}


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """One entry. ``error_type`` is the name of its exception code, empty without one."""

    record: LogRecord
    span: tuple[int, int]
    error_type: str = ""
    product: str | None = None
    version: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether its level is error or worse."""
        return self.record.is_error


def windows_events(text: str) -> Iterator[WindowsEvent]:
    """The entries in a text, in order of position."""
    if not any(mark in text for mark in MARKS):
        return
    position = 0
    while position < len(text):
        line, after = line_at(text, position, len(text))
        match = FIELD.match(line[:200])
        if match and match[1] in {"Log Name", "ProviderName", "TimeCreated", "Index"}:
            event = _parse_event(text, position)
            if event is not None:
                yield event
                after = event.span[1]
        position = after


def _parse_event(text: str, start: int) -> WindowsEvent | None:
    fields: dict[str, str] = {}
    position = start
    for _ in range(FIELD_LINES):
        line, after = line_at(text, position, len(text))
        match = FIELD.match(line[:MESSAGE_LIMIT])
        if not match or match[1] in fields or position >= len(text):
            break
        fields[match[1]] = match[2].strip()
        position = after
        if match[1] in TEXT:
            fields[match[1]], position = _multi_line_field(text, position, fields[match[1]])
            if match[1] == "Description":
                break
    level = _first_field(fields, LEVEL).lower()
    source = _first_field(fields, SOURCE)
    if not level or not source:
        return None
    message = _first_field(fields, TEXT)
    program, code = PROGRAM.search(message), CODE.search(message)
    facts = {"host": _first_field(fields, HOST)} if _first_field(fields, HOST) else {}
    record = LogRecord(level, message.strip(), source, parse_time(_first_field(fields, TIME)), facts)
    return WindowsEvent(
        record,
        (start, position),
        CODES.get(code[1].lower(), code[1]) if code else "",
        program[1] if program else None,
        program[2] if program else None,
    )


def _multi_line_field(text: str, position: int, first: str) -> tuple[str, int]:
    """A multi-line field and its end: before the next entry, or at the second of two blank lines."""
    lines = [first] if first else []
    end = position
    for _ in range(TEXT_LINES):
        line, after = line_at(text, position, len(text))
        match = FIELD.match(line[:200])
        if (
            position >= len(text)
            or (match and match[1] in {"Log Name", "Event Xml", "Index", *SOURCE, *TIME})
            or starts_record(line)
        ):
            break
        if not line.strip() and lines and not lines[-1]:
            break
        lines.append(line.strip())
        position = after
        end = position if line.strip() else end
    return "\n".join(lines)[:MESSAGE_LIMIT].strip(), end


def _first_field(fields: dict[str, str], names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")
