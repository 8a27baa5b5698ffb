"""Structured log records: JSON in the layouts of common loggers, OTLP attributes, and ``key=value`` lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from graph.model.errors import InvalidInputError
from graph.model.outside_json import read_json
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.log.record import LogRecord
from graph.parsing.text.times import parse_time_value

FIELD_LIMIT = 400
"""Fields of one record that are read."""
DEPTH_LIMIT = 6
# Envelopes around a record: search engines, cloud logging, structured arguments of loggers.
WRAPPERS = (
    "_source.",
    "jsonPayload.",
    "fields.",
    "attributes.",
    "record.extra.",
    "record.",
    "labels.",
    "payload.",
    "data.",
    "context.",
)

LEVEL = (
    "level",
    "severity",
    "severityText",
    "severity_text",
    "SeverityText",
    "levelname",
    "level_name",
    "log.level",
    "loglevel",
    "logLevel",
    "lvl",
    "@l",
    "record.level.name",
    "level.name",
    "Level",
    "LogLevel",
    "PRIORITY",
    "s",
    "log_level",
)
NUMBER = ("severityNumber", "severity_number", "SeverityNumber")
MESSAGE = (
    "message",
    "msg",
    "event",
    "short_message",
    "body",
    "Body",
    "MESSAGE",
    "@m",
    "@mt",
    "record.message",
    "Message",
    "RenderedMessage",
    "MessageTemplate",
    "textPayload",
    "log",
    "text",
    "error",
    "err",
)
LOGGER = ("logger", "logger_name", "log.logger", "loggerName", "record.name", "SourceContext", "Properties.SourceContext")
LOGGER_LATER = ("name", "category", "Category", "target", "c", "channel", "component")
TIME = (
    "@timestamp",
    "timestamp",
    "time",
    "timeUnixNano",
    "observedTimeUnixNano",
    "ts",
    "t",
    "@t",
    "Timestamp",
    "datetime",
    "date",
    "record.time.repr",
    "record.time.timestamp",
    "__REALTIME_TIMESTAMP",
    "asctime",
    "eventTime",
    "instant.epochSecond",
)
LETTERS = {"E": "error", "F": "fatal", "W": "warning", "I": "info", "D": "debug"}
PAIR = re.compile(r"([A-Za-z_@][\w.@-]{0,80}+)=(?:\"((?:[^\"\\\n]++|\\.)*+)\"?|([^\s\"]*+))")


def parse_json_object(text: str) -> Mapping[str, object] | None:
    """Decode a JSON object; ``None`` for anything else, and for one nested too deeply."""
    try:
        content = read_json(text, loosely=True)
    except InvalidInputError:
        return None
    return content if isinstance(content, dict) else None


def flatten(content: Mapping[str, object]) -> dict[str, object]:
    """Flatten nested objects to dotted names; fields of an envelope also keep their own name, attributes their key."""
    fields: dict[str, object] = {}
    for name, value in _fields(content, "", 0):
        if len(fields) >= FIELD_LIMIT:
            break
        fields.setdefault(name, value)
        for wrapper in WRAPPERS if "." in name else ():
            if name.startswith(wrapper):
                fields.setdefault(name[len(wrapper) :], value)
                break
    return fields


def _fields(content: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, object]]:
    inner = []
    for key, value in content.items():
        named = otlp_attributes(value) if isinstance(value, list) else value
        if isinstance(named, Mapping) and named:
            yield f"{prefix}{key}", value
            inner.append((key, otlp_value(named) if len(named) == 1 else named))
        else:
            yield f"{prefix}{key}", value
    if depth < DEPTH_LIMIT:
        for key, named in inner:
            if isinstance(named, Mapping):
                yield from _fields(named, f"{prefix}{key}.", depth + 1)
            else:
                yield f"{prefix}{key}", named


def otlp_attributes(value: object) -> Mapping[str, object] | None:
    """An OTLP list of keys and values as a mapping; ``None`` for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) and "key" in item for item in value[:3]):
        return None
    return {str(item["key"]): otlp_value(item.get("value")) for item in value if isinstance(item, dict) and "key" in item}


def otlp_value(value: object) -> object:
    """Unwrap an OTLP value such as ``{"stringValue": "x"}``; anything else is returned as is."""
    if isinstance(value, dict) and len(value) == 1:
        [(kind, inner)] = value.items()
        if kind.endswith(("Value", "_value")):
            return inner
    return value


def first_text(fields: Mapping[str, object], names: Iterable[str]) -> str:
    """The first of the named fields that is non-empty text or a number, as text; empty if none is."""
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        value = otlp_value(value)
        if isinstance(value, str) and value.strip():
            return value[: MESSAGE_LIMIT * 64]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def level_of(fields: Mapping[str, object]) -> str:
    """Level as a lower-case word, from a word or from a number of OpenTelemetry, pino, bunyan or syslog."""
    number = first_text(fields, NUMBER)
    if number.lstrip("-").isdigit():
        return "fatal" if int(number) >= 21 else "error" if int(number) >= 17 else "info"
    level = first_text(fields, LEVEL).strip()
    if not level.isdigit():
        return LETTERS.get(level, level.lower().removeprefix("severity_number_"))
    value = int(level[:9])
    if "short_message" in fields or "PRIORITY" in fields or value <= 7:
        return "critical" if value < 3 else "error" if value == 3 else "info"
    # bunyan and pino use 10, 20 … 60; Python's logging ends at 50.
    least = 40 if "levelname" in fields or "levelno" in fields else 50
    return "fatal" if value >= 60 else "error" if value >= least else "info"


def record_from_fields(fields: Mapping[str, object]) -> LogRecord:
    """Build a record from its fields; ``level`` is empty if there is none."""
    logger = first_text(fields, LOGGER) or first_text(fields, LOGGER_LATER)
    times = (parse_time_value(otlp_value(fields[name])) for name in TIME if name in fields)
    at = next((time for time in times if time), None)
    return LogRecord(level_of(fields), first_text(fields, MESSAGE)[:MESSAGE_LIMIT], logger[:200], at)


def key_value_fields(line: str) -> dict[str, object]:
    """Fields of a ``key=value`` line; the first of equal names wins."""
    fields: dict[str, object] = {}
    for pair in PAIR.finditer(line):
        value = pair[3] if pair[2] is None else pair[2].replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")
        fields.setdefault(pair[1], value)
        if len(fields) >= FIELD_LIMIT:
            break
    return fields
