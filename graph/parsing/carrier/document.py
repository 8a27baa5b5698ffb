"""Records in one JSON document, such as the answer of a cloud's logging service, whole or cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from graph.parsing.carrier.lines import CarriedLine, Part
from graph.parsing.carrier.shapes import TEXT_FIELDS
from graph.parsing.text.escapes import unescape

STREAM = ("logStreamName", "logStream", "stream", "pod_name", "container_name")
TIMES = ("timestamp", "@timestamp")
_NAMES = "|".join((*TEXT_FIELDS, *STREAM, *TIMES, "field", "value"))
OPENED = re.compile(rf'[ \t]*+(?:[\[{{][ \t\[{{]*+(?:"|$)|"(?:{_NAMES})"\s{{0,9}}:)')
"""A line of a JSON document, or of a part of one."""
TOKEN = re.compile(r'"(?P<text>(?:[^"\\\n]++|\\[^\n])*+)"?|[{}\[\]]|(?<=[: ])\d{10,19}(?=[\s,}])')
COLON = re.compile(r"\s{0,9}:")
BREAK = re.compile(r"\\(?:n|[^n])")
DEPTH_LIMIT = 200


@dataclass(slots=True)
class DocumentRecord:
    """An element of a list of records, or the document itself; ``texts`` are what the program wrote, each as lines."""

    stated: dict[str, str] = field(default_factory=dict)
    texts: list[list[CarriedLine]] = field(default_factory=list)

    @property
    def source(self) -> str:
        """What names the program's stream, before or behind the text."""
        return "\n".join(self.stated[name] for name in STREAM if name in self.stated)

    @property
    def stamp(self) -> str:
        """Its time as written."""
        return next((self.stated[name] for name in TIMES if name in self.stated), "")


def document_records(lines: Sequence[CarriedLine]) -> Iterator[DocumentRecord]:
    """The records with a text, in order of position."""
    document = Part(lines)
    records = [DocumentRecord()]
    opened = [_Bracket(records[0])]
    key, start = "", 0
    for token in TOKEN.finditer(document.text):
        first = token[0][0]
        inner = opened[-1]
        if first in "[{":
            bracket = _Bracket(inner.record, first == "[", inner.is_list)
            if len(opened) == 1 or (inner.is_list and not inner.in_list):
                # An element of a list is a record; one that lists its fields has them as objects of their own.
                bracket = _Bracket(
                    DocumentRecord(dict(inner.record.stated)), first == "[", in_list=len(opened) > 1, start=token.start()
                )
                records.append(bracket.record)
            if len(opened) < DEPTH_LIMIT:
                opened.append(bracket)
        elif first in "]}":
            if len(opened) > 1:
                opened.pop().close(document, token.end())
        elif first == '"' and COLON.match(document.text, token.end()):
            key, start = token["text"], token.start()
            continue
        elif key:
            _state(inner.record, key, start, token, document)
        key = ""
    yield from (record for record in records if record.texts)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An open object or list and the record it is part of; ``start`` is its position if it is the record."""

    record: DocumentRecord
    is_list: bool = False
    in_list: bool = False
    start: int = -1

    def close(self, document: Part, end: int) -> None:
        """Let the texts of a record reach over all of it: what it states belongs to them."""
        if self.start >= 0 and self.record.texts:
            first, last = self.record.texts[0], self.record.texts[-1]
            first[0] = replace(first[0], start=document.original_position(self.start))
            last[-1] = replace(last[-1], end=document.original_position(end))


def _state(record: DocumentRecord, key: str, start: int, token: re.Match[str], document: Part) -> None:
    """Add the value of a field, which starts with its name, to its record."""
    name = record.stated.get("field", "") if key == "value" else key
    if name in TEXT_FIELDS and token["text"] is not None:
        record.texts.append(_lines(document, start, token))
    elif name in STREAM or name in TIMES or name == "field":
        record.stated[name] = token["text"] or token[0]


def _lines(document: Part, start: int, token: re.Match[str]) -> list[CarriedLine]:
    """The lines of a string."""
    texts = unescape(token["text"]).removesuffix("\n").split("\n")
    breaks = [at.end() for at in BREAK.finditer(document.text, *token.span("text")) if at[0] == "\\n"]
    ends = [document.original_position(position) for position in breaks[: len(texts) - 1]]
    whole = CarriedLine("", document.original_position(start), document.original_position(token.end()))
    return whole.split(texts, ends)
