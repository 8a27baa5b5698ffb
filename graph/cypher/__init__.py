"""Hand-written Cypher, one file per query, each with a header that says what it is.

::

    // Answers: which crashes of these ids are stored already.
    // Params: ids LIST<STRING>
    // Reads: Crash(crash_id)
    // Writes: nothing
    // Returns: crash_id, pattern_id

A file can be pasted into the Neo4j Browser as it is, after ``:param`` has set its parameters. A query
that must look at every node of a label adds the line ``// Full scan: why``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graph.model.statement import Statement

FOLDER = Path(__file__).parent
_FIELD = re.compile(r"^// (Answers|Params|Reads|Writes|Returns|Full scan): (.*)$")
_CONTINUED = re.compile(r"^//   (\S.*)$")


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query file: its text (header included), declared parameters and header lines."""

    name: str
    text: str
    params: Mapping[str, str]
    header: Mapping[str, str]


def names() -> list[str]:
    """Every query as ``folder/name``, sorted."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.cypher"))


@cache
def load(name: str) -> QueryFile:
    """The query of that name. ``LookupError`` if there is none, ``ValueError`` if its header is incomplete."""
    path = FOLDER / f"{name}.cypher"
    if not path.is_file():
        raise LookupError(f"no query {name!r} under {FOLDER.name}/")
    text = path.read_text(encoding="utf-8")
    header = _header(text)
    missing = {"Answers", "Params", "Reads", "Returns"} - header.keys()
    if missing:
        raise ValueError(f"{name}.cypher: header lacks {', '.join(sorted(missing))}")
    return QueryFile(name, text, _params(header["Params"]), header)


def query(name: str, **params: Any) -> Statement:
    """A statement of the query of that name. ``ValueError`` unless exactly its declared parameters are given."""
    declared = load(name)
    if declared.params.keys() != params.keys():
        raise ValueError(f"{name} takes {sorted(declared.params)}, got {sorted(params)}")
    return Statement(declared.text, params, name)


def _header(text: str) -> dict[str, str]:
    header: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if found := _FIELD.match(line):
            last = found.group(1)
            header[last] = found.group(2).strip()
        elif (found := _CONTINUED.match(line)) and last:
            header[last] += " " + found.group(1)
    return header


def _params(text: str) -> dict[str, str]:
    if text == "none":
        return {}
    return dict(part.strip().split(" ", 1) for part in _split_top(text))


def _split_top(text: str) -> list[str]:
    """Split at commas outside ``<>``, so that ``MAP<a, b>`` stays whole."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += (char == "<") - (char == ">")
        if char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
