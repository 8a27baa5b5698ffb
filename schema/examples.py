"""The example queries of the query page, one file each.

A file begins with ``# Title``, then ``# Variables: {json}`` if it takes variables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "editor" / "examples"
_VARIABLES = "# Variables: "


@dataclass(frozen=True, slots=True)
class Example:
    """An example query."""

    title: str
    query: str
    variables: dict[str, Any]


@cache
def examples() -> tuple[Example, ...]:
    """All examples, in the order of their file names."""
    return tuple(_read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.graphql")))


def _read(text: str) -> Example:
    title, _, rest = text.partition("\n")
    variables: dict[str, Any] = {}
    if rest.startswith(_VARIABLES):
        line, _, rest = rest.partition("\n")
        variables = json.loads(line.removeprefix(_VARIABLES))
    return Example(title.removeprefix("# "), rest, variables)
