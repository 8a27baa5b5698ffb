"""The REST routes as their documents declare them."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from graph.model.actor import Scope
from schema.rest.json_schema import Components
from schema.rest.operation import ROUTE, Place, RestOperation, objects, operations


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.name)
def test_a_route_is_whole(operation: RestOperation) -> None:
    assert set(re.findall(r"{(\w+)}", operation.path)) == {one.name for one in operation.of(Place.PATH)}
    assert operation.writes is (operation.needs is not Scope.READ)
    assert isinstance(operation.needs, Scope)
    assert operation.help.endswith(".")
    if operation.writes:
        assert operation.method == "POST"
        assert "userErrors" in operation.document
        assert operation.whole_body or operation.of(Place.MARK), "it can be sent again safely"
    schema = Components().returned(operation)
    Draft202012Validator.check_schema(schema)


def test_names_and_routes_are_unique() -> None:
    assert len({one.name for one in operations()}) == len({(one.method, one.path) for one in operations()}) == len(operations())


def test_every_object_is_used() -> None:
    used = {name for one in operations() for name in re.findall(r"fragment (\w+) on", one.document)}
    assert used == set(objects())


def test_answers_begin_below_what_only_wraps_them() -> None:
    steps = {one.name: one.steps for one in operations()}
    assert steps["readPattern"] == ("pattern",)
    assert steps["listPatternSolutions"] == ("pattern", "solutions")
    assert steps["requestJob"] == ("requestJob", "run")
    assert steps["recordUse"] == ("recordUse",)


def test_values_come_from_path_url_body_and_header() -> None:
    resolve = next(one for one in operations() if one.name == "resolvePattern")
    assert {one.name: one.place for one in resolve.parameters} == {
        "pattern": Place.PATH,
        "clientMutationId": Place.MARK,
        **dict.fromkeys(("version", "product", "solution", "reason", "onBehalfOf"), Place.BODY),
    }
    match = next(one for one in operations() if one.name == "matchReport")
    assert {one.name: one.place for one in match.parameters} == {"input": Place.BODY, "candidates": Place.QUERY}
    assert match.whole_body is not None
    assert "clientMutationId" not in str(Components().taken(match.of(Place.BODY)[0].type))


def test_a_document_without_a_route_is_not_one() -> None:
    assert ROUTE.match("# GET /patterns\n# Patterns.\nquery a { patterns { nodes { name } } }")
    assert not ROUTE.match("query a { patterns { nodes { name } } }")
