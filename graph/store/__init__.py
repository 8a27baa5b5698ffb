"""The graph on a real Neo4j: one pooled async driver, the schema derived from the model, errors translated."""

from graph.store.ddl import Definition, definitions
from graph.store.derived import derive_missing
from graph.store.migrate import Drift, apply_schema, find_drift
from graph.store.neo4j_graph import Neo4jGraph

__all__ = ["Definition", "Drift", "Neo4jGraph", "apply_schema", "definitions", "derive_missing", "find_drift"]
