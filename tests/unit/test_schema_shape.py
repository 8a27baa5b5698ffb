"""The schema follows the model: every declaration is there, and everything is described."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_specified_scalar_type,
    parse,
    validate,
)
from strawberry.utils.str_converters import to_camel_case

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import TextForm
from schema.build import build_schema
from schema.examples import ExampleQuery, examples

SCHEMA = build_schema()._schema
OWN = {name: type for name, type in SCHEMA.type_map.items() if not name.startswith("__")}
COMPOSITE = {name: type for name, type in OWN.items() if isinstance(type, GraphQLObjectType | GraphQLInterfaceType)}


NOT_SHOWN = {("Verdict", "journal")}
"""Internal properties that GraphQL omits."""
READ_ALONE = {("Crash", "report")}
"""Properties that are read by a query of their own, and null if that fails."""


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
            nullable = declared.optional or declared.form is TextForm.JSON or (label, declared.name) in READ_ALONE
            if declared.values is None:
                assert isinstance(field.type, GraphQLNonNull) or nullable
            else:
                # Texts that the set lacks are null, or missing in a list.
                enum = get_named_type(field.type)
                assert isinstance(enum, GraphQLEnumType)
                assert [value.value for value in enum.values.values()] == list(declared.values.values())
                assert not isinstance(field.type, GraphQLNonNull) or declared.neo4j_type == "LIST<STRING>"


@pytest.mark.parametrize("type", [type for type, declared in RELATIONSHIPS.items() if declared.derived])
def test_every_derived_relationship_shows_its_evidence(type: str) -> None:
    declared = RELATIONSHIPS[type]
    shown = COMPOSITE[declared.record.__name__]
    assert "Evidence" in {interface.name for interface in shown.interfaces}
    assert {to_camel_case(p.name) for p in declared.properties} <= shown.fields.keys()


@pytest.mark.parametrize("name", [name for name in COMPOSITE if name.endswith("Connection")])
def test_every_connection_has_the_same_shape(name: str) -> None:
    assert set(COMPOSITE[name].fields) == {"edges", "nodes", "pageInfo"}
    for type in COMPOSITE.values():
        for field in type.fields.values():
            if str(field.type).strip("!") == name:
                assert str(field.args["first"].type) == "Int!"
                assert str(field.args["after"].type) == "String"


MUTATIONS = COMPOSITE["Mutation"].fields


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_takes_one_input_and_answers_with_user_errors(name: str) -> None:
    [(argument, taken)] = MUTATIONS[name].args.items()
    assert argument == "input"
    assert isinstance(taken.type, GraphQLNonNull)
    given = taken.type.of_type
    assert isinstance(given, GraphQLInputObjectType)
    assert str(given.fields["clientMutationId"].type) == "String"
    assert isinstance(MUTATIONS[name].type, GraphQLNonNull)
    answer = COMPOSITE[str(MUTATIONS[name].type).strip("!")]
    assert "MutationPayload" in {interface.name for interface in answer.interfaces}
    assert str(answer.fields["userErrors"].type) == "[UserError!]!"
    assert str(answer.fields["clientMutationId"].type) == "String"
    if (older := answer.fields.get("errors")) is not None:
        assert older.deprecation_reason == "use userErrors"


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert [place for place in places() if not place[1]] == []


def places() -> Iterator[tuple[str, str | None]]:
    """Everything of the schema that has a description, with it; the scalars of the specification describe themselves."""
    for name, type in OWN.items():
        if is_specified_scalar_type(type):
            continue
        yield name, type.description
        if isinstance(type, GraphQLEnumType):
            yield from ((f"{name}.{value}", each.description) for value, each in type.values.items())
        if isinstance(type, GraphQLInputObjectType | GraphQLObjectType | GraphQLInterfaceType):
            yield from ((f"{name}.{field}", each.description) for field, each in type.fields.items())
    for name, type in COMPOSITE.items():
        for field, each in type.fields.items():
            yield from ((f"{name}.{field}({key})", argument.description) for key, argument in each.args.items())


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
