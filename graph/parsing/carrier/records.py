"""JSON records that each carry text of a program: container runtimes, collectors, cloud logging, the journal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import FRAMED, HEADED, TEXT_FIELDS
from graph.parsing.text.log_fields import flatten, level_of, parse_json_object

IDENTITY = (
    "stream", "source", "logName", "logStream", "logStreamName", "container_id", "container_name", "container",
    "container.id", "container.name", "pod", "namespace", "kubernetes.pod_name", "kubernetes.pod.name",
    "kubernetes.container_name",
    "kubernetes.container.name", "resource.labels.pod_name", "resource.labels.container_name", "resource.labels.revision_name",
    "labels.pod", "host", "hostname", "host.name", "_HOSTNAME", "_PID", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "PRIORITY", "pid",
    "level", "severity", "logger", "tag",
)  # fmt: skip
"""Fields that identify the source of a record."""
TIME = ("time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "eventTime")
TEXTS = {name: re.compile(rf'"{re.escape(name)}"\s{{0,9}}:\s{{0,9}}"') for name in TEXT_FIELDS}
ESCAPE = re.compile(r"\\(?:\\|n|.)")
RUNTIME = frozenset({"log", "stream", "time"})
"""Fields of the json-file of a container runtime."""


def split_records(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The texts of JSON lines by source, and last the other lines; ``None`` if none carries a line of a stack."""
    sources: dict[str, list[tuple[CarriedLine, list[CarriedLine], bool]]] = {}
    for line in lines:
        record = parse_json_object(line.text) if line.text[:1] == "{" and line.text.rstrip().endswith("}") else None
        carried = _carried(line, record) if record else None
        if carried:
            sources.setdefault(carried[0], []).append((line, *carried[1:]))
    parts = []
    taken: set[int] = set()
    for records in sources.values():
        if any(carries for _, _, carries in records):
            parts.append(_joined([texts for _, texts, _ in records]))
            taken.update(id(line) for line, _, _ in records)
    if not parts:
        return None
    rest = [line for line in lines if id(line) not in taken]
    return [*parts, rest] if rest else parts


def _carried(line: CarriedLine, record: Mapping[str, object]) -> tuple[str, list[CarriedLine], bool] | None:
    """The source of a record, its text as lines, and whether they show that the record is a carrier."""
    name = next((name for name in TEXT_FIELDS if isinstance(record.get(name), str)), None)
    if name is None:
        return None
    fields = flatten(record)
    text = str(record[name])
    texts = text.split("\n")
    is_runtime = record.keys() >= RUNTIME
    if level_of(fields) and len(texts) > 2 and any(map(_is_of_a_stack, texts)):
        # A record of a logger with the whole stack in its message.
        return None
    carries = is_runtime or any(map(_is_of_a_stack, texts))
    source = "\n".join(str(fields[field]) for field in IDENTITY if field in fields)
    return source, _lines(line, name, texts, str(next((fields[field] for field in TIME if field in fields), ""))), carries


def _lines(line: CarriedLine, name: str, texts: Sequence[str], stamp: str) -> list[CarriedLine]:
    begin = TEXTS[name].search(line.text)
    shift = line.end - len(line.text)
    ends = [shift + match.end() for match in ESCAPE.finditer(line.text, begin.end()) if match[0] == "\\n"] if begin else []
    return line.split([text.removesuffix("\r") for text in texts], (ends + [line.end] * len(texts))[: len(texts) - 1], stamp)


def _joined(records: Sequence[list[CarriedLine]]) -> list[CarriedLine]:
    """The lines of all records; where most end with a line feed, a record without one continues in the next."""
    ended = [len(lines) > 1 and not lines[-1].text for lines in records]
    joined: list[CarriedLine] = []
    whole = True
    for lines, is_ended in zip(records, ended, strict=True):
        own = [*lines[:-2], CarriedLine(lines[-2].text, lines[-2].start, lines[-1].end, lines[-2].stamp)] if is_ended else lines
        if not whole and joined:
            first = joined.pop()
            own = [CarriedLine(first.text + own[0].text, first.start, own[0].end, first.stamp), *own[1:]]
        joined += own
        whole = is_ended or not any(ended)
    return joined


def _is_of_a_stack(line: str) -> bool:
    return bool(FRAMED.match(line) or HEADED.match(line.lstrip()))
