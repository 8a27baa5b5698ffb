"""GraphQL on a real graph: a root field for every node, fields back from each, pages, search and paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from graphql import GraphQLObjectType, get_named_type
from numpy.typing import NDArray
from small_graph import START, Counted, arrange, crash, pattern, related

from graph.model.nodes import EMBEDDING_DIMENSIONS
from graph.model.statement import Statement
from graph.ports import Embedder, Graph
from schema.build import build_schema
from schema.context import Context

SCHEMA = build_schema()._schema
MORE = """
MATCH (p:Pattern {pattern_id: 'a'}) MATCH (c:Crash {crash_id: 'c0'}) MATCH (v1:Version {version_id: 'Shop@1.0'})
MATCH (v2:Version {version_id: 'Shop@1.1'}) MATCH (antwerp:Site {name: 'Antwerp'}) MATCH (ghent:Site {name: 'Ghent'})
MATCH (e:Environment {environment_id: 'Antwerp1.0'})
SET p.introduced_in = ['Shop@1.0']
CREATE (v1)-[:NEXT]->(v2)
CREATE (antwerp)-[:LINKED_TO]->(ghent)
CREATE (e)-[:HAS_ATTRIBUTE]->(os:Attribute {key: 'os=Linux', name: 'os', value: 'Linux'})
CREATE (s:Solution {solution_id: 's1', description: 'Restart the till', steps: 'Pull the plug', success_count: 2,
  failure_count: 0, confidence: 0.9, tags: ['GOLD_STANDARD'], created_at: $start,
  kind: 'workaround'})-[:RESOLVES {worked: 2, failed: 1}]->(p)
CREATE (s)-[:PROVEN_IN {pattern_id: 'a', applied_at: $start, worked: 2, failed: 0, crash_days: 1, window_days: 3.0}]->(e)
CREATE (s)-[:FIXED_IN {pattern_id: 'a', at: $start, by: 'person:ann'}]->(v2)
CREATE (:Validation {validation_id: 'w', by: 'person:ann', at: $start, verdict: 'wrong', pattern_id: 'a', belongs_to: 'b',
  counts: 1, quality: 0.0})-[:VALIDATES]->(c)
CREATE (:Verdict {verdict_id: 'd', kind: 'merge', by: 'person:ann', at: $start, reason: '', ordinal: 1,
  subjects: ['Pattern:a', 'Pattern:gone'], journal: '{"a": 1}'})
CREATE (:Revision {revision_id: 'r1', pattern_id: 'a', version: 1, change_type: 'merge', by: 'person:ann', at: $start,
  verdict_id: 'd', before: '{}', after: '{}'})-[:REVISES]->(p)
CREATE (merged:Pattern {pattern_id: 'm', name: 'Old', status: 'merged', severity: 'low', confidence: 0.5})
CREATE (merged)-[:SAME_AS {by: 'person:ann', at: $start, verdict_id: 'd'}]->(p)
CREATE (run:JobRun {run_id: 'r', job: 'communities', state: 'succeeded', attempt: 1})
CREATE (p)-[:MEMBER_OF {strength: 1.0, algorithm: 'x', algorithm_version: '1', run_id: 'r', computed_at: $start}]->(
  :Community {community_id: 'f', name: 'OSError in shop', method: 'ties', size: 1, cohesion: 1.0, algorithm: 'x',
    algorithm_version: '1', run_id: 'r', computed_at: $start})
CREATE (:EventLog {name: 'events', last: 4, removed: 0})
WITH p, os, antwerp, v1
FOREACH (place IN [os, antwerp, v1] | CREATE (p)-[:CORRELATES_WITH {score: 0.8, support: 9, p_value: 0.01, q_value: 0.02,
  algorithm: 'x', algorithm_version: '1', run_id: 'r', computed_at: $start, sample_crash_ids: [], attribute: 'os',
  value: 'Linux', product: 'Shop', counted: 'site', lift: 2.0, expected: 1.0, odds_ratio: 3.0, share: 0.5,
  share_others: 0.1}]->(place))
WITH p UNWIND range(1, 4) AS position
CREATE (:Event {event_id: 'e' + position, position: position, kind: ['crashes_stored', 'status_changed'][position % 2],
  at: $start + duration({minutes: position}), actor: 'person:ann', subjects: ['Pattern:' + ['a', 'b'][position % 2]], count: 1,
  payload: '{}'})
