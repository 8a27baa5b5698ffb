"""The schema follows the model: every declaration is there, and everything is described."""

from __future__ import annotations

import subprocess
import sys

import pytest
from graphql import GraphQLInterfaceType, GraphQLNonNull, GraphQLObjectType, parse, validate
from strawberry.utils.str_converters import to_camel_case

from graph.model import NODES, RELATIONSHIPS
from schema.build import build_schema
from schema.examples import ExampleQuery, examples

SCHEMA = build_schema()._schema
OWN = {name: type for name, type in SCHEMA.type_map.items() if not name.startswith("__")}
COMPOSITE = {name: type for name, type in OWN.items() if isinstance(type, GraphQLObjectType | GraphQLInterfaceType)}


NOT_SHOWN = {("Verdict", "journal")}
"""Internal properties that GraphQL omits."""


@pytest.mark.parametrize("label", NODES)
def test_every_declared_label_is_a_node_with_its_properties(label: str) -> None:
    shown = COMPOSITE[label]
    assert "Node" in {interface.name for interface in shown.interfaces}
    assert shown.description == NODES[label].help
    for declared in NODES[label].properties:
        if declared.secret or declared.name in NODES[label].vector or (label, declared.name) in NOT_SHOWN:
            assert to_camel_case(declared.name) not in shown.fields
        elif declared.name != "key":
            field = shown.fields[to_camel_case(declared.name)]
            assert field.description == declared.help
            assert isinstance(field.type, GraphQLNonNull) or declared.optional


@pytest.mark.parametrize("type", [type for type, declared in RELATIONSHIPS.items() if declared.derived])
def test_every_derived_relationship_shows_its_evidence(type: str) -> None:
    declared = RELATIONSHIPS[type]
    shown = COMPOSITE[declared.record.__name__]
    assert "Evidence" in {interface.name for interface in shown.interfaces}
    assert {to_camel_case(p.name) for p in declared.properties} <= shown.fields.keys()


@pytest.mark.parametrize("name", COMPOSITE)
def test_every_type_and_field_has_a_description(name: str) -> None:
    assert COMPOSITE[name].description
    silent = [field for field, declared in COMPOSITE[name].fields.items() if not declared.description]
    assert silent == []


@pytest.mark.parametrize("name", [name for name in COMPOSITE if name.endswith("Connection")])
def test_every_connection_has_the_same_shape(name: str) -> None:
    assert set(COMPOSITE[name].fields) == {"edges", "nodes", "pageInfo"}
    for type in COMPOSITE.values():
        for field in type.fields.values():
            if str(field.type).strip("!") == name:
                assert str(field.args["first"].type) == "Int!"
                assert str(field.args["after"].type) == "String"


def test_every_mutation_payload_has_user_errors() -> None:
    """In `errors`, or in the new shape in `userErrors`."""
    for field in COMPOSITE["Mutation"].fields.values():
        fields = COMPOSITE[str(field.type).strip("!")].fields
        assert str((fields.get("userErrors") or fields["errors"]).type) == "[UserError!]!"


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_every_example_is_valid(example: ExampleQuery) -> None:
    assert validate(SCHEMA, parse(example.query)) == []


def test_job_runs_and_events_have_subscriptions() -> None:
    assert SCHEMA.subscription_type
    wanted = {"jobProgress", "event", "events", "crashReceived", "patternDiscovered", "patternRegressed"}
    assert set(SCHEMA.subscription_type.fields) == wanted


def test_the_package_alone_does_not_import_strawberry() -> None:
    code = "import sys, schema, resolvers.crashes; sys.exit('strawberry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
