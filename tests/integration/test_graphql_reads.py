"""GraphQL on a real graph: a root field for every node, listings in pages, and what a failed field leaves."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type
from shop_graph import ask, execute, names
from small_graph import START, Counted, arrange, pattern, related

from graph.model.statement import Statement
from graph.ports import Graph
from schema.build import build_schema

SCHEMA = build_schema()._schema
ROOTS = {
    "signature": "Signature:s-a",
    "solution": "Solution:s1",
    "environment": "Environment:Antwerp1.0",
    "version": "Version:Shop@1.0",
    "site": "Site:Ghent",
    "community": "Community:f",
    "verdict": "Verdict:d",
    "event": "Event:e1",
    "module": "Module:shop",
    "frame": "Frame:shop.total",
    "attribute": "Attribute:os=Linux",
    "validation": "Validation:w",
    "crash": "Crash:c0",
    "pattern": "Pattern:a",
    "jobRun": "JobRun:r",
}


@pytest.mark.parametrize("field", ROOTS)
async def test_a_node_is_found_by_its_key_and_by_its_global_id(shop: Graph, field: str) -> None:
    key = ROOTS[field].partition(":")[2]
    for id in (key, ROOTS[field]):
        assert (await ask(shop, f"query($id: ID!) {{ {field}(id: $id) {{ id }} }}", id=id))["id"] == ROOTS[field]
    result = await execute(shop, f'{{ {field}(id: "nowhere") {{ id }} }}')
    assert result.data == {field: None}
    assert [error.extensions["code"] for error in result.errors] == ["NOT_FOUND"]
    assert "nowhere" in result.errors[0].message


def test_every_field_that_names_one_node_was_tried() -> None:
    """A root field that takes an ``id`` and returns a node, or ``node`` itself, which has a test of its own."""
    assert SCHEMA.query_type
    nodes = {
        name
        for name, field in SCHEMA.query_type.fields.items()
        if "id" in field.args and "label" in getattr(get_named_type(field.type), "fields", {})
    }
    assert nodes - {"node"} == set(ROOTS)


async def test_many_nodes_come_in_the_order_of_their_ids_with_one_query_per_label(shop: Graph) -> None:
    counted = Counted(shop)
    ids = ["Crash:c1", "Pattern:gone", "Site:Ghent", "Crash:c0", "Crash:c1"]
    found = await ask(counted, "query($ids: [ID!]!) { nodes(ids: $ids) { id caption } }", ids=ids)
    assert [node and node["id"] for node in found] == ["Crash:c1", None, "Site:Ghent", "Crash:c0", "Crash:c1"]
    assert sorted(counted.names) == ["nodes of Crash", "nodes of Pattern", "nodes of Site"]


async def test_a_crash_read_as_any_node_has_its_report(shop: Graph) -> None:
    found = await ask(shop, '{ nodes(ids: ["Crash:c1"]) { ... on Crash { report } } }')
    assert found == [{"report": "report of c1"}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", "LIMIT"),
        ('{ nodes(ids: ["nothing"]) { id } }', "INVALID_INPUT"),
        ('{ site(id: "Version:x") { id } }', "INVALID_INPUT"),
        ('{ sites(first: 1, after: "x") { nodes { id } } }', "INVALID_INPUT"),
        ('{ search(first: 1, text: " ") { nodes { id } } }', "INVALID_INPUT"),
        ('{ search(first: 1, text: "x", filter: {statuses: [MERGED]}) { nodes { id } } }', "INVALID_INPUT"),
        ('{ path(from: "Crash:c0", to: "Crash:nope") { length } }', "NOT_FOUND"),
        ('{ path(from: "Crash:c0", to: "c1") { length } }', "INVALID_INPUT"),
        ('{ path(from: "Crash:c0", to: "Crash:c1", maxLength: 7) { length } }', "INVALID_INPUT"),
        ('{ path(from: "User:u", to: "Crash:c1") { length } }', "INVALID_INPUT"),
    ],
)
async def test_an_invalid_question_gets_a_code(shop: Graph, text: str, code: str) -> None:
    given: Any = {"ids": ["Crash:c0"] * 101} if "$ids" in text else {}
    result = await execute(shop, text, **given)
    assert [error.extensions["code"] for error in result.errors] == [code]


LISTINGS = {
    "sites": ["Antwerp", "Ghent"],
    "versions": ["Shop@1.0", "Shop@1.1"],
    "environments": ["Antwerp1.0", "Antwerp1.1", "Ghent1.0"],
    "modules": ["shop"],
    "frames": ["shop.run", "shop.total"],
    "attributes": ["os=Linux"],
    "signatures(order: KEY)": ["s-a", "s-b"],
    "solutions(order: KEY)": ["s1"],
    "solutions": ["s1"],
    "events": ["e4", "e3", "e2", "e1"],
    "communities": ["f"],
    "patterns": ["a", "b"],
    "patterns(order: CREATED)": ["a", "b"],
    "crashes": ["c3", "c2", "c1", "c0"],
}


@pytest.mark.parametrize("listing", LISTINGS)
async def test_a_listing_comes_in_pages_that_know_what_is_before_and_behind(shop: Graph, listing: str) -> None:
    field, _, given = listing.partition("(")
    also = f", {given.strip(')')}" if given else ""
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    text = f"query($after: String) {{ {field}(first: 1, after: $after{also}) {{ edges {{ cursor }} nodes {{ key }} {info} }} }}"
    keys, after, more = [], None, True
    while more:
        page = await ask(shop, text, after=after)
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        keys += names(page, "key")
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert keys == LISTINGS[listing]


def test_every_connection_of_the_schema_has_the_whole_page_info() -> None:
    info = SCHEMA.type_map["PageInfo"]
    assert isinstance(info, GraphQLObjectType)
    assert set(info.fields) == {"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}
    for name, kind in SCHEMA.type_map.items():
        if name.endswith("Connection") and isinstance(kind, GraphQLObjectType):
            for field in ("edges", "nodes"):
                items_may_be_null = not str(kind.fields[field].type).endswith("!]!")
                assert items_may_be_null, f"one bad item would empty {name}"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('sites(first: 9, startsWith: "G")', ["Ghent"]),
        ('versions(first: 9, product: "Shop")', ["Shop@1.0", "Shop@1.1"]),
        ('versions(first: 9, product: "Sho")', []),
        ('environments(first: 9, filter: {site: "Antwerp", version: "1.0"})', ["Antwerp1.0"]),
        ('environments(first: 9, filter: {product: "Shop", version: "1.0"})', ["Antwerp1.0", "Ghent1.0"]),
        ("attributes(first: 9, name: OS)", ["os=Linux"]),
        ('frames(first: 9, startsWith: "shop.t")', ["shop.total"]),
        ('solutions(first: 9, filter: {tag: "GOLD_STANDARD", kind: WORKAROUND})', ["s1"]),
        ('solutions(first: 9, filter: {tag: "x"})', []),
        ("events(first: 9, filter: {kinds: [STATUS_CHANGED]})", ["e3", "e1"]),
        ('events(first: 9, filter: {about: "Pattern:a"})', ["e4", "e2"]),
        ('events(first: 9, filter: {since: "2026-01-01T08:02:00Z", until: "2026-01-01T08:04:00Z"})', ["e3", "e2"]),
    ],
)
async def test_filters_narrow_a_listing(shop: Graph, text: str, keys: list[str]) -> None:
    assert names(await ask(shop, f"{{ {text} {{ nodes {{ key }} }} }}"), "key") == keys


async def test_signatures_are_listed_last_seen_first(shop: Graph) -> None:
    text = "MATCH (s:Signature) SET s.last_seen = CASE s.exact WHEN 's-b' THEN $late ELSE $start END, s.error_type = 'KeyError'"
    await shop.write(Statement(text, {"start": START, "late": START.replace(hour=9)}, "seen"))
    assert names(await ask(shop, "{ signatures(first: 9) { nodes { key } } }"), "key") == ["s-b", "s-a"]
    late = '{ signatures(first: 9, filter: {since: "2026-01-01T08:30:00Z", errorType: "KeyError"}) { nodes { key } } }'
    assert names(await ask(shop, late), "key") == ["s-b"]


async def test_a_failed_field_leaves_the_fields_beside_it(shop: Graph) -> None:
    """The report of one crash fails; its other fields and the other crashes are there."""
    await shop.write(Statement("MATCH (c:Crash {crash_id: 'c0'}) SET c.report = 'altered'", name="alter"))
    text = """{ bad: crash(id: "c0") { report pattern { name solutions(first: 1) { nodes { key } } } }
      good: crash(id: "c0") { pattern { name solutions(first: 1) { nodes { key } } } }
      crashes(first: 9) { nodes { key report } } }"""
    result = await execute(shop, text)
    assert {tuple(error.path or ()) for error in result.errors} == {("bad", "report"), ("crashes", "nodes", 3, "report")}
    assert result.data["bad"]["report"] is None
    assert result.data["good"]["pattern"]["solutions"]["nodes"] == [{"key": "s1"}]
    assert [node["report"] is None for node in result.data["crashes"]["nodes"]] == [False, False, False, True]


@pytest.mark.parametrize("search", [None, "shop"])
async def test_a_network_of_some_types_has_only_patterns_with_one_of_those(graph: Graph, search: str | None) -> None:
    await arrange(graph, [pattern(id, 9 - i) for i, id in enumerate("abcd")], edges=[related("b", "c", 0.9)])
    asked = """query($s: String, $t: [DerivedType!]) { network(types: $t, search: $s) { totalNodes totalEdges nodes { id }
      edges { facts { name } evidence { __typename support ... on CoOccursWith { lift } } } } }"""
    found = await ask(graph, asked, s=search, t=["CO_OCCURS_WITH"])
    assert [node["id"] for node in found["nodes"]] == ["Pattern:b", "Pattern:c"]
    assert (found["totalNodes"], found["totalEdges"]) == (2, 1)
    assert found["edges"][0]["evidence"] == {"__typename": "CoOccursWith", "support": 12, "lift": 3.5}
    assert await ask(graph, asked, s=search, t=["CAUSES"]) == {"totalNodes": 0, "totalEdges": 0, "nodes": [], "edges": []}
    assert (await ask(graph, asked, s=search))["totalNodes"] == 4
    focused = await ask(graph, '{ network(focus: "a", types: [CAUSES]) { nodes { id } } }')
    assert focused["nodes"] == [{"id": "Pattern:a"}]
