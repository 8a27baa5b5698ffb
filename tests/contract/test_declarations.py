"""The declarations of the model are complete and follow the naming rules."""

from __future__ import annotations

import dataclasses
import re

import pytest

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, Property, RelationshipDeclaration
from graph.model.evidence import Evidence
from graph.store.ddl import definitions
from jobs.registry import JOBS

CAMEL = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)*")
UPPER_SNAKE = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

nodes = pytest.mark.parametrize("node", NODES.values(), ids=NODES.keys())
relationships = pytest.mark.parametrize("relationship", RELATIONSHIPS.values(), ids=RELATIONSHIPS.keys())
Declaration = NodeDeclaration | RelationshipDeclaration


@nodes
def test_a_label_and_its_properties_are_named_by_the_rules(node: NodeDeclaration) -> None:
    assert CAMEL.fullmatch(node.label)
    assert node.record.__name__ == node.label
    assert [name for name in names(node.properties) if not SNAKE.fullmatch(name)] == []


@relationships
def test_a_type_and_its_properties_are_named_by_the_rules(relationship: RelationshipDeclaration) -> None:
    assert UPPER_SNAKE.fullmatch(relationship.type)
    assert [name for name in names(relationship.properties) if not SNAKE.fullmatch(name)] == []


@pytest.mark.parametrize("declared", [*NODES.values(), *RELATIONSHIPS.values()], ids=[*NODES, *RELATIONSHIPS])
def test_everything_has_a_help_text_a_writer_and_a_colour(declared: Declaration) -> None:
    assert declared.help.endswith(".")
    assert declared.written_by
    assert COLOUR.fullmatch(declared.colour)
    assert [prop.name for prop in declared.properties if not prop.help.strip().endswith(".")] == []


@nodes
def test_key_caption_and_indexed_properties_are_declared(node: NodeDeclaration) -> None:
    declared = names(node.properties)
    assert {node.key, node.caption, *node.vector, *node.fulltext} <= set(declared)
    key = next(prop for prop in node.properties if prop.name == node.key)
    assert not key.optional, "a node without its key could never be found again"


@nodes
def test_the_key_is_unique_on_the_server(node: NodeDeclaration) -> None:
    assert [d for d in definitions() if d.kind == "UNIQUENESS" and d.entity == node.label and d.properties == (node.key,)]


@nodes
def test_the_caption_is_always_there(node: NodeDeclaration) -> None:
    assert not next(prop for prop in node.properties if prop.name == node.caption).optional


@relationships
def test_the_ends_exist(relationship: RelationshipDeclaration) -> None:
    assert {relationship.source, relationship.target} <= set(NODES)
    assert relationship.directed or relationship.source == relationship.target, "only two of a kind can have no direction"


@relationships
def test_a_derived_relationship_carries_its_evidence_and_no_other_does(relationship: RelationshipDeclaration) -> None:
    evidence = {field.name for field in dataclasses.fields(Evidence)}
    assert issubclass(relationship.record, Evidence) == relationship.derived
    if relationship.derived:
        assert evidence <= set(names(relationship.properties))


def test_what_a_job_owns_has_one_writer_and_every_derived_relationship_has_one() -> None:
    owned = [(name, spec.name) for spec in JOBS for name in spec.writes]
    declared: dict[str, NodeDeclaration | RelationshipDeclaration] = {**NODES, **RELATIONSHIPS}
    assert {name: declared[name].written_by for name, _ in owned} == dict(owned)
    assert len(dict(owned)) == len(owned)
    assert {type_ for type_, relationship in RELATIONSHIPS.items() if relationship.derived} <= dict(owned).keys()


def test_jobs_read_what_the_model_declares() -> None:
    unknown = {(spec.name, what) for spec in JOBS for what in spec.reads if what not in NODES and what not in RELATIONSHIPS}
    assert unknown == set()


def test_labels_have_colours_of_their_own_where_they_are_drawn_together() -> None:
    drawn = [NODES[label].colour for label in ("Crash", "Signature", "Pattern", "Environment", "Site", "Version")]
    assert len(set(drawn)) == len(drawn)


def test_constraints_and_indexes_have_names_of_their_own() -> None:
    titles = [definition.name for definition in definitions()]
    assert len(set(titles)) == len(titles)


def names(properties: tuple[Property, ...]) -> list[str]:
    return [prop.name for prop in properties]
