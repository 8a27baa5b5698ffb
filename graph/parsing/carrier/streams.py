"""Streams of log lines as Grafana Loki answers a query: labels, and pairs of a time and a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graph.parsing.carrier.lines import CarriedLine, Part
from graph.parsing.carrier.shapes import carries_stack
from graph.parsing.text.escapes import unescape
from graph.parsing.text.log.fields import parse_json_object

MEMBER = re.compile(
    r'"stream"\s{0,40}:\s{0,40}(?P<labels>\{[^{}]{0,20000}\})'
    r'|\[\s{0,80}"(?P<time>\d{16,19})"\s{0,80},\s{0,80}"(?P<text>(?:[^"\\\n]++|\\[^\n])*+)"'
)
BREAK = re.compile(r"\\(?:n|[^n])")
OF_ONE_LINE = frozenset({"detected_level", "level", "severity", "severity_text"})
"""Labels that Loki derives from each line: the lines of one stack may differ in them."""


def split_streams(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines of each source in the order of their times, and last what precedes them; ``None`` if none is of a stack."""
    document = Part(lines)
    sources: dict[str, list[tuple[int, list[CarriedLine]]]] = {}
    source = ""
    first: int | None = None
    for member in MEMBER.finditer(document.text):
        first = document.index(member.start()) if first is None else first
        if member["labels"]:
            source = _source(parse_json_object(member["labels"]) or {})
        else:
            sources.setdefault(source, []).append((int(member["time"]), _entry(document, member)))
    if not any(carries_stack(line.text) for entries in sources.values() for _, entry in entries for line in entry):
        return None
    parts = [[line for entry in _oldest_first(entries) for line in entry] for entries in sources.values()]
    return [*parts, list(lines[:first])] if first else parts


def _source(labels: Mapping[str, object]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(labels.items()) if name not in OF_ONE_LINE)


def _entry(document: Part, member: re.Match[str]) -> list[CarriedLine]:
    """The lines of one entry."""
    start, end = document.original_position(member.start()), document.original_position(member.end())
    texts = unescape(member["text"]).removesuffix("\n").split("\n")
    breaks = [at.end() for at in BREAK.finditer(document.text, *member.span("text")) if at[0] == "\\n"]
    ends = [document.original_position(position) for position in breaks]
    return CarriedLine("", start, end, member["time"]).split(texts, ends[: len(texts) - 1])


def _oldest_first(entries: Sequence[tuple[int, list[CarriedLine]]]) -> list[list[CarriedLine]]:
    """The entries of one source by their times; those of equal times in the direction of the answer."""
    newest_first = entries[0][0] > entries[-1][0]
    return [lines for _, lines in sorted(reversed(entries) if newest_first else entries, key=lambda entry: entry[0])]
