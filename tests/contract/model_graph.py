"""A graph derived from the declarations, large enough for the planner to use every index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, Property, RelationshipDeclaration
from graph.model.statement import Statement

SIZES = {"Crash": 4_000, "JobRun": 2_000, "Signature": 400}
OTHERS = 200
DISTINCT = 20
"""Values that an indexed text has."""
START = datetime(2026, 1, 1, tzinfo=UTC)


def statements() -> Iterator[Statement]:
    """Statements that store it: every label with all properties, every relationship between neighbours and distant nodes."""
    for node in NODES.values():
        rows = [_values(node.properties, number, {node.key}) for number in range(_size(node.label))]
        yield Statement(f"UNWIND $rows AS row CREATE (n:{node.label}) SET n = row", {"rows": rows}, f"fill {node.label}")
    for relationship in RELATIONSHIPS.values():
        source, target = NODES[relationship.source], NODES[relationship.target]
        text = (
            f"UNWIND $rows AS row MATCH (a:{source.label} {{{source.key}: row.a}}) "
            f"MATCH (b:{target.label} {{{target.key}: row.b}}) CREATE (a)-[r:{relationship.type}]->(b) SET r = row.r"
        )
        yield Statement(text, {"rows": list(_pairs(relationship, source, target))}, f"fill {relationship.type}")


def _pairs(relationship: RelationshipDeclaration, source: NodeDeclaration, target: NodeDeclaration) -> Iterator[dict[str, Any]]:
    """As many as the larger side has nodes; two of one label are joined with a neighbour."""
    sizes = _size(source.label), _size(target.label)
    for number in range(max(sizes)):
        to = number + 1 if source is target else number
        ends = {"a": _text(source.key, number % sizes[0]), "b": _text(target.key, to % sizes[1])}
        yield {**ends, "r": _values(relationship.properties, number, set())}


def _values(properties: Iterable[Property], number: int, unique: set[str]) -> dict[str, Any]:
    return {
        prop.name: _value(prop, number if prop.unique or prop.name in unique else number % DISTINCT, number)
        for prop in properties
        if prop.name != "embedding"
    }


def _value(prop: Property, choice: int, number: int) -> Any:
    values: dict[str, Any] = {
        "STRING": _text(prop.name, choice),
        "INTEGER": number,
        "BOOLEAN": number % 2 == 0,
        "FLOAT": number / 4_000,
        "ZONED DATETIME": START + timedelta(hours=number),
        "LIST<STRING>": [_text(prop.name, choice)],
    }
    return values[prop.neo4j_type]


def _text(name: str, choice: int) -> str:
    return f"{name} {choice}"


def _size(label: str) -> int:
    return SIZES.get(label, OTHERS)
