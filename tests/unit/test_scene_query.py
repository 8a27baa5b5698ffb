"""The query of a network in an address, in Cypher and in GraphQL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from graphql import build_schema, parse, validate

from graph.cypher.literals import cypher_literal, cypher_with
from graph.model.errors import InvalidInputError
from resolvers.records import Network, NetworkQuery
from viz.pages.network import explorer, graphql
from viz.scene.address import query_string, read_query


def document(query: NetworkQuery) -> str:
    """The GraphQL text of a page with this query."""
    return graphql(explorer(Network(query, (), (), 0, 0)))


@pytest.mark.parametrize(
    "query",
    [
        NetworkQuery(),
        NetworkQuery(focus='p"1', depth=2, types=("CAUSES",), severities=("high",), min_score=0.1, search="x \u2028"),
    ],
)
def test_the_graphql_of_the_network_is_valid_against_the_schema(query: NetworkQuery) -> None:
    schema = build_schema((Path(__file__).parents[2] / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    assert validate(schema, parse(document(query))) == []


@pytest.mark.parametrize(
    "query",
    [
        NetworkQuery(),
        NetworkQuery(focus="pat_1", depth=2),
        NetworkQuery(first=20, edges=0, severities=("critical", "high"), types=("CO_OCCURS_WITH",), min_score=0.25),
        NetworkQuery(search='a&b=c "é" <script>'),
    ],
)
def test_a_query_survives_its_own_address(query: NetworkQuery) -> None:
    assert read_query(dict(parse_qsl(query_string(query).removeprefix("?")))) == query


def test_the_whole_network_needs_no_query_string() -> None:
    assert query_string(NetworkQuery()) == ""
    assert query_string(NetworkQuery(focus="x"), focus=None) == ""


def test_a_neighbourhood_is_addressed_by_focus_and_depth() -> None:
    assert query_string(NetworkQuery(), focus="pat_1") == "?focus=pat_1&depth=1"


@pytest.mark.parametrize(
    ("name", "value"),
    [("first", "0"), ("first", "501"), ("depth", "-1"), ("edges", "1e9"), ("min_score", "nan"), ("min_score", "x")],
)
def test_a_wrong_value_in_the_address_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{name}={value!r}"):
        read_query({name: value})


def test_parameters_become_literals_outside_strings_and_comments_only() -> None:
    text = (
        "// $first is a number\nMATCH (p:`$first`) WHERE p.name <> '$first' AND p.x IN $names AND p.y = $other "
        "RETURN p LIMIT $first"
    )
    assert cypher_with(text, {"first": 5, "names": ("a", "b'c")}) == (
        "// $first is a number\nMATCH (p:`$first`) WHERE p.name <> '$first' AND p.x IN ['a', 'b\\'c'] AND p.y = $other "
        "RETURN p LIMIT 5"
    )


def test_no_value_can_end_its_literal() -> None:
    assert cypher_literal("x'}) DETACH DELETE n // \\") == "'x\\'}) DETACH DELETE n // \\\\'"
    assert cypher_literal("a\nb") == "'a\\u000Ab'"
    assert cypher_literal({"k`": [None, True, 0.5]}) == "{`k```: [null, true, 0.5]}"
    with pytest.raises(TypeError):
        cypher_literal(object())


def test_the_graphql_document_carries_the_query() -> None:
    text = document(NetworkQuery(first=20, focus='p"1', depth=2, min_score=0.5, severities=("high",)))
    assert 'network(first: 20, edges: 300, focus: "p\\"1", depth: 2, severities: [HIGH], minScore: 0.5)' in text
    parse(text)
