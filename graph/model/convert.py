"""Records to property maps and back, and the upserts derived from the declarations."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from graph.model.declare import NODES, RELATIONSHIPS
from graph.model.statement import Statement

T = TypeVar("T")


def properties(record: object) -> dict[str, Any]:
    """The stored properties of a record: those that are not ``None``, tuples as lists."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]  # every declared record is a dataclass
        value = getattr(record, field.name)
        if value is not None:
            found[field.name] = list(value) if isinstance(value, tuple) else value
    return found


def record(cls: type[T], stored: Mapping[str, Any]) -> T:
    """A record of that class from a stored property map; properties it does not declare are left out."""
    values = {
        field.name: tuple(value) if isinstance(value := stored[field.name], list) else value
        for field in dataclasses.fields(cls)  # type: ignore[arg-type]  # as above
        if field.name in stored
    }
    return cls(**values)


def upsert_nodes(label: str, records: Iterable[object]) -> Statement:
    """MERGE nodes of a declared label by their key and set all given properties."""
    declared = NODES[label]
    rows = [properties(item) for item in records]
    text = (
        f"UNWIND $rows AS row\nMERGE (n:{label} {{{declared.key}: row.{declared.key}}})\nSET n += row\nRETURN count(n) AS nodes"
    )
    return Statement(text, {"rows": rows}, f"upsert {label}")


def upsert_relationships(type_: str, rows: Iterable[tuple[str, str, object]]) -> Statement:
    """MERGE relationships of a declared type between existing nodes; a row is (source key, target key, record)."""
    declared = RELATIONSHIPS[type_]
    source, target = NODES[declared.source], NODES[declared.target]
    params = [{"source": a, "target": b, "properties": properties(item)} for a, b, item in rows]
    text = (
        f"UNWIND $rows AS row\nMATCH (a:{source.label} {{{source.key}: row.source}})\n"
        f"MATCH (b:{target.label} {{{target.key}: row.target}})\nMERGE (a)-[r:{type_}]->(b)\n"
        "SET r += row.properties\nRETURN count(r) AS relationships"
    )
    return Statement(text, {"rows": params}, f"upsert {type_}")
