"""Records of logs that are written as fields: JSON in the layouts of the common loggers, and ``key=value`` lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

import orjson

from graph.parsing.log.record import Record
from graph.parsing.protocol import MESSAGE_LIMIT
from graph.parsing.text.times import of_value

FIELD_LIMIT = 400
"""Fields of one record that are looked at."""
DEPTH_LIMIT = 6
# What wraps a record: search engines, cloud logging, structured arguments of loggers.
WRAPPERS = ("_source.", "jsonPayload.", "fields.", "attributes.", "record.extra.", "record.", "labels.", "payload.", "data.")

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
ATTRIBUTES = frozenset({"key", "value"})


def content_of(text: str) -> Mapping[str, object] | None:
    """The JSON object that a text is; ``None`` when it is none, or one nested too deeply to be read."""
    try:
        found = orjson.loads(text)
    except ValueError:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None


def flat(content: Mapping[str, object]) -> dict[str, object]:
    """The fields of nested objects under dotted names, those of wrappers under their own, attributes by their keys."""
    found: dict[str, object] = {}
    for name, value in _fields(content, "", 0):
        if len(found) >= FIELD_LIMIT:
            break
        found.setdefault(name, value)
        for wrapper in WRAPPERS:
            if name.startswith(wrapper):
                found.setdefault(name[len(wrapper) :], value)
                break
    return found


def _fields(content: Mapping[str, object], prefix: str, depth: int) -> Iterator[tuple[str, object]]:
    inner = []
    for key, value in content.items():
        named = attributes(value) if isinstance(value, list) else value
        if isinstance(named, Mapping) and named:
            yield f"{prefix}{key}", value
            inner.append((key, told(named) if len(named) == 1 else named))
        else:
            yield f"{prefix}{key}", value
    if depth < DEPTH_LIMIT:
        for key, named in inner:
            if isinstance(named, Mapping):
                yield from _fields(named, f"{prefix}{key}.", depth + 1)
            else:
                yield f"{prefix}{key}", named


def attributes(value: object) -> Mapping[str, object] | None:
    """A list of OTLP's keys and values as a map; ``None`` when it is something else."""
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) and "key" in one for one in value[:3]):
        return None
    return {str(one["key"]): told(one.get("value")) for one in value if isinstance(one, dict) and "key" in one}


def told(value: object) -> object:
    """What an OTLP value such as ``{"stringValue": "x"}`` says; anything else as it is."""
    if isinstance(value, Mapping) and len(value) == 1:
        [(kind, inner)] = value.items()
        if kind.endswith(("Value", "_value")):
            return inner
    return value


def first(fields: Mapping[str, object], names: Iterable[str]) -> str:
    """The first of the named fields that is a text or a number and not empty, as a text."""
    for name in names:
        value = told(fields.get(name))
        if isinstance(value, str) and value.strip():
            return value[: MESSAGE_LIMIT * 64]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def level_of(fields: Mapping[str, object]) -> str:
    """The level as a lower-case word; numbers are those of OpenTelemetry, of pino and bunyan, or of syslog."""
    number = first(fields, NUMBER)
    if number.lstrip("-").isdigit():
        return "fatal" if int(number) >= 21 else "error" if int(number) >= 17 else "info"
    level = first(fields, LEVEL).strip()
    if not level.isdigit():
        return LETTERS.get(level, level.lower().removeprefix("severity_number_"))
    value = int(level[:9])
    if "short_message" in fields or "PRIORITY" in fields or value <= 7:
        return "critical" if value < 3 else "error" if value == 3 else "info"
    # bunyan and pino count 10, 20 … 60; Python's logging ends at 50.
    least = 40 if "levelname" in fields or "levelno" in fields else 50
    return "fatal" if value >= 60 else "error" if value >= least else "info"


def record_of_fields(fields: Mapping[str, object]) -> Record:
    """The record that the fields make; its level is empty where none is told."""
    logger = first(fields, LOGGER) or first(fields, LOGGER_LATER)
    at = next((time for time in (of_value(told(fields.get(name))) for name in TIME) if time), None)
    return Record(level_of(fields), first(fields, MESSAGE)[:MESSAGE_LIMIT], logger[:200], at)


def pairs(line: str) -> dict[str, object]:
    """The fields of a ``key=value`` line; the first of equal names counts."""
    found: dict[str, object] = {}
    for pair in PAIR.finditer(line):
        value = pair[3] if pair[2] is None else pair[2].replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")
        found.setdefault(pair[1], value)
        if len(found) >= FIELD_LIMIT:
            break
    return found
