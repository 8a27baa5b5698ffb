"""From what a job found to relationships in the graph: checked, stamped, merged, and the stale ones removed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from graph.model import NODES, RELATIONSHIPS
from graph.model.errors import JobError
from graph.model.statement import Statement
from jobs.spec import Edge, JobSpec

STAMPED = ("algorithm", "algorithm_version", "run_id", "computed_at")
"""Evidence that only the runner writes."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run held by a worker; every write of the run checks that it is still held."""

    run_id: str
    worker: str
    started_at: datetime

    def params(self) -> dict[str, object]:
        """The parameters that every claimed statement takes."""
        return {"run_id": self.run_id, "worker": self.worker}


def check_spec(spec: JobSpec[Any]) -> None:
    """``JobError`` unless all that the job says it writes is a derived relationship of the model."""
    for type_ in spec.writes:
        declared = RELATIONSHIPS.get(type_)
        if declared is None or not declared.derived:
            raise JobError(f"job {spec.name} says it writes {type_}, which the model does not declare as derived")


def check_edge(spec: JobSpec[Any], edge: Edge) -> None:
    """``JobError`` unless the job may write this edge and it carries its evidence."""
    where = f"job {spec.name}: {edge.type} from {edge.source!r:.60} to {edge.target!r:.60}"
    if edge.type not in spec.writes:
        raise JobError(f"{where}: not among what the job declares to write ({', '.join(spec.writes) or 'nothing'})")
    if edge.target_label not in {None, *_targets(edge.type)}:
        raise JobError(f"{where}: cannot end at {edge.target_label}; only at {', '.join(_targets(edge.type))}")
    if not RELATIONSHIPS[edge.type].directed and edge.source >= edge.target:
        raise JobError(f"{where}: has no direction, so it is stored from the smaller id to the larger")
    declared = {prop.name: prop for prop in RELATIONSHIPS[edge.type].properties}
    foreign = edge.properties.keys() - (declared.keys() - set(STAMPED))
    if foreign:
        raise JobError(f"{where}: {', '.join(sorted(foreign))} is undeclared or the runner's to write")
    missing = [
        name
        for name, prop in declared.items()
        if not prop.optional and name not in STAMPED and edge.properties.get(name) is None
    ]
    if missing:
        raise JobError(f"{where}: no evidence, {', '.join(missing)} is missing")
    _check_values(where, edge.properties)


def _check_values(where: str, properties: Mapping[str, Any]) -> None:
    for name, value in properties.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise JobError(f"{where}: {name} is {value}")
    for name in ("score", "p_value", "q_value"):
        value = properties.get(name)
        if value is not None and not 0.0 <= value <= 1.0:
            raise JobError(f"{where}: {name} must be in 0..1, not {value:g}")
    if properties["support"] < 1:
        raise JobError(f"{where}: support must be at least 1")
    if not properties["sample_crash_ids"]:
        raise JobError(f"{where}: no evidence, sample_crash_ids is empty")


def merge_edges(spec: JobSpec[Any], type_: str, edges: Sequence[Edge], claim: Claim) -> Statement:
    """Merge edges of one type while ``claim`` is held. Returns ``written``, or no row if it is not held.

    Edges of which an end is no longer in the graph are left out. ``computed_at`` is the server's clock, the
    same one that set ``started_at``, so that clocks of workers need not agree.
    """
    stamp = {"algorithm": spec.name, "algorithm_version": spec.version, "run_id": claim.run_id}
    rows = [
        {
            "source": edge.source,
            "target": edge.target,
            "label": edge.target_label or RELATIONSHIPS[type_].target,
            "properties": {**_plain(edge.properties), **stamp},
        }
        for edge in edges
    ]
    return Statement(_merge_text(type_), {**claim.params(), "rows": rows}, f"merge {type_}")


VETOES = {"CAUSES": "NOT_CAUSED_BY"}
"""What people said against what a job may find: read from the effect to the cause."""


