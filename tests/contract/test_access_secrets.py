"""A property that is declared secret cannot leave the graph: no query, type, export or read of any node shows it."""

from __future__ import annotations

import dataclasses
import re

import pytest

from graph.cypher import load, names
from graph.model import NODES
from graph.model.convert import shown
from graph.model.statement import Statement
from graph.ogm import MODELS
from graph.ports import Graph
from resolvers.nodes import guarded_nodes_by_key, nodes_by_key, reader_of
from schema.types import nodes  # noqa: F401  # makes the types
from schema.types.declared import NODE_TYPES

SECRETS = {label: [one.name for one in d.properties if one.secret] for label, d in NODES.items()}
WITH_SECRETS = {label: secrets for label, secrets in SECRETS.items() if secrets}
BOUND = re.compile(r"\((\w+):(\w+)")
WHOLE = re.compile(r"(\w+) \{\.\*([^}]*)\}")
RETURNED = re.compile(r"RETURN (.*)", re.DOTALL)
MAY_RETURN = {
    "access/password": {"password_hash"},
    "access/session_state": {"token_hash"},
    "mutations/claim": {"digest"},
    "mutations/find": {"digest"},
    "mutations/finish": {"digest"},
}
"""Queries that read a hash to compare it."""
MAY_READ = ("access/", "mutations/", "erasure/forget_answers")
"""Queries that read a node with a secret."""


def test_the_secrets_are_those_of_access_and_of_mutations() -> None:
    access = {"User": ["password_hash"], "Session": ["token_hash"], "ApiKey": ["token_hash"]}
    assert {**access, "IdempotencyKey": ["digest"]} == WITH_SECRETS


@pytest.mark.parametrize("name", names())
def test_no_query_returns_a_secret(name: str) -> None:
    text = load(name).text
    labels = {variable: label for variable, label in BOUND.findall(text) if label in WITH_SECRETS}
    assert not labels or name.startswith(MAY_READ)
    for variable, rest in WHOLE.findall(text):
        for secret in WITH_SECRETS.get(labels.get(variable, ""), ()):
            assert f"{secret}: null" in rest, f"{name}: {variable} {{.*}} holds {secret}"
    returned = RETURNED.search(text)
    bare = set(re.findall(r"\w+\.(password_hash|token_hash|digest)", returned[1] if returned else ""))
    assert bare <= MAY_RETURN.get(name, set())
    for variable in labels:
        assert not re.search(rf"(?:properties\({variable}\)|RETURN {variable}\b(?!\s*[.{{]))", text)


@pytest.mark.parametrize("label", WITH_SECRETS)
def test_no_type_model_or_record_shows_a_secret(label: str) -> None:
    declared, hidden = NODES[label], set(WITH_SECRETS[label])
    graphql = {field.name for field in dataclasses.fields(NODE_TYPES[declared.record])}
    assert not hidden & graphql
    assert not hidden & vars(MODELS[label]).keys()
    values = {one.name: "x" for one in declared.properties}
    assert not hidden & shown(declared.record(**values)).keys()


@pytest.mark.parametrize("label", WITH_SECRETS)
async def test_reading_any_node_omits_secrets_and_needs_the_scope_of_its_label(graph: Graph, label: str) -> None:
    declared = NODES[label]
    values = {declared.key: "x", "name": "x", **dict.fromkeys(WITH_SECRETS[label], "hidden")}
    await graph.write(Statement(f"CREATE (n:{label}) SET n = $values", {"values": values}))
    with pytest.raises(Exception, match="needs the scope 'admin'"):
        await nodes_by_key(graph, ["x"], label)
    assert reader_of(label) is guarded_nodes_by_key
    found = await guarded_nodes_by_key(graph, ["x"], label)
    assert "hidden" not in str(found["x"])
