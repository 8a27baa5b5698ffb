"""JSON records that each carry text of a program: container runtimes, collectors, cloud logging, the journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import TEXT_FIELDS, carries_stack
from graph.parsing.text.escapes import unescape
from graph.parsing.text.log.fields import flatten, level_of, parse_json_object

IDENTITY = (
    "stream", "source", "logName", "logStream", "logStreamName", "container_id", "container_name", "container",
    "container.id", "container.name", "pod", "namespace", "kubernetes.pod_name", "kubernetes.pod.name",
    "kubernetes.container_name", "kubernetes.container.name", "resource.labels.pod_name", "resource.labels.container_name",
    "resource.labels.revision_name", "labels.pod", "host", "hostname", "host.name", "_HOSTNAME", "_PID", "SYSLOG_IDENTIFIER",
    "_SYSTEMD_UNIT", "PRIORITY", "pid", "level", "severity", "logger", "tag",
)  # fmt: skip
"""Fields that identify the source of a record."""
TIME = ("time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "eventTime")
RUNTIME = frozenset({"log", "stream", "time"})
"""Fields of the json-file of a container runtime."""
OWN = "\x00"
"""Source of the records that are a format of their own."""
STREAM = ("logStreamName", "logStream", "stream", "pod_name", "container_name")
BREAK = re.compile(r"\\(?:n|[^n])")
_NAMES = "|".join((*TEXT_FIELDS, *STREAM, "field", "value", "timestamp"))
OPENED = re.compile(rf'[ \t]*+(?:[\[{{][ \t\[{{]*+(?:"|$)|"(?:{_NAMES})"\s{{0,9}}:)')
"""A line of a JSON document, or of a part of one."""
MEMBER = re.compile(rf'"({_NAMES})"\s{{0,9}}:\s{{0,9}}(?:"((?:[^"\\]++|\\.)*+)(?:"|$)|(\d{{10,19}}))')


@dataclass(frozen=True, slots=True)
class _Record:
    """The text of a record; ``carries`` if that shows that the record is a carrier."""

    source: str
    lines: list[CarriedLine]
    carries: bool


def split_records(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The texts of JSON records by source, and last the other lines; ``None`` if none carries a line of a stack."""
    records = [_line_record(line) for line in lines]
    if not any(records):
        return _split_document(lines)
    if not any(record and record.carries for record in records):
        return None
    sources = {record.source for record in records if record and record.carries}
    parts = _parts(record for record in records if record and record.source in sources)
    rest = [line for line, record in zip(lines, records, strict=True) if record is None or record.source not in sources]
    return [*parts, rest] if rest else parts


def _line_record(line: CarriedLine) -> _Record | None:
    """The record that is one line."""
    text = line.text
    content = parse_json_object(text) if text[:1] == "{" and text.rstrip()[-1:] == "}" else None
    name = next((name for name in TEXT_FIELDS if isinstance(content.get(name), str)), None) if content else None
    if content is None or name is None:
        return None
    texts = str(content[name]).split("\n")
    stacked = any(map(carries_stack, texts))
    if stacked and len(texts) > 2 and level_of(flatten(content)):
        # A record of a logger with the whole stack in its message: a format of its own.
        return _Record(OWN, [], carries=False)
    value = re.search(rf'"{re.escape(name)}"\s{{0,9}}:\s{{0,9}}"', text)
    lines = _lines(line, texts, value.end() if value else 0, _stamp(content))
    return _Record(_source(content), lines, carries=stacked or content.keys() >= RUNTIME)


def _source(content: Mapping[str, object]) -> str:
    fields = flatten(content) if any(isinstance(value, dict) for value in content.values()) else content
    return "\n".join(str(fields[field]) for field in IDENTITY if field in fields)


def _stamp(content: Mapping[str, object]) -> str:
    return str(next((content[field] for field in TIME if field in content), ""))


def _lines(line: CarriedLine, texts: Sequence[str], begin: int, stamp: str) -> list[CarriedLine]:
    """The lines of a string that begins at ``begin`` in the text of ``line``."""
    if len(texts) == 1:
        return [line.with_text(texts[0], stamp)]
    ends = _ends(line, begin, len(line.text))
    return line.split([text.removesuffix("\r") for text in texts], (ends + [line.end] * len(texts))[: len(texts) - 1], stamp)


def _ends(line: CarriedLine, begin: int, end: int) -> list[int]:
    """Where escaped line feeds between two positions of a line's text end in the original text."""
    shift = line.end - len(line.text)
    return [shift + match.end() for match in BREAK.finditer(line.text, begin, end) if match[0] == "\\n"]


def _parts(records: Iterable[_Record]) -> list[list[CarriedLine]]:
    """The lines of all records, by source."""
    sources: dict[str, list[list[CarriedLine]]] = {}
    for record in records:
        sources.setdefault(record.source, []).append(record.lines)
    return [_joined(members) for members in sources.values()]


def _joined(records: Sequence[list[CarriedLine]]) -> list[CarriedLine]:
    """The lines of all records; where most end with a line feed, a record without one continues in the next."""
    ended = [len(lines) > 1 and not lines[-1].text for lines in records]
    joined: list[CarriedLine] = []
    whole = True
    for lines, is_ended in zip(records, ended, strict=True):
        own = [*lines[:-2], lines[-2].extended(lines[-1].end)] if is_ended else lines
        if not whole and joined:
            own = [joined.pop().extended(own[0].end, own[0].text), *own[1:]]
        joined += own
        whole = is_ended or not any(ended)
    return joined


def _split_document(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The texts of the records in one JSON document of many lines, such as the answer of a cloud's logging service."""
    first = next((index for index, line in enumerate(lines) if OPENED.match(line.text)), None)
    if first is None:
        return None
    records = _members(lines[first:])
    if not any(record.carries for record in records):
        return None
    parts = _parts(records)
    return [*parts, list(lines[:first])] if first else parts


def _members(lines: Sequence[CarriedLine]) -> list[_Record]:
    """A record for each text in a document; its source is the stream named last before it."""
    records = []
    source = stamp = ""
    is_message = False
    for line in lines:
        for member in MEMBER.finditer(line.text):
            name, value = member[1], member[2]
            if name == "timestamp":
                stamp = value or member[3]
            elif value is None:
                continue
            elif name == "field":
                is_message = value == "@message"
            elif name in STREAM:
                source = value
            elif name != "value" or is_message:
                records.append(_member_record(line, member, source, stamp))
    return records


def _member_record(line: CarriedLine, member: re.Match[str], source: str, stamp: str) -> _Record:
    """The record of a text that is a member of a document."""
    texts = unescape(member[2]).removesuffix("\n").split("\n")
    shift = line.end - len(line.text)
    own = CarriedLine(line.text, shift + member.start(), shift + member.end(), stamp)
    lines = own.split(texts, _ends(line, *member.span(2))[: len(texts) - 1])
    return _Record(source, lines, any(map(carries_stack, texts)))
