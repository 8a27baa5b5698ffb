"""The cost of a document is counted before anything is read."""

from __future__ import annotations

import time

import pytest
from graphql import parse

from schema import limits
from schema.build import build_schema
from schema.limits import Cost, cost_of

SCHEMA = build_schema()._schema


def cost(text: str, variables: dict[str, object] | None = None, operation: str | None = None) -> Cost:
    return cost_of(SCHEMA, parse(text), operation, variables or {})


async def errors_of(text: str, variables: dict[str, object] | None = None) -> list[tuple[str, str]]:
    """Codes and messages of a document that must be refused before it needs a graph."""
    result = await build_schema().execute(text, variables)
    assert result.data is None
    assert result.errors
    return [((error.extensions or {})["code"], error.message) for error in result.errors]


def test_nodes_multiply_along_the_path() -> None:
    asked = cost("{ patterns(first: 100) { nodes { crashes(first: 20) { nodes { crashId } } } } }")
    assert asked.nodes == 100 + 100 * 20


def test_page_sizes_in_variables_and_their_defaults_count() -> None:
    text = "query($n: Int = 7) { crashes(first: $n) { nodes { crashId } } }"
    assert cost(text).nodes == 7
    assert cost(text, {"n": 50}).nodes == 50


def test_the_default_budget_of_the_network_counts() -> None:
    assert cost("{ network { nodes { pattern { name } } } }").nodes == 150


def test_unpaged_lists_multiply_the_cost_below_them() -> None:
    text = "query($i: CrashInput!) { matchCrash(input: $i) { candidates { pattern { crashes(first: 5) { nodes { id } } } } } }"
    assert cost(text).nodes == 20 * 20 * 5


def test_reports_cost_more_than_nodes() -> None:
    assert cost("{ crashes(first: 10) { nodes { id } } }").nodes == 10
    assert cost("{ crashes(first: 10) { nodes { report } } }").nodes == 10 + 10 * 100


def test_only_the_executed_operation_counts() -> None:
    text = "query Small { crashes(first: 1) { nodes { id } } } query Large { crashes(first: 90) { nodes { id } } }"
    assert cost(text, operation="Small").nodes == 1
    assert cost(text, operation="Large").nodes == 90


def test_a_connection_hop_costs_three_levels() -> None:
    one = cost("{ crashes(first: 1) { edges { node { id } } } }").depth
    two = cost("{ crashes(first: 1) { edges { node { pattern { crashes(first: 1) { edges { node { id } } } } } } } }").depth
    assert (one, two) == (4, 4 + 1 + 3)


def test_nested_double_spreads_are_counted_in_linear_time() -> None:
    levels = 60
    bomb = "{ crashes(first: 1) { nodes { ...f0 } } }" + "".join(
        f" fragment f{i} on Crash {{ ...f{i + 1} ...f{i + 1} }}" for i in range(levels)
    )
    bomb += f" fragment f{levels} on Crash {{ title }}"
    began = time.process_time()
    assert cost(bomb).fields > 2**levels
    assert time.process_time() - began < 0.5


async def test_a_document_above_the_node_budget_is_refused_with_advice() -> None:
    found = await errors_of("{ patterns(first: 100) { nodes { crashes(first: 100) { nodes { id } } } } }")
    assert [code for code, _ in found] == ["LIMIT"]
    assert "10,100" in found[0][1]
    assert "first" in found[0][1]


async def test_a_document_nested_too_deeply_is_refused() -> None:
    hop = "pattern { crashes(first: 1) { edges { node { %s } } } }"
    text = "id"
    for _ in range(4):
        text = hop.replace("%s", text)
    found = await errors_of("{ crashes(first: 1) { edges { node { " + text + " } } } }")
    assert found[0][0] == "LIMIT"
    assert str(limits.MAX_DEPTH) in found[0][1]


@pytest.mark.parametrize(
    ("field", "variables"),
    [
        ('crashes(first: 1, filter: {search: "a"}) { nodes { id } }', {}),
        ("crashes(first: 1, filter: $f) { nodes { id } }", {"f": {"search": "a"}}),
        ("patterns(first: 1, filter: {search: $s}) { nodes { id } }", {"s": "a"}),
        ('network(first: 1, search: "a") { totalNodes }', {}),
        ('search(first: 1, text: "a") { nodes { id } }', {}),
    ],
)
async def test_a_document_with_many_searches_is_refused(field: str, variables: dict[str, object]) -> None:
    declared = {"f": "($f: CrashFilterInput)", "s": "($s: String)"}
    head = "query" + "".join(declared[name] for name in variables)
    assert cost(f"{head} {{ {field} }}", variables).nodes >= limits.SEARCH_WEIGHT
    text = " ".join(f"a{i}: {field}" for i in range(45))
    assert "nodes" in (await errors_of(f"{head} {{ {text} }}", variables))[0][1]


def test_a_filter_without_words_is_no_search() -> None:
    assert cost('{ crashes(first: 1, filter: {site: "a"}) { nodes { id } } }').nodes == 1
    assert (
        cost("query($f: CrashFilterInput) { crashes(first: 1, filter: $f) { nodes { id } } }", {"f": {"search": None}}).nodes
        == 1
    )


def test_named_nodes_count_by_their_number() -> None:
    assert (
        cost(
            "query($i: [ID!]!) { nodes(ids: $i) { ... on Pattern { crashes(first: 2) { nodes { id } } } } }", {"i": ["a"] * 90}
        ).nodes
        == 180
    )


async def test_too_many_aliases_are_refused() -> None:
    text = " ".join(f'a{i}: crash(id: "x") {{ id }}' for i in range(limits.MAX_ALIASES + 1))
    assert (await errors_of(f"{{ {text} }}"))[0][0] == "LIMIT"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{ " + "__typename " * (limits.MAX_TOKENS + 1) + "}", id="tokens"),
        pytest.param("{ __typename } #" + "x" * limits.MAX_CHARACTERS, id="characters"),
        pytest.param("{ crash " * 700 + "}" * 700, id="nesting that the parser cannot follow"),
    ],
)
async def test_a_document_too_slow_to_parse_is_refused(text: str) -> None:
    began = time.process_time()
    assert (await errors_of(text))[0][0] == "LIMIT"
    assert time.process_time() - began < 2


async def test_an_invalid_document_gets_a_readable_error() -> None:
    found = await errors_of("{ crashs(first: 1) { nodes { id } } }")
    assert found[0][0] == "INVALID_QUERY"
    assert "Cannot query field 'crashs' on type 'Query'" in found[0][1]


async def test_an_invalid_variable_gets_a_readable_error() -> None:
    text = "query($t: DateTime) { crashes(first: 1, filter: {since: $t}) { nodes { id } } }"
    code, message = (await errors_of(text, {"t": "yesterday"}))[0]
    assert code == "INVALID_QUERY"
    assert "yesterday" in message


async def test_every_connection_requires_a_page_size() -> None:
    found = await errors_of("{ patterns { nodes { id } } }")
    assert "of type 'Int!' is required" in found[0][1]