@cache
def _merge_text(type_: str) -> str:
    """People's verdicts are obeyed here, for every job: nothing is said of what became part of another, or against a veto."""
    declared = RELATIONSHIPS[type_]
    obeyed = [f"NOT EXISTS {{ ({end})-[:SAME_AS]->(:Pattern) }}" for end in ("source", "target")]
    if veto := VETOES.get(type_):
        obeyed.append(f"NOT EXISTS {{ (target)-[:{veto}]->(source) }}")
    return "\n".join(
        [
            "MATCH (run:JobRun {run_id: $run_id}) WHERE run.state = 'running' AND run.worker = $worker",
            "CALL (run) {",
            "  UNWIND $rows AS row",
            f"  MATCH (source:{declared.source} {{{_key(declared.source)}: row.source}})",
            *_match_target(type_),
            f"  WITH row, source, target WHERE {' AND '.join(obeyed)}",
            f"  MERGE (source)-[edge:{declared.type}]->(target)",
            "  SET edge = row.properties, edge.computed_at = datetime()",
            "  RETURN count(edge) AS written",
            "}",
            "SET run.edges_written = coalesce(run.edges_written, 0) + written",
            "RETURN written",
        ]
    )


def _match_target(type_: str) -> list[str]:
    """Where the relationship may end at several labels, the row says at which; each has an index of its own."""
    first, *others = _targets(type_)
    if not others:
        return [f"  MATCH (target:{first} {{{_key(first)}: row.target}})"]
    matches = [
        f"WITH row WHERE row.label = '{label}' MATCH (target:{label} {{{_key(label)}: row.target}}) RETURN target"
        for label in (first, *others)
    ]
    return ["  CALL (row) {", "    " + "\n    UNION ALL\n    ".join(matches), "  }"]


def _targets(type_: str) -> tuple[str, ...]:
    declared = RELATIONSHIPS[type_]
    return declared.target, *(target for source, target in declared.also if source == declared.source)


def remove_stale(type_: str, claim: Claim, limit: int, touched: Collection[str] | None = None) -> Statement:
    """Remove edges that were computed before this run began, at most ``limit``; only those with an end ``touched``, if given.

    Returns ``removed``, or no row if the claim is not held.

    Age decides and not the run's id alone: edges that another run of the same job is writing right now stay.
    """
    text = "\n".join(
        [
            "MATCH (run:JobRun {run_id: $run_id}) WHERE run.state = 'running' AND run.worker = $worker",
            "CALL (run) {",
            *(_everywhere(type_) if touched is None else _around(type_)),
            "  WITH DISTINCT edge",
            "  WHERE coalesce(edge.computed_at < $started_at, true)",
            "  WITH edge LIMIT $limit",
            "  DELETE edge",
            "  RETURN count(*) AS removed",
            "}",
            "RETURN removed",
        ]
    )
    params = {**claim.params(), "started_at": claim.started_at, "limit": limit}
    if touched is not None:
        params["touched"] = sorted(touched)
    return Statement(text, params, f"remove stale {type_}")


def count_edges(types: Collection[str]) -> Statement:
    """How many relationships of these types there are, column ``edges``; read from the server's own counts."""
    counts = [f"COUNT {{ ()-[:{RELATIONSHIPS[type_].type}]->() }}" for type_ in sorted(types)]
    return Statement(f"RETURN {' + '.join(counts) or '0'} AS edges", {}, "count edges")


def _everywhere(type_: str) -> list[str]:
    return [f"  MATCH ()-[edge:{type_}]->()"]


def _around(type_: str) -> list[str]:
    declared = RELATIONSHIPS[type_]
    source = declared.source
    ends = [f"UNION MATCH (:{label} {{{_key(label)}: key}})<-[edge:{type_}]-() RETURN edge" for label in _targets(type_)]
    return [
        "  UNWIND $touched AS key",
        "  CALL (key) {",
        f"    MATCH (:{source} {{{_key(source)}: key}})-[edge:{type_}]->() RETURN edge",
        *(f"    {end}" for end in ends),
        "  }",
    ]


def _key(label: str) -> str:
    return NODES[label].key


def _plain(properties: Mapping[str, object]) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in properties.items()}
