"""Statements that write the output of a run, made from the declarations of the model.

Each checks that the run still belongs to its worker and returns no row if it does not. ``computed_at`` is the server's clock,
which also set ``started_at`` of the run, so the clocks of workers need not agree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from graph.model import NODES, RELATIONSHIPS
from graph.model.statement import Statement
from jobs.outputs import STAMPS, declaration, targets
from jobs.spec import JobEdge, JobNode, JobSpec, NodeUpdate

VETOES = {"CAUSES": "NOT_CAUSED_BY"}
"""Verdicts against a relationship, read from its target to its source."""
_CLAIMED = "MATCH (run:JobRun {run_id: $run_id}) WHERE run.state = 'running' AND run.worker = $worker"


@dataclass(frozen=True, slots=True)
class RunClaim:
    """A run held by a worker."""

    run_id: str
    worker: str
    started_at: datetime

    def params(self) -> dict[str, object]:
        """Parameters of every statement here."""
        return {"run_id": self.run_id, "worker": self.worker}


def merge_edges(spec: JobSpec[Any], type_: str, edges: Sequence[JobEdge], claim: RunClaim) -> Statement:
    """Merge edges of one type; returns ``written``. Edges that lost an end, or that a verdict excludes, are left out."""
    stamp = _stamp(spec, type_, claim)
    rows = [
        {
            "source": edge.source,
            "target": edge.target,
            "label": edge.target_label or RELATIONSHIPS[type_].target,
            "properties": {**_plain(edge.properties), **stamp},
        }
        for edge in edges
    ]
    return Statement(_merge_edges_text(type_), {**claim.params(), "rows": rows}, f"merge {type_}")


def merge_nodes(spec: JobSpec[Any], label: str, nodes: Sequence[JobNode], claim: RunClaim) -> Statement:
    """Merge nodes of one label; returns ``written``. Of an owned label, properties not given are removed."""
    declared = NODES[label]
    stamp = _stamp(spec, label, claim)
    absent = {prop.name: None for prop in declared.properties} if label in spec.writes else {}
    rows = [
        {
            "key": node.properties[declared.key],
            "on_create": _plain(node.on_create),
            "properties": {
                **{name: None for name in absent if name not in node.on_create and name not in STAMPS},
                **_plain(node.properties),
                **stamp,
            },
        }
        for node in nodes
    ]
    return Statement(_merge_nodes_text(label), {**claim.params(), "rows": rows}, f"merge {label}")


def update_nodes(label: str, updates: Sequence[NodeUpdate], claim: RunClaim) -> Statement:
    """Set properties of nodes of one label; returns ``written``. Merged patterns only lose properties."""
    rows = [{"key": update.key, "properties": _plain(update.properties)} for update in updates]
    text = "\n".join(
        [
            _CLAIMED,
            "CALL (run) {",
            "  UNWIND $rows AS row",
            f"  MATCH (node:{label} {{{_key(label)}: row.key}})",
            *_unless_merged(label),
            "  SET node += row.properties",
            "  RETURN count(node) AS written",
            "}",
            "RETURN written",
        ]
    )
    return Statement(text, {**claim.params(), "rows": rows}, f"update {label}")


def remove_stale(name: str, claim: RunClaim, limit: int, touched: Collection[str] | None = None) -> Statement:
    """Remove edges or nodes computed before this run began, at most ``limit``; with ``touched``, only those it names.

    Returns ``removed``. Age decides rather than the run id, so what another run of the same job is writing now stays.
    """
    if name in NODES:
        match_lines, variable, delete_clause = _stale_nodes(name, touched), "node", "DETACH DELETE node"
    else:
        match_lines, variable, delete_clause = _stale_edges(name, touched), "edge", "DELETE edge"
    text = "\n".join(
        [
            _CLAIMED,
            "CALL (run) {",
            *match_lines,
            f"  WITH DISTINCT {variable}",
            f"  WHERE coalesce({variable}.computed_at < $started_at, true)",
            f"  WITH {variable} LIMIT $limit",
            f"  {delete_clause}",
            "  RETURN count(*) AS removed",
            "}",
            "RETURN removed",
        ]
    )
    params = {**claim.params(), "started_at": claim.started_at, "limit": limit}
    if touched is not None:
        params["touched"] = sorted(touched)
    return Statement(text, params, f"remove stale {name}")


def count_stored(names: Collection[str]) -> Statement:
    """Number of nodes and relationships of these labels and types, column ``stored``, from the server's own counts."""
    counts = [f"COUNT {{ (:{name}) }}" if name in NODES else f"COUNT {{ ()-[:{name}]->() }}" for name in sorted(names)]
    return Statement(f"RETURN {' + '.join(counts) or '0'} AS stored", {}, "count stored output")


