"""The whole graph as a value, so that two moments can be compared."""

from __future__ import annotations

from typing import Any

from graph.model.statement import Statement
from graph.ports import Graph

LOG = ("Verdict", "Revision", "Event", "EventLog", "AuditEvent")
"""Labels of the history, which stays when a change is undone; they are not compared."""

_NODES = Statement(
    "MATCH (n) WHERE none(label IN labels(n) WHERE label IN $log) "
    "RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties",
    {"log": list(LOG)},
)
_EDGES = Statement(
    "MATCH (a)-[r]->(b) WHERE none(label IN labels(a) + labels(b) WHERE label IN $log) "
    "RETURN elementId(a) AS source, elementId(b) AS target, type(r) AS type, "
    "r {.*, computed_at: toString(r.computed_at)} AS properties",
    {"log": list(LOG)},
)


async def whole(graph: Graph) -> tuple[list[Any], list[Any]]:
    """Every node and relationship with all properties, in an order of their own."""
    names = {}
    nodes = []
    for row in await graph.read(_NODES):
        names[row["id"]] = _text([row["labels"], row["properties"]])
        nodes.append(names[row["id"]])
    edges = [
        (names[row["source"]], row["type"], names[row["target"]], _text(row["properties"])) for row in await graph.read(_EDGES)
    ]
    return sorted(nodes), sorted(edges)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        inside = (f"{key}={_text(value[key])}" for key in sorted(value) if key != "embedding" and value[key] is not None)
        return "{" + ", ".join(inside) + "}"
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else repr(value)


async def same_as(graph: Graph, before: tuple[list[Any], list[Any]]) -> bool:
    """Whether the graph is unchanged; differences are printed."""
    after = await whole(graph)
    for was, now in zip(before, after, strict=True):
        for sign, left, right in (("-", was, now), ("+", now, was)):
            missing = list(left)
            for one in right:
                if one in missing:
                    missing.remove(one)
            for one in missing:
                print(sign, one)  # noqa: T201
    return after == before
