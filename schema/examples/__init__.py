"""Example queries for the query page, one file each.

A file begins with ``# Title``, and ``# Variables: {json}`` if it takes any.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_VARIABLES = "# Variables: "


@dataclass(frozen=True, slots=True)
class ExampleQuery:
    """A query to try."""

    title: str
    query: str
    variables: dict[str, Any]


@cache
def examples() -> tuple[ExampleQuery, ...]:
    """All examples, by file name."""
    return tuple(_read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.graphql")))


def _read(text: str) -> ExampleQuery:
    title, _, rest = text.partition("\n")
    variables: dict[str, Any] = {}
    if rest.startswith(_VARIABLES):
        line, _, rest = rest.partition("\n")
        variables = json.loads(line.removeprefix(_VARIABLES))
    return ExampleQuery(title.removeprefix("# "), rest, variables)
