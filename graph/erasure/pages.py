"""Read the nodes and relationships of each declaration page by page, and change those that are still as they were read.

The statements follow from the declarations, so that a new label or type is covered when it is declared.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graph.cypher import query
from graph.erasure.stored_texts import is_text
from graph.model import NODES
from graph.model.declare import NodeDeclaration, RelationshipDeclaration
from graph.model.nodes import Crash, Environment, Pattern, Signature
from graph.model.statement import Statement
from graph.ports import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Row:
    """A node by its key, or a relationship by its element id, as it was read, and what of it changes."""

    key: str
    values: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)

    def with_changes(self, changed: dict[str, Any]) -> Row:
        """The same with other changes."""
        return replace(self, changed=changed)

    @property
    def expected(self) -> dict[str, Any]:
        """The texts that are to change, as they were read."""
        return {name: self.values[name] for name in self.changed if is_text(self.values.get(name))}


async def node_pages(graph: Reader, declared: NodeDeclaration, at_once: int) -> AsyncIterator[list[Row]]:
    """All nodes of a label, in the order of their keys."""
    after = ""
    text = (
        f"MATCH (n:{declared.label}) WHERE n.{declared.key} > $after\n"
        f"WITH n ORDER BY n.{declared.key} LIMIT $most\n"
        f"RETURN n.{declared.key} AS key, n {{.*, embedding: NULL}} AS properties"
    )
    while rows := await graph.read(Statement(text, {"after": after, "most": at_once}, f"page of {declared.label}")):
        yield [Row(row["key"], row["properties"]) for row in rows]
        after = rows[-1]["key"]


async def existing(graph: Reader, declared: NodeDeclaration, keys: Sequence[str]) -> list[Row]:
    """Those of these nodes that exist."""
    text = (
        f"UNWIND $keys AS key MATCH (n:{declared.label} {{{declared.key}: key}})\n"
        "RETURN key, n {.*, embedding: NULL} AS properties"
    )
    rows = await graph.read(Statement(text, {"keys": list(keys)}, f"some of {declared.label}"))
    return [Row(row["key"], row["properties"]) for row in rows]


async def relationship_pages(graph: Reader, declared: RelationshipDeclaration, at_once: int) -> AsyncIterator[list[Row]]:
    """All relationships of a type, those of some sources at a time."""
    for source in dict.fromkeys([declared.source, *(first for first, _ in declared.also)]):
        key = NODES[source].key
        text = (
            f"MATCH (a:{source}) WHERE a.{key} > $after\n"
            f"WITH a ORDER BY a.{key} LIMIT $most\n"
            f"RETURN a.{key} AS last,\n"
            f"  COLLECT {{ MATCH (a)-[r:{declared.type}]->() RETURN [elementId(r), properties(r)] }} AS found"
        )
        after = ""
        while rows := await graph.read(Statement(text, {"after": after, "most": at_once}, f"page of {declared.type}")):
            yield [Row(id, values) for row in rows for id, values in row["found"]]
            after = rows[-1]["last"]


async def lock_statements(declared: NodeDeclaration, keys: Sequence[str], tx: Transaction) -> list[Statement]:
    """Take the write locks of nodes; of crashes those of their signatures, patterns and environments, as a deletion does."""
    if declared.label == Crash.__name__:
        places = await tx.run(query("erasure/places_of_crashes", ids=list(keys)))
        patterns, exacts, environments = (
            sorted({row[name] for row in places} - {None}) for name in ("pattern_id", "exact", "environment_id")
        )
        return [query("verdicts/lock", ids=patterns), query("erasure/lock", exacts=exacts, environments=environments)]
    if declared.label == Pattern.__name__:
        return [query("verdicts/lock", ids=sorted(keys))]
    if declared.label in {Signature.__name__, Environment.__name__}:
        signatures = sorted(keys) if declared.label == Signature.__name__ else []
        return [query("erasure/lock", exacts=signatures, environments=[] if signatures else sorted(keys))]
    text = (
        f"UNWIND $keys AS key MATCH (n:{declared.label} {{{declared.key}: key}})\n"
        f"SET n.{declared.key} = n.{declared.key} RETURN count(n) AS nodes"
    )
    return [Statement(text, {"keys": sorted(keys)}, f"lock {declared.label}")]


def compare_and_set(declared: NodeDeclaration, rows: Sequence[Row], *, rename: bool = True) -> Statement:
    """Change nodes with the texts that were read; returns their keys. Without ``rename`` keys stay."""
    changes = [
        {
            "key": row.key,
            "old": row.expected,
            "new": {name: value for name, value in row.changed.items() if rename or name != declared.key},
        }
        for row in rows
    ]
    text = (
        f"UNWIND $rows AS row MATCH (n:{declared.label} {{{declared.key}: row.key}})\n"
        "WHERE all(name IN keys(row.old) WHERE n[name] = row.old[name])\n"
        "SET n += row.new RETURN row.key AS key"
    )
    return Statement(text, {"rows": changes}, f"redact {declared.label}")


def join_statement(declared: NodeDeclaration, old: str, new: str) -> Statement:
    """Give a node another key, or its relationships to the node that has that key already."""
    text = f"""
MATCH (old:{declared.label} {{{declared.key}: $old}})
OPTIONAL MATCH (new:{declared.label} {{{declared.key}: $new}})
FOREACH (_ IN CASE WHEN new IS NULL THEN [1] ELSE [] END | SET old.{declared.key} = $new)
WITH old, new
CALL (old, new) {{
  MATCH (old)-[r]->(x) WHERE new IS NOT NULL AND x <> new
    AND NOT EXISTS {{ MATCH (new)-[same:$(type(r))]->(x) WHERE properties(same) = properties(r) }}
  CREATE (new)-[copy:$(type(r))]->(x) SET copy = properties(r)
}}
CALL (old, new) {{
  MATCH (old)<-[r]-(x) WHERE new IS NOT NULL AND x <> new
    AND NOT EXISTS {{ MATCH (new)<-[same:$(type(r))]-(x) WHERE properties(same) = properties(r) }}
  CREATE (new)<-[copy:$(type(r))]-(x) SET copy = properties(r)
}}
FOREACH (_ IN CASE WHEN new IS NULL THEN [] ELSE [1] END | DETACH DELETE old)
RETURN CASE WHEN new IS NULL THEN 0 ELSE 1 END AS joined
"""
    return Statement(text, {"old": old, "new": new}, f"rename {declared.label}")


def set_relationships(rows: Sequence[Row]) -> Statement:
    """Change relationships that have the texts that were read."""
    changes = [{"id": row.key, "old": row.expected, "new": row.changed} for row in rows]
    text = (
        "UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row.id\n"
        "AND all(name IN keys(row.old) WHERE r[name] = row.old[name])\n"
        "SET r += row.new RETURN count(r) AS relationships"
    )
    return Statement(text, {"rows": changes}, "redact relationships")
