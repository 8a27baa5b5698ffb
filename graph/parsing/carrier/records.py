"""JSON records that each carry text of a program: container runtimes, collectors, cloud logging, the journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.parsing.carrier.document import OPENED, document_records
from graph.parsing.carrier.lines import CarriedLine, oldest_first
from graph.parsing.carrier.shapes import TEXT_FIELDS, carries_stack
from graph.parsing.text.log.fields import flatten, level_of, parse_json_object
from graph.parsing.text.terminal import SEQUENCE

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
BREAK = re.compile(r"\\(?:n|[^n])")


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
    name, written = next(_written(content), ("", "")) if content else ("", "")
    if content is None or not name:
        return None
    texts = written.split("\n")
    stacked = any(map(carries_stack, texts))
    if stacked and len(texts) > 2 and level_of(flatten(content)):
        # A record of a logger with the whole stack in its message: a format of its own.
        return _Record(OWN, [], carries=False)
    value = re.search(rf'"{re.escape(name)}"\s{{0,9}}:\s{{0,9}}"', text)
    lines = _lines(line, texts, value.end() if value else 0, _stamp(content))
    return _Record(_source(content), lines, carries=stacked or content.keys() >= RUNTIME)


def _written(content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The fields with a line of the program; the journal writes one with control characters as a list of bytes."""
    for name in TEXT_FIELDS:
        value = content.get(name)
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list) and value and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
            yield name, SEQUENCE.sub("", bytes(value).decode("utf-8", "replace"))


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
    """The lines of all records, by source, the oldest first."""
    sources: dict[str, list[list[CarriedLine]]] = {}
    for record in records:
        sources.setdefault(record.source, []).append(record.lines)
    return [_joined(oldest_first(members)) for members in sources.values()]


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
    records = [
        _Record(record.source, [line.with_text(line.text, record.stamp) for line in text], _is_stack(text))
        for record in document_records(lines[first:])
        for text in record.texts
    ]
    if not any(record.carries for record in records):
        return None
    parts = _parts(records)
    return [*parts, list(lines[:first])] if first else parts


def _is_stack(lines: Sequence[CarriedLine]) -> bool:
    return any(carries_stack(line.text) for line in lines)