"""


async def execute(graph: Graph, text: str, embedder: Embedder | None = None, **variables: Any) -> Any:
    context = Context(graph=graph, matcher=None, receiver=None, embedder=embedder)  # type: ignore[arg-type]  # nothing is handed in
    return await build_schema().execute(text, variables, context)


async def ask(graph: Graph, text: str, embedder: Embedder | None = None, **variables: Any) -> Any:
    """The first field of a query that must succeed."""
    result = await execute(graph, text, embedder, **variables)
    assert not result.errors, result.errors
    return next(iter(result.data.values()))


@pytest.fixture
async def shop(graph: Graph) -> Graph:
    await arrange(
        graph,
        [pattern("a", 3), pattern("b", 1, name="ValueError in shop.b", error_type="ValueError")],
        [
            crash("c0", "a", external_id="ticket-7"),
            crash("c1", "a", minute=1, site="Ghent"),
            crash("c2", "b", minute=2),
            crash("c3", "a", minute=3, version="1.1"),
        ],
        [related("a", "b", 0.9)],
    )
    await graph.write(Statement(MORE, {"start": START}, "more"))
    return graph


def names(found: dict[str, Any], name: str) -> list[Any]:
    return [node[name] for node in found["nodes"]]


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


async def test_a_site_leads_to_all_that_happened_there(shop: Graph) -> None:
    found = await ask(
        shop,
        """{ site(id: "Antwerp") {
          crashes(first: 2) { nodes { key } pageInfo { hasNextPage endCursor } }
          patterns(first: 9) { edges { crashCount node { key } } }
          correlatedPatterns(first: 9) { edges { evidence { __typename score } node { key } } }
          environments(first: 9) { nodes { key } } versions(first: 9) { nodes { key } } linkedTo(first: 9) { nodes { key } }
        } ghent: site(id: "Ghent") { key } }""",
    )
    assert names(found["crashes"], "key") == ["c3", "c2"]
    assert [(edge["crashCount"], edge["node"]["key"]) for edge in found["patterns"]["edges"]] == [(2, "a"), (1, "b")]
    evidence = {"__typename": "CorrelatesWith", "score": 0.8}
    assert found["correlatedPatterns"]["edges"] == [{"evidence": evidence, "node": {"key": "a"}}]
    assert names(found["environments"], "key") == ["Antwerp1.0", "Antwerp1.1"]
    assert names(found["versions"], "key") == ["Shop@1.0", "Shop@1.1"]
    assert names(found["linkedTo"], "key") == ["Ghent"]
    after = found["crashes"]["pageInfo"]["endCursor"]
    rest = await ask(
        shop, 'query($a: String) { site(id: "Antwerp") { crashes(first: 2, after: $a) { nodes { key } } } }', a=after
    )
    assert names(rest["crashes"], "key") == ["c0"]


async def test_a_version_leads_to_what_it_brought_and_to_its_neighbours(shop: Graph) -> None:
    found = await ask(
        shop,
        """{ version(id: "Shop@1.0") { next { key } previous { key }
          crashes(first: 9) { nodes { key } } patterns(first: 9) { nodes { key } }
          introduced: patterns(first: 9, introduced: true) { nodes { key } }
          environments(first: 9) { nodes { key } } sites(first: 9) { nodes { key } } solutions(first: 9) { nodes { key } }
          correlatedPatterns(first: 9) { nodes { key } } } }""",
    )
    assert (found["next"], found["previous"]) == ({"key": "Shop@1.1"}, None)
    assert names(found["crashes"], "key") == ["c2", "c1", "c0"]
    assert (names(found["patterns"], "key"), names(found["introduced"], "key")) == (["a", "b"], ["a"])
    assert (names(found["environments"], "key"), names(found["sites"], "key")) == (
        ["Antwerp1.0", "Ghent1.0"],
        ["Antwerp", "Ghent"],
    )
    assert (names(found["solutions"], "key"), names(found["correlatedPatterns"], "key")) == ([], ["a"])
    later = await ask(shop, '{ version(id: "Shop@1.1") { previous { key } solutions(first: 9) { nodes { key } } } }')
    assert (later["previous"]["key"], names(later["solutions"], "key")) == ("Shop@1.0", ["s1"])


async def test_a_version_of_an_unknown_product_has_its_crashes(graph: Graph) -> None:
    await arrange(graph, [pattern("a", 1)], [crash("c0", "a", product=None)])
    text = "MATCH (v:Version) SET v.version_id = '@1.0', v.product = '' WITH v MATCH (c:Crash) REMOVE c.product"
    await graph.write(Statement(text, name="unknown"))
    asked = '{ version(id: "@1.0") { crashes(first: 9) { nodes { key } } patterns(first: 9) { nodes { key } } } }'
    found = await ask(graph, asked)
    assert (names(found["crashes"], "key"), names(found["patterns"], "key")) == (["c0"], ["a"])


async def test_an_environment_and_its_facts_lead_on(shop: Graph) -> None:
    found = await ask(
        shop,
        """{ environment(id: "Antwerp1.0") { crashes(first: 9, order: OCCURRED) { nodes { key } }
          patterns(first: 9) { edges { crashCount node { key } } }
          attributes(first: 9) { nodes { key environments(first: 9) { nodes { key } }
            correlatedPatterns(first: 9) { nodes { key } } } }
          solutions(first: 9) { edges { appliedAt worked pattern { key } node { key } } } } }""",
    )
    assert names(found["crashes"], "key") == ["c2", "c0"]
    assert [(edge["crashCount"], edge["node"]["key"]) for edge in found["patterns"]["edges"]] == [(1, "a"), (1, "b")]
    [fact] = found["attributes"]["nodes"]
    assert (fact["key"], names(fact["environments"], "key")) == ("os=Linux", ["Antwerp1.0"])
    assert names(fact["correlatedPatterns"], "key") == ["a"]
    applied = {"appliedAt": "2026-01-01T08:00:00+00:00", "worked": 2, "pattern": {"key": "a"}, "node": {"key": "s1"}}
    assert found["solutions"]["edges"] == [applied]


async def test_frames_and_modules_lead_to_signatures_and_patterns(shop: Graph) -> None:
    found = await ask(
        shop,
        """{ frame(id: "shop.total") { module { key frames(first: 9) { nodes { key } }
          signatures(first: 1) { nodes { key } pageInfo { hasNextPage endCursor } } patterns(first: 9) { nodes { key } } }
          signatures(first: 9) { nodes { key } } patterns(first: 9) { nodes { key } } } }""",
    )
    assert (names(found["signatures"], "key"), names(found["patterns"], "key")) == (["s-a", "s-b"], ["a", "b"])
    module = found["module"]
    assert (module["key"], names(module["frames"], "key")) == ("shop", ["shop.run", "shop.total"])
    assert (names(module["signatures"], "key"), module["signatures"]["pageInfo"]["hasNextPage"]) == (["s-a"], True)
    assert names(module["patterns"], "key") == ["a", "b"]


async def test_solutions_validations_and_verdicts_lead_back(shop: Graph) -> None:
    solution = await ask(
        shop,
        """{ solution(id: "s1") { patterns(first: 9) { edges { worked failed node { key } } }
          versions(first: 9) { nodes { key } }
          environments(first: 9) { edges { windowDays patternId node { key } } } } }""",
    )
    assert solution["patterns"]["edges"] == [{"worked": 2, "failed": 1, "node": {"key": "a"}}]
    assert solution["environments"]["edges"] == [{"windowDays": 3.0, "patternId": "a", "node": {"key": "Antwerp1.0"}}]
    assert names(solution["versions"], "key") == ["Shop@1.1"]
    review = await ask(
        shop,
        """{ validation(id: "w") { crash { key validations(first: 9) { nodes { key } } }
          pattern { key } rightPattern { key } } }""",
    )
    assert review["crash"] == {"key": "c0", "validations": {"nodes": [{"key": "w"}]}}
    assert (review["pattern"], review["rightPattern"]) == ({"key": "a"}, {"key": "b"})
    verdict = await ask(
        shop, '{ verdict(id: "d") { subjectNodes { id } revisions(first: 9) { nodes { pattern { key } verdict { key } } } } }'
    )
    assert verdict["subjectNodes"] == [{"id": "Pattern:a"}, None]
    assert verdict["revisions"]["nodes"] == [{"pattern": {"key": "a"}, "verdict": {"key": "d"}}]


async def test_a_merged_pattern_says_into_which(shop: Graph) -> None:
    text = """MATCH (m:Pattern {pattern_id: 'm'})
    CREATE (n:Pattern {pattern_id: 'n', name: 'Older', status: 'merged', severity: 'low', confidence: 0.5})
    CREATE (n)-[:SAME_AS {by: 'x', at: datetime(), verdict_id: 'd'}]->(m)"""
    await shop.write(Statement(text, name="chain"))
    found = await execute(
        shop,
        """{ n: pattern(id: "n") { mergedInto { key } }
          a: pattern(id: "a") { mergedInto { key } mergedFrom(first: 9) { nodes { key } } } }""",
    )
    assert found.data == {"n": {"mergedInto": {"key": "a"}}, "a": {"mergedInto": None, "mergedFrom": {"nodes": [{"key": "m"}]}}}


async def test_events_and_runs_and_communities_lead_on(shop: Graph) -> None:
    found = await execute(
        shop,
        """{ event(id: "e2") { subjectNodes { id } } jobRun(id: "r") { definition { name help } }
          community(id: "f") { run { key } patterns(first: 9) { nodes { key } } } }""",
    )
    assert found.data["event"] == {"subjectNodes": [{"id": "Pattern:a"}]}
    assert found.data["jobRun"]["definition"]["name"] == "communities"
    assert found.data["community"] == {"run": {"key": "r"}, "patterns": {"nodes": [{"key": "a"}]}}


async def test_a_pattern_is_shown_as_it_was(shop: Graph) -> None:
    text = """MATCH (p:Pattern {pattern_id: 'a'}) SET p.status = 'resolved'
    CREATE (:Revision {revision_id: 'r2', pattern_id: 'a', version: 2, change_type: 'status', by: 'person:ann',
      at: $start + duration('P2D'), before: '{"status": "open"}', after: '{"status": "resolved"}'})-[:REVISES]->(p)"""
    await shop.write(Statement(text, {"start": START}, "resolve"))
    asked = "query($at: DateTime!) { patterns(first: 9) { nodes { key status asOf(at: $at) { status name version } } } }"
    [a, b] = (await ask(shop, asked, at="2026-01-02T08:00:00Z"))["nodes"]
    assert (a["status"], a["asOf"]) == ("RESOLVED", {"status": "OPEN", "name": "KeyError in shop.a", "version": 1})
    assert b["asOf"]["status"] == "OPEN"
    before = (await ask(shop, asked, at="2020-01-01T00:00:00Z"))["nodes"]
    assert [one["asOf"] for one in before] == [None, None]


class Words:
    """An embedder by the letters of a text: equal texts have equal vectors."""

    name = "letters"
    dimensions = EMBEDDING_DIMENSIONS

    def load(self) -> None: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), EMBEDDING_DIMENSIONS), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for letter in text.lower():
                row[ord(letter) % EMBEDDING_DIMENSIONS] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Broken(Words):
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:  # noqa: ARG002  # of the port
        raise ImportError("no module")


SEARCH = """query($t: String!, $k: [SearchKind!], $f: SearchFilterInput, $a: String) {
  search(text: $t, first: 9, kinds: $k, filter: $f, after: $a) {
    edges { score matchedBy cursor node { id caption } } pageInfo { hasNextPage } } }"""


def hits(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("c0", "Crash:c0"),
        ("ticket-7", "Crash:c0"),
        ("Pattern:b", "Pattern:b"),
        ("shop.total", "Frame:shop.total"),
        ("ghent", "Site:Ghent"),
        ("Shop@1.1", "Version:Shop@1.1"),
        ("plug till restart", "Solution:s1"),
        ("shop 1.1 antwerp", "Environment:Antwerp1.1"),
        ("oserror", "Community:f"),
    ],
)
async def test_a_search_finds_ids_and_names_of_all_kinds(shop: Graph, text: str, first: str) -> None:
    found = await ask(shop, SEARCH, t=text)
    assert hits(found)[0] == first
    assert all(0 <= edge["score"] <= 1 for edge in found["edges"])
    assert found["edges"][0]["matchedBy"][0] in {"ID", "WORDS"}


async def test_an_error_type_finds_its_patterns_before_others(shop: Graph) -> None:
    found = await ask(shop, SEARCH, t="ValueError", k=["PATTERN"])
    assert hits(found) == ["Pattern:b"]
    assert hits(await ask(shop, SEARCH, t="shop", k=["PATTERN"], f={"severities": ["LOW"]})) == []
    assert set(hits(await ask(shop, SEARCH, t="shop", f={"statuses": ["OPEN"]}))) == {"Pattern:a", "Pattern:b"}


@pytest.mark.parametrize(
    "text", ["a AND OR NOT b", 'shop" OR *:*', "shop~0.1 +(", "title:shop^99", "[a TO z]", "x/y\\z", "é ß 漢字"]
)
async def test_the_syntax_of_queries_is_only_text(shop: Graph, text: str) -> None:
    assert "edges" in await ask(shop, SEARCH, t=text)


async def test_a_search_by_meaning_joins_what_words_found(shop: Graph) -> None:
    embedder = Words()
    await shop.write(
        Statement(
            "MATCH (s:Signature {exact: 's-a'}) SET s.text = 'disk full', s.embedding = $v",
            {"v": embedder.embed(["disk full"])[0].tolist()},
            "embed",
        )
    )
    await shop.read(Statement("CALL db.awaitIndexes(60)", name="await"))
    found = await ask(shop, SEARCH, embedder, t="luf ksid")
    ways = {edge["node"]["id"]: edge["matchedBy"] for edge in found["edges"]}
    assert ways == {"Signature:s-a": ["MEANING"], "Pattern:a": ["MEANING"]}
    both = await ask(shop, SEARCH, embedder, t="disk")
    assert {edge["node"]["id"]: set(edge["matchedBy"]) for edge in both["edges"]}["Signature:s-a"] == {"WORDS", "MEANING"}
    assert hits(await ask(shop, SEARCH, t="luf ksid")) == []
    assert hits(await ask(shop, SEARCH, Broken(), t="ghent")) == hits(await ask(shop, SEARCH, t="ghent"))


async def test_pages_of_a_search_continue(shop: Graph) -> None:
    text = SEARCH.replace("first: 9", "first: 2")
    whole, after, found = hits(await ask(shop, SEARCH, t="shop")), None, []
    for _ in range(len(whole)):
        page = await ask(shop, text, t="shop", a=after)
        found += hits(page)
        if not page["pageInfo"]["hasNextPage"] or len(found) >= len(whole):
            break
        after = page["edges"][-1]["cursor"]
    assert found[: len(whole)] == whole


PATH = """query($a: ID!, $b: ID!, $n: Int, $x: [PathLabel!]) { path(from: $a, to: $b, maxLength: $n, exclude: $x) {
  length complete nodes { id } edges { source target type directed evidence { score } facts { name value } } } }"""


async def test_the_shortest_path_between_two_crashes(shop: Graph) -> None:
    found = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=6)
    assert [node["id"] for node in found["nodes"]] == ["Crash:c0", "Environment:Antwerp1.0", "Crash:c2"]
    assert (found["length"], found["complete"]) == (2, True)
    assert [edge["type"] for edge in found["edges"]] == ["OCCURRED_IN", "OCCURRED_IN"]
    assert found["edges"][1]["source"] == "Crash:c2"


async def test_a_path_keeps_out_of_excluded_labels_and_shows_the_evidence(shop: Graph) -> None:
    places = ["ENVIRONMENT", "SITE", "VERSION", "ATTRIBUTE", "FRAME", "MODULE"]
    found = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=6, x=places)
    ids = [node["id"] for node in found["nodes"]]
    assert ids == ["Crash:c0", "Signature:s-a", "Pattern:a", "Pattern:b", "Signature:s-b", "Crash:c2"]
    link = found["edges"][2]
    assert (link["type"], link["directed"], link["evidence"]) == ("CO_OCCURS_WITH", False, {"score": 0.9})
    assert {"name": "lift", "value": "3.5"} in link["facts"]
    assert found["edges"][1]["evidence"] is None
    none = await ask(shop, PATH, a="Crash:c0", b="Crash:c2", n=4, x=places)
    assert none == {"length": None, "complete": True, "nodes": [], "edges": []}


async def test_a_path_to_an_excluded_label_and_to_the_node_itself(shop: Graph) -> None:
    found = await ask(shop, PATH, a="Crash:c0", b="Site:Antwerp", n=6, x=["SITE"])
    assert (found["length"], found["nodes"][-1]) == (2, {"id": "Site:Antwerp"})
    same = await ask(shop, PATH, a="Site:Ghent", b="Site:Ghent", n=6)
    assert (same["length"], same["nodes"]) == (0, [{"id": "Site:Ghent"}])


async def test_a_node_with_very_many_neighbours_is_followed_in_part(shop: Graph) -> None:
    text = """MATCH (s:Site {name: 'Ghent'}) UNWIND range(1, 300) AS i
    CREATE (:Environment {environment_id: 'x' + i, title: 'x'})-[:AT_SITE]->(s)"""
    await shop.write(Statement(text, name="many"))
    found = await ask(shop, PATH, a="Environment:x1", b="Environment:x300", n=6)
    assert (found["length"], found["complete"]) == (2, False)


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
