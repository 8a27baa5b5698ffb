"""Constraints and indexes, derived from the declarations of the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, RelationshipDeclaration


@dataclass(frozen=True, slots=True)
class Definition:
    """One constraint or index: what makes it and how the server describes it."""

    name: str
    kind: str
    """``UNIQUENESS`` for a constraint, else the index type: ``RANGE``, ``VECTOR``, ``FULLTEXT``."""
    entity: str
    properties: tuple[str, ...]
    cypher: str


def definitions() -> list[Definition]:
    """All that the model asks for, in a fixed order."""
    found: list[Definition] = []
    for declared in NODES.values():
        found += _unique(declared)
        found += _range(declared)
        found += _together(declared)
        found += _vector(declared)
        found += _fulltext(declared)
    for relationship in RELATIONSHIPS.values():
        found += _relationship_range(relationship)
    return found


def _unique(node: NodeDeclaration) -> Iterator[Definition]:
    for name in [node.key, *(p.name for p in node.properties if p.unique)]:
        title = f"{node.label.lower()}_{name}_unique"
        yield Definition(
            title,
            "UNIQUENESS",
            node.label,
            (name,),
            f"CREATE CONSTRAINT {title} IF NOT EXISTS FOR (n:{node.label}) REQUIRE n.{name} IS UNIQUE",
        )


def _range(node: NodeDeclaration) -> Iterator[Definition]:
    for prop in node.properties:
        if prop.index and not prop.unique and prop.name != node.key:
            title = f"{node.label.lower()}_{prop.name}_range"
            yield Definition(
                title,
                "RANGE",
                node.label,
                (prop.name,),
                f"CREATE RANGE INDEX {title} IF NOT EXISTS FOR (n:{node.label}) ON (n.{prop.name})",
            )


def _together(node: NodeDeclaration) -> Iterator[Definition]:
    for names in node.together:
        title = f"{node.label.lower()}_{'_'.join(names)}_range"
        columns = ", ".join(f"n.{name}" for name in names)
        yield Definition(
            title,
            "RANGE",
            node.label,
            names,
            f"CREATE RANGE INDEX {title} IF NOT EXISTS FOR (n:{node.label}) ON ({columns})",
        )


def _vector(node: NodeDeclaration) -> Iterator[Definition]:
    for name, dimensions in node.vector.items():
        title = f"{node.label.lower()}_{name}_vector"
        options = f"{{`vector.dimensions`: {dimensions}, `vector.similarity_function`: 'cosine'}}"
        yield Definition(
            title,
            "VECTOR",
            node.label,
            (name,),
            f"CREATE VECTOR INDEX {title} IF NOT EXISTS FOR (n:{node.label}) ON (n.{name}) OPTIONS {{indexConfig: {options}}}",
        )


def _fulltext(node: NodeDeclaration) -> Iterator[Definition]:
    if node.fulltext:
        title = f"{node.label.lower()}_fulltext"
        columns = ", ".join(f"n.{name}" for name in node.fulltext)
        options = "{indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words'}}"
        yield Definition(
            title,
            "FULLTEXT",
            node.label,
            node.fulltext,
            f"CREATE FULLTEXT INDEX {title} IF NOT EXISTS FOR (n:{node.label}) ON EACH [{columns}] OPTIONS {options}",
        )


def _relationship_range(declared: RelationshipDeclaration) -> Iterator[Definition]:
    """Derived relationships are removed by the run that wrote them, so their ``run_id`` is indexed too."""
    for prop in declared.properties:
        if prop.index or (declared.derived and prop.name == "run_id"):
            title = f"{declared.type.lower()}_{prop.name}_range"
            yield Definition(
                title,
                "RANGE",
                declared.type,
                (prop.name,),
                f"CREATE RANGE INDEX {title} IF NOT EXISTS FOR ()-[r:{declared.type}]-() ON (r.{prop.name})",
            )
