"""Checks of what a job declares and yields, against the model."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, Property, RelationshipDeclaration
from graph.model.errors import JobError
from graph.model.quoting import quoted
from graph.model.statement import Statement
from jobs.spec import JobEdge, JobNode, JobOutput, JobSpec, NodeUpdate

STAMPS = ("algorithm", "algorithm_version", "run_id", "computed_at")
"""Properties that only the runner writes."""


def check_spec(spec: JobSpec[Any]) -> None:
    """``JobError`` unless the model declares what the job writes, with the stamps that distinguish stale output."""
    for name in spec.writes:
        declared = declaration(name)
        if declared is None or not set(STAMPS) <= {prop.name for prop in declared.properties}:
            raise JobError(
                f"job {spec.name} declares to write {name}, which the model does not declare with {', '.join(STAMPS)}"
            )
    for name in spec.updates:
        label, _, prop = name.partition(".")
        declared = declaration(label)
        if declared is None or (prop and prop not in {each.name for each in declared.properties}):
            raise JobError(f"job {spec.name} declares to update {name}, which the model does not declare")


def declaration(name: str) -> NodeDeclaration | RelationshipDeclaration | None:
    """The declaration of a label or a relationship type."""
    return NODES.get(name) or RELATIONSHIPS.get(name)


def check_output(spec: JobSpec[Any], output: JobOutput) -> None:
    """``JobError`` unless the job may write this and it is complete."""
    match output:
        case JobEdge():
            _check_edge(spec, output)
        case JobNode():
            _check_node(spec, output)
        case NodeUpdate():
            _check_update(spec, output)
        case Statement():
            if not spec.updates:
                raise JobError(f"job {spec.name}: {output.name} is yielded, but the job declares no updates")


def _check_edge(spec: JobSpec[Any], edge: JobEdge) -> None:
    where = f"job {spec.name}: {edge.type} from {quoted(edge.source)} to {quoted(edge.target)}"
    _check_declared(where, spec, edge.type)
    declared = RELATIONSHIPS[edge.type]
    if edge.target_label not in {None, *targets(edge.type)}:
        raise JobError(f"{where}: cannot end at {edge.target_label}; only at {', '.join(targets(edge.type))}")
    if not declared.directed and edge.source >= edge.target:
        raise JobError(f"{where}: has no direction, so it is stored from the smaller id to the larger")
    _check_properties(where, declared.properties, edge.properties)
    if declared.derived:
        _check_evidence(where, edge.properties)


def _check_node(spec: JobSpec[Any], node: JobNode) -> None:
    declared = NODES.get(node.label)
    where = f"job {spec.name}: {node.label} {quoted(node.properties.get(declared.key) if declared else '')}"
    _check_declared(where, spec, node.label)
    assert declared
    _check_properties(where, declared.properties, {**node.on_create, **node.properties})
    if not node.properties.get(declared.key):
        raise JobError(f"{where}: {declared.key} is missing")


def _check_update(spec: JobSpec[Any], update: NodeUpdate) -> None:
    where = f"job {spec.name}: {update.label} {quoted(update.key)}"
    for name in update.properties:
        _check_declared(where, spec, f"{update.label}.{name}")
    _check_values(where, update.properties)


def _check_declared(where: str, spec: JobSpec[Any], name: str) -> None:
    label = name.partition(".")[0]
    if not {name, label} & {*spec.writes, *spec.updates}:
        declared = ", ".join((*spec.writes, *spec.updates)) or "nothing"
        raise JobError(f"{where}: {name} is not among what the job declares to write ({declared})")


def _check_properties(where: str, declared: Collection[Property], given: Mapping[str, object]) -> None:
    names = {prop.name for prop in declared} - set(STAMPS)
    if foreign := given.keys() - names:
        raise JobError(f"{where}: {', '.join(sorted(foreign))} is undeclared or the runner's to write")
    required = (prop.name for prop in declared if not prop.optional and prop.name not in STAMPS)
    if missing := [name for name in required if given.get(name) is None]:
        raise JobError(f"{where}: {', '.join(missing)} is missing")
    _check_values(where, given)


def _check_values(where: str, properties: Mapping[str, object]) -> None:
    for name, value in properties.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise JobError(f"{where}: {name} is {value}")


def _check_evidence(where: str, properties: Mapping[str, Any]) -> None:
    for name in ("score", "p_value", "q_value"):
        value = properties.get(name)
        if value is not None and not 0.0 <= value <= 1.0:
            raise JobError(f"{where}: {name} must be in 0..1, not {value:g}")
    if properties["support"] < 1:
        raise JobError(f"{where}: support must be at least 1")
    if not properties["sample_crash_ids"]:
        raise JobError(f"{where}: no evidence, sample_crash_ids is empty")


def targets(type_: str) -> tuple[str, ...]:
    """Labels a relationship may end at, beginning at its declared source; the one declared first comes first."""
    declared = RELATIONSHIPS[type_]
    return declared.target, *(target for source, target in declared.also if source == declared.source)
