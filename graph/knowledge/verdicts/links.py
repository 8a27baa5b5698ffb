"""Cypher for the relationships of verdicts and for removed derived ones, generated from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.knowledge.verdicts.journal import DerivedEdge
from graph.model import NODES, RELATIONSHIPS
from graph.model.statement import Statement


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A node by label and key."""

    label: str
    key: str

    def __str__(self) -> str:
        """``Pattern:3f2a``."""
        return f"{self.label}:{self.key}"


@dataclass(frozen=True, slots=True)
class VerdictLink:
    """A relationship of a declared type between two nodes."""

    type: str
    source: NodeRef
    target: NodeRef
    properties: Mapping[str, Any]


def create_links(links: Iterable[VerdictLink]) -> list[Statement]:
    """Create relationships; those of several verdicts may be parallel."""
    grouped: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for link in links:
        row = {"source": link.source.key, "target": link.target.key, "properties": dict(link.properties)}
        grouped.setdefault((link.type, link.source.label, link.target.label), []).append(row)
    return [Statement(_create_text(*kind), {"rows": rows}, f"create {kind[0]}") for kind, rows in grouped.items()]


@cache
def _create_text(type_: str, source: str, target: str) -> str:
    declared = RELATIONSHIPS[type_]
    if (source, target) not in {(declared.source, declared.target), *declared.also}:
        raise ValueError(f"{type_} does not join {source} to {target}")
    return "\n".join([*_ends(source, target), f"CREATE (a)-[r:{type_}]->(b)", "SET r = row.properties"])


def remove_derived(types: Sequence[str], ends: str, **params: Any) -> Statement:
    """Remove derived relationships and return them; ``ends`` is a condition on the patterns ``a`` and ``b``."""
    joined = "|".join(RELATIONSHIPS[type_].type for type_ in types)
    text = (
        f"MATCH (a:Pattern)-[r:{joined}]->(b:Pattern) WHERE {ends}\n"
        "WITH r, a.pattern_id AS source, b.pattern_id AS target, type(r) AS type, "
        "r {.*, computed_at: toString(r.computed_at)} AS properties\n"
        "DELETE r RETURN type, source, target, properties"
    )
    return Statement(text, params, f"remove {joined}")


def derived_of(pattern_id: str) -> list[Statement]:
    """Remove all derived relationships of a pattern and return them."""
    types = [type_ for type_, declared in RELATIONSHIPS.items() if declared.derived and declared.source == "Pattern"]
    return [remove_derived(types, f"{end}.pattern_id = $id", id=pattern_id) for end in "ab"]


def restore_derived(edges: Iterable[DerivedEdge]) -> list[Statement]:
    """Restore derived relationships between patterns that are not merged, unless there is a newer one of the type."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for edge in edges:
        if edge.type in RELATIONSHIPS:
            row = {"source": edge.source, "target": edge.target, "properties": edge.properties}
            grouped.setdefault(edge.type, []).append(row)
    return [Statement(_restore_text(type_), {"rows": rows}, f"restore {type_}") for type_, rows in grouped.items()]


@cache
def _restore_text(type_: str) -> str:
    return "\n".join(
        [
            *_ends("Pattern", "Pattern"),
            f"WITH a, b, row WHERE NOT EXISTS {{ (a)-[:{type_}]-(b) }}",
            "  AND NOT EXISTS { (a)-[:SAME_AS]->(:Pattern) } AND NOT EXISTS { (b)-[:SAME_AS]->(:Pattern) }",
            f"CREATE (a)-[r:{type_}]->(b)",
            "SET r = row.properties, r.computed_at = datetime(row.properties.computed_at)",
        ]
    )


def _ends(source: str, target: str) -> list[str]:
    return [
        "UNWIND $rows AS row",
        f"MATCH (a:{source} {{{NODES[source].key}: row.source}})",
        f"MATCH (b:{target} {{{NODES[target].key}: row.target}})",
    ]
