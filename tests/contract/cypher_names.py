"""Labels, types and properties that the text of a query names: enough Cypher for the files of graph/cypher."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ANY_TYPE = "*"
"""The type of a relationship without a type in the text."""

_COMMENT = re.compile(r"//[^\n]*")
_STRING = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_PARAMETER = re.compile(r"\$(?!any\()(\w+)")  # `:$any(…)` is a label or type given by an expression
_NODE = re.compile(r"\(\s*(\w*)\s*:\s*(\w+)\s*(?:\{([^{}]*)\})?")
_RELATIONSHIP = re.compile(r"\[\s*(\w*)\s*:\s*([A-Z_]+(?:\|[A-Z_]+)*)\s*(?:\{([^{}]*)\})?")
_ANY_RELATIONSHIP = re.compile(r"\[\s*(\w+)\s*(?::\$any\(\$\w+\))?\s*\]-")
_SET_LABEL = re.compile(r"\bSET\s+\w+:(\w+)")
_ACCESS = re.compile(r"(?<![\w.$])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?!\s*\()")
_PATTERN_KEY = re.compile(r"(?:^|,)\s*(\w+)\s*:")
_WRITE = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE)\b")
_LISTED = re.compile(r"([A-Za-z_]\w*)(?:\(([^()]*)\))?")
_INDEX = re.compile(r"VECTOR INDEX (\w+)|queryNodes\('(\w+)'")


@dataclass(slots=True)
class Used:
    """Names in the text of a query. ``properties`` are (label or type, property); the type may be ``ANY_TYPE``."""

    parameters: set[str]
    labels: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    properties: set[tuple[str, str]] = field(default_factory=set)
    indexes: set[str] = field(default_factory=set)
    writes: bool = False


def used(text: str) -> Used:
    """The names in a query's text. A property counts where its variable is bound to a label or a type."""
    uncommented = _COMMENT.sub("", text)
    bare = _STRING.sub("''", uncommented)
    found = Used(set(_PARAMETER.findall(bare)), writes=bool(_WRITE.search(bare)))
    found.indexes = {name for pair in _INDEX.findall(uncommented) for name in pair if name}
    bound: dict[str, set[str]] = {variable: {ANY_TYPE} for variable in _ANY_RELATIONSHIP.findall(bare)}
    for variable, name, inside in _NODE.findall(bare):
        found.labels.add(name)
        _bind(found, bound, variable, name, inside)
    for variable, types, inside in _RELATIONSHIP.findall(bare):
        found.types |= set(types.split("|"))
        for name in types.split("|"):
            _bind(found, bound, variable, name, inside)
    found.labels |= set(_SET_LABEL.findall(bare))
    found.properties |= {(name, prop) for variable, prop in _ACCESS.findall(bare) for name in bound.get(variable, ())}
    return found


def _bind(found: Used, bound: dict[str, set[str]], variable: str, name: str, inside: str) -> None:
    found.properties |= {(name, prop) for prop in _PATTERN_KEY.findall(inside)}
    if variable:
        bound.setdefault(variable, set()).add(name)


def listed(line: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of a ``Reads`` or ``Writes`` line, each with the properties in its brackets."""
    if line == "nothing":
        return
    for name, inside in _LISTED.findall(line):
        yield name, tuple(part.strip() for part in inside.split(",")) if inside else ()
