"""Example queries for the query page, one file each.

A file begins with ``# Group: Title``; lines ``# Variables: {json}`` and ``# Extensions: {json}`` follow if it takes any.
A variable ``@pattern`` means the id of a node of the graph, which the query :data:`IDS` finds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
IDS = """query Ids {
  crashes(first: 1) { nodes { id receivedAt pattern { id } } }
  patterns(first: 2) { nodes { id } }
  jobRuns(first: 1) { nodes { runId } }
}
"""
"""``@crash``, ``@time`` and ``@pattern`` are of the latest crash, ``@otherPattern`` is a big one, ``@run`` the latest."""
_HEADER = re.compile(r"# (Variables|Extensions): (.*)\n")
_KIND = re.compile(r"^(query|mutation|subscription)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ExampleQuery:
    """A document to try."""

    name: str
    """Name of its file, under which the service answers it by ``documentId``."""
    group: str
    title: str
    query: str
    kind: str
    """``query``, ``mutation`` or ``subscription``."""
    variables: dict[str, Any]
    extensions: dict[str, Any]

    @property
    def needs_ids(self) -> bool:
        """Whether a variable is the id of a node."""
        return '"@' in json.dumps(self.variables)


@cache
def examples() -> tuple[ExampleQuery, ...]:
    """All examples, by file name."""
    return tuple(_read(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.graphql")))


def _read(name: str, text: str) -> ExampleQuery:
    heading, _, rest = text.partition("\n")
    group, title = heading.removeprefix("# ").split(": ", 1)
    facts: dict[str, Any] = {}
    while header := _HEADER.match(rest):
        facts[header[1]] = json.loads(header[2])
        rest = rest[header.end() :]
    kind = _KIND.search(rest)
    return ExampleQuery(
        name, group, title, rest, kind[1] if kind else "query", facts.get("Variables", {}), facts.get("Extensions", {})
    )
