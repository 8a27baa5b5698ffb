"""Output of the collector's debug exporter: records, spans and span events, one attribute a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.parsing.opentelemetry.json_records import ExceptionRecord
from graph.parsing.protocol import line_at

MARKS = ("-> exception.type: ", "-> exception.message: ", "-> exception.stacktrace: ")
BLOCK = re.compile(
    r"(?:^|\s)(Resource(?:Log|Span|Metric)s?|Scope(?:Log|Span|Metric)s?|LogRecord|Span|SpanEvent|Metric) #\d+\s*$"
)
ATTRIBUTE = re.compile(r"\s{0,40}-> ([\w.@/-]{1,200}+): ?(?:([A-Z][a-zA-Z]{1,10})\((.*)|(.*))")
HEADING = re.compile(r"\s{0,40}([A-Z][A-Za-z ]{1,40}?)\s{0,20}:(?: (.*))?$")
SECTION = re.compile(r"\s*-> |[A-Z][A-Za-z ]{1,40}:|\s+[A-Z][A-Za-z ]{1,30}\s*:|\s*$|\{|\S.{0,80}\t")
NAMES = {
    "Timestamp": "timestamp",
    "Trace ID": "traceId",
    "Span ID": "spanId",
    "SeverityText": "severityText",
    "Body": "body",
    "ID": "spanId",
}
VALUE_LINES = 20_000
LINE_LIMIT = 1_000


def records_in_text(text: str) -> Iterator[ExceptionRecord]:
    """Yield the records and events with an exception, in order."""
    resource: dict[str, object] = {}
    enclosing: dict[str, object] = {}
    fields: dict[str, object] = {}
    kind, start, position = "", 0, 0
    while position < len(text):
        begin = position
        line, position = line_at(text, position, len(text))
        block = BLOCK.search(line[-80:]) if "#" in line[-80:] else None
        if block:
            if _has_exception(fields):
                yield ExceptionRecord((start, begin), {**enclosing, **fields}, resource)
            if block[1] == "SpanEvent" and kind == "Span":
                enclosing = {name: value for name, value in fields.items() if name in {"traceId", "spanId"}}
            elif block[1] != "SpanEvent":
                enclosing = {}
            kind, start, fields = block[1], begin, {}
            if kind.startswith("Resource"):
                resource = fields
            continue
        if not kind:
            continue
        name, value, position = _field(text, line, position)
        if name:
            fields.setdefault(name, value)
    if _has_exception(fields):
        yield ExceptionRecord((start, len(text)), {**enclosing, **fields}, resource)


def _has_exception(fields: dict[str, object]) -> bool:
    return "exception.type" in fields or "exception.message" in fields


def _field(text: str, line: str, position: int) -> tuple[str, str, int]:
    """Read an attribute or heading with the further lines of its value; returns name, value and the position after it."""
    match = ATTRIBUTE.match(line)
    if not match:
        heading = HEADING.match(line[:LINE_LIMIT])
        name = NAMES.get(heading[1], "") if heading else ""
        value = (heading[2] or "").strip() if heading else ""
        body = value.startswith("Str(") and value.endswith(")")
        return name, value[4:-1] if body else value, position
    if match[2] is None:
        return match[1].lower() if match[1] in {"Timestamp", "Name"} else match[1], match[4].strip(), position
    lines = [match[3]]
    end = position
    # The value ends at the bracket before the next attribute or heading; a stack contains brackets of its own.
    for _ in range(VALUE_LINES):
        following, after = line_at(text, end, len(text))
        if lines[-1].endswith(")") and (end >= len(text) or SECTION.match(following[:LINE_LIMIT]) or "#" in following[-40:]):
            break
        if end >= len(text) or ATTRIBUTE.match(following):
            break
        lines.append(following)
        end = after
    value = "\n".join(lines)
    return match[1], value.removesuffix(")"), end
