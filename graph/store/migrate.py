"""Apply the model's schema to the server, and report differences."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model import NODES, RELATIONSHIPS
from graph.model.errors import ConflictError, QueryError
from graph.model.statement import Statement
from graph.ports import Graph, Row
from graph.store.ddl import Definition, definitions

_SHOW_CONSTRAINTS = Statement(
    "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties RETURN name, type, labelsOrTypes, properties",
    name="show constraints",
)
_SHOW_INDEXES = Statement(
    "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties, owningConstraint "
    "WHERE type <> 'LOOKUP' AND owningConstraint IS NULL "
    "RETURN name, type, state, labelsOrTypes, properties",
    name="show indexes",
)
_AWAIT = Statement("CALL db.awaitIndexes(300)", name="await indexes")


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between the model and the server: ``missing``, ``different``, ``foreign`` or ``failed``."""

    kind: str
    name: str
    detail: str


async def apply_schema(graph: Graph) -> list[str]:
    """Create missing constraints and indexes and wait until they are online; returns the created names.

    A constraint or index with the right name but another definition (from an older model) is dropped and recreated.
    Several processes may do this concurrently: each returns the names that it created.
    """
    present = await _present(graph)
    lacking = [one for one in definitions() if one.name not in present or not _matches(one, present[one.name])]
    created = []
    for wanted in lacking:
        if wanted.name in present:
            kind = "CONSTRAINT" if _is_constraint(present[wanted.name]) else "INDEX"
            await graph.write(Statement(f"DROP {kind} {wanted.name} IF EXISTS", name=f"drop {wanted.name}"))
        if await _create(graph, wanted):
            created.append(wanted.name)
    if lacking:
        await graph.read(_AWAIT)
    return created


async def _create(graph: Graph, wanted: Definition) -> bool:
    """True if created here: the server rejects the second of two concurrent attempts in spite of ``IF NOT EXISTS``."""
    try:
        await graph.write(Statement(wanted.cypher, name=f"create {wanted.name}"))
    except (QueryError, ConflictError):
        found = (await _present(graph)).get(wanted.name)
        if found is None or not _matches(wanted, found):
            raise
        return False
    return True


async def find_drift(graph: Graph) -> list[Drift]:
    """Differences in constraints and indexes, and undeclared labels, relationship types and property names."""
    present = await _present(graph)
    wanted = {definition.name: definition for definition in definitions()}
    found: list[Drift] = []
    for name, definition in wanted.items():
        if name not in present:
            found.append(Drift("missing", name, definition.cypher))
        elif not _matches(definition, present[name]):
            found.append(Drift("different", name, f"wanted: {definition.cypher}"))
        elif present[name].get("state") == "FAILED":
            found.append(Drift("failed", name, "the server could not populate it"))
    for name, row in present.items():
        if name not in wanted:
            found.append(Drift("foreign", name, f"{row['type']} on {row['labelsOrTypes']} {row['properties']}"))
    return found + await _undeclared(graph)


async def _present(graph: Graph) -> dict[str, Row]:
    rows = await graph.read(_SHOW_CONSTRAINTS) + await graph.read(_SHOW_INDEXES)
    return {row["name"]: row for row in rows}


def _is_constraint(row: Row) -> bool:
    return "state" not in row


def _matches(wanted: Definition, row: Row) -> bool:
    return (
        wanted.kind in row["type"]
        and row["labelsOrTypes"] == [wanted.entity]
        and tuple(row["properties"] or ()) == wanted.properties
    )


async def _undeclared(graph: Graph) -> list[Drift]:
    declared_properties = [d.properties for d in NODES.values()] + [d.properties for d in RELATIONSHIPS.values()]
    property_names = {prop.name for properties in declared_properties for prop in properties}
    checks: list[tuple[str, str, set[str]]] = [
        ("label", "CALL db.labels() YIELD label AS name RETURN name", set(NODES)),
        ("relationship type", "CALL db.relationshipTypes() YIELD relationshipType AS name RETURN name", set(RELATIONSHIPS)),
        ("property", "CALL db.propertyKeys() YIELD propertyKey AS name RETURN name", property_names),
    ]
    found = []
    for noun, text, declared in checks:
        rows = await graph.read(Statement(text, name=f"list {noun} names"))
        foreign = sorted({row["name"] for row in rows} - declared)
        found += [Drift("foreign", name, f"a {noun} that is not declared in the model") for name in foreign]
    return found
