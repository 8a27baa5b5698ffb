"""Queries that read some properties of nodes instead of all."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model import NODES

SELECTED = "*"
"""Key of a property map that has selected properties only, with null for one that the node lacks."""
MOST_TEXTS = 2_000
"""Texts that are remembered; each is also a plan that the server keeps."""

_PROJECTION = re.compile(r"\b(?P<variable>\w+) \{\.\*(?P<instead>(?:, \w+: (?:'[^']*'|null))*)\}")
_LABELLED = re.compile(r"\((?P<variable>\w+):(?P<label>\w+)\b")


@lru_cache(MOST_TEXTS)
def selecting(text: str, label: str, names: frozenset[str]) -> str:
    """The query with these properties alone instead of all, ``n {.*}``, wherever a variable of that label is projected.

    Times come as texts of ISO 8601, which are cheaper to read than those of the driver. Properties that the query replaces,
    ``n {.*, report: ''}``, are left out unless they are selected.
    """
    variables = {found["variable"] for found in _LABELLED.finditer(text) if found["label"] == label}
    times = {one.name for one in NODES[label].properties if one.neo4j_type == "ZONED DATETIME"}

    def projection(found: re.Match[str]) -> str:
        variable = found["variable"]
        if variable not in variables:
            return found.group()
        instead = dict(part.split(": ", 1) for part in found["instead"].split(", ")[1:])
        items = [f"`{SELECTED}`: true"]
        for name in sorted(names):
            if name in instead:
                items.append(f"{name}: {instead[name]}")
            else:
                items.append(f"{name}: toString({variable}.{name})" if name in times else f".{name}")
        return f"{variable} {{{', '.join(items)}}}"

    return _PROJECTION.sub(projection, text)