@cache
def _merge_edges_text(type_: str) -> str:
    """Verdicts are obeyed here, for every job: merged patterns get no edge, and a vetoed edge is not written."""
    declared = RELATIONSHIPS[type_]
    obeyed = [
        f"NOT EXISTS {{ ({end})-[:SAME_AS]->(:Pattern) }}"
        for end, labels in (("source", (declared.source,)), ("target", targets(type_)))
        if "Pattern" in labels
    ]
    if veto := VETOES.get(type_):
        obeyed.append(f"NOT EXISTS {{ (target)-[:{veto}]->(source) }}")
    return "\n".join(
        [
            _CLAIMED,
            "CALL (run) {",
            "  UNWIND $rows AS row",
            f"  MATCH (source:{declared.source} {{{_key(declared.source)}: row.source}})",
            *_match_target(type_),
            *([f"  WITH row, source, target WHERE {' AND '.join(obeyed)}"] if obeyed else []),
            f"  MERGE (source)-[edge:{declared.type}]->(target)",
            f"  SET edge = row.properties{_computed_at('edge', type_)}",
            "  RETURN count(edge) AS written",
            "}",
            "SET run.edges_written = coalesce(run.edges_written, 0) + written",
            "RETURN written",
        ]
    )


@cache
def _merge_nodes_text(label: str) -> str:
    return "\n".join(
        [
            _CLAIMED,
            "CALL (run) {",
            "  UNWIND $rows AS row",
            f"  MERGE (node:{label} {{{_key(label)}: row.key}})",
            "  ON CREATE SET node += row.on_create",
            f"  SET node += row.properties{_computed_at('node', label)}",
            "  RETURN count(node) AS written",
            "}",
            "SET run.nodes_written = coalesce(run.nodes_written, 0) + written",
            "RETURN written",
        ]
    )


def _match_target(type_: str) -> list[str]:
    """Where the relationship may end at several labels, the row names one; each label has an index of its own."""
    first, *others = targets(type_)
    if not others:
        return [f"  MATCH (target:{first} {{{_key(first)}: row.target}})"]
    matches = [
        f"WITH row WHERE row.label = '{label}' MATCH (target:{label} {{{_key(label)}: row.target}}) RETURN target"
        for label in (first, *others)
    ]
    return ["  CALL (row) {", "    " + "\n    UNION ALL\n    ".join(matches), "  }"]


def _stale_edges(type_: str, touched: Collection[str] | None) -> list[str]:
    if touched is None:
        return [f"  MATCH ()-[edge:{type_}]->()"]
    source = RELATIONSHIPS[type_].source
    ends = [f"UNION MATCH (:{label} {{{_key(label)}: key}})<-[edge:{type_}]-() RETURN edge" for label in targets(type_)]
    return [
        "  UNWIND $touched AS key",
        "  CALL (key) {",
        f"    MATCH (:{source} {{{_key(source)}: key}})-[edge:{type_}]->() RETURN edge",
        *(f"    {end}" for end in ends),
        "  }",
    ]


def _stale_nodes(label: str, touched: Collection[str] | None) -> list[str]:
    if touched is None:
        return [f"  MATCH (node:{label})"]
    return ["  UNWIND $touched AS key", f"  MATCH (node:{label} {{{_key(label)}: key}})"]


def _unless_merged(label: str) -> list[str]:
    if label != "Pattern":
        return []
    nothing_set = "all(name IN keys(row.properties) WHERE row.properties[name] IS NULL)"
    return [f"  WITH row, node WHERE {nothing_set} OR NOT EXISTS {{ (node)-[:SAME_AS]->(:Pattern) }}"]


def _stamp(spec: JobSpec[Any], name: str, claim: RunClaim) -> dict[str, object]:
    stamps = {"algorithm": spec.name, "algorithm_version": spec.version, "run_id": claim.run_id}
    return {stamp: value for stamp, value in stamps.items() if stamp in _declared(name)}


def _computed_at(variable: str, name: str) -> str:
    return f", {variable}.computed_at = datetime()" if "computed_at" in _declared(name) else ""


@cache
def _declared(name: str) -> frozenset[str]:
    declared = declaration(name)
    assert declared
    return frozenset(prop.name for prop in declared.properties)


def _key(label: str) -> str:
    return NODES[label].key


def _plain(properties: Mapping[str, object]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in properties.items()}
