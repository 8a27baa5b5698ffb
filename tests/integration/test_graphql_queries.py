"""GraphQL on a real graph: relations, nodes, pages, one query per relation."""

from __future__ import annotations

from typing import Any

import pytest
from small_graph import START, Counted, arrange, crash, pattern, related

from graph.model import NODES
from graph.model.statement import Statement
from graph.ports import Graph
from schema.build import build_schema
from schema.context import Context
from schema.examples import ExampleQuery, examples


async def ask(graph: Graph, text: str, **variables: Any) -> dict[str, Any]:
    """The data of a query that must succeed."""
    result = await execute(graph, text, **variables)
    assert not result.errors, result.errors
    return result.data


async def execute(graph: Graph, text: str, **variables: Any) -> Any:
    context = Context(graph=graph, matcher=None, receiver=None)  # type: ignore[arg-type]  # these queries hand nothing in
    return await build_schema().execute(text, variables, context)


async def code_of(graph: Graph, text: str, **variables: Any) -> tuple[str, str]:
    """Code and message of a query that must fail."""
    result = await execute(graph, text, **variables)
    assert len(result.errors) == 1
    return result.errors[0].extensions["code"], result.errors[0].message


async def two_patterns(graph: Graph) -> None:
    await arrange(
        graph,
        [pattern("a", 2), pattern("b", 1)],
        [crash("c0", "a"), crash("c1", "a", minute=1, site="Ghent"), crash("c2", "b", minute=2)],
        [related("a", "b", 0.9)],
    )


async def test_a_crash_leads_to_its_pattern_signature_environment_and_stack(graph: Graph) -> None:
    await two_patterns(graph)
    text = """{ crash(id: "c1") {
      id title occurredAt report
      pattern { patternId } signature { exact pattern { id } stack(first: 1) { nodes { key } pageInfo { hasNextPage } } }
      environment { title atSite { name } runsVersion { versionId } }
      frames(first: 5) { edges { position module node { id function } } }
    } }"""
    found = (await ask(graph, text))["crash"]
    assert found == {
        "id": "Crash:c1",
        "title": "KeyError: total",
        "occurredAt": "2026-01-01T08:01:00+00:00",
        "report": "report of c1",
        "pattern": {"patternId": "a"},
        "signature": {
            "exact": "s-a",
            "pattern": {"id": "Pattern:a"},
            "stack": {"nodes": [{"key": "shop.total"}], "pageInfo": {"hasNextPage": True}},
        },
        "environment": {"title": "Shop 1.0 Ghent", "atSite": {"name": "Ghent"}, "runsVersion": {"versionId": "Shop@1.0"}},
        "frames": {
            "edges": [
                {"position": 0, "module": "shop", "node": {"id": "Frame:shop.total", "function": "total"}},
                {"position": 1, "module": "shop", "node": {"id": "Frame:shop.run", "function": "run"}},
            ]
        },
    }


async def test_a_crash_without_a_pattern_has_none(graph: Graph) -> None:
    await arrange(graph, [], [crash("c0", None, status="unparsed")])
    found = await ask(graph, '{ crash(id: "c0") { pattern { id } signature { id } frames(first: 1) { nodes { id } } } }')
    assert found["crash"] == {"pattern": None, "signature": None, "frames": {"nodes": []}}


async def test_a_pattern_leads_to_its_environments_and_related_patterns(graph: Graph) -> None:
    await two_patterns(graph)
    text = """{ pattern(id: "Pattern:a") {
      signatureCount
      signatures(first: 1) { edges { crashCount strategy confidence node { title } } }
      crashes(first: 1) { nodes { crashId } pageInfo { hasNextPage } }
      environments(first: 5) { edges { crashCount node { environmentId } } }
      sites(first: 5) { nodes { name } } versions(first: 5) { edges { crashCount node { version } } }
      solutions(first: 5) { nodes { description } }
      related(first: 5) { edges { direction node { patternId } evidence {
        __typename type score support qValue computedAt sampleCrashIds sampleCrashes { crashId }
        ... on CoOccursWith { lift windowSeconds }
      } } }
    } }"""
    found = (await ask(graph, text))["pattern"]
    assert found["signatureCount"] == 1
    assert found["signatures"]["edges"][0]["crashCount"] == 2
    assert found["crashes"] == {"nodes": [{"crashId": "c1"}], "pageInfo": {"hasNextPage": True}}
    assert [edge["node"]["environmentId"] for edge in found["environments"]["edges"]] == ["Antwerp1.0", "Ghent1.0"]
    assert found["versions"]["edges"] == [{"crashCount": 2, "node": {"version": "1.0"}}]
    assert found["solutions"]["nodes"] == []
    edge = found["related"]["edges"][0]
    assert (edge["direction"], edge["node"]) == ("NONE", {"patternId": "b"})
    assert edge["evidence"] == {
        "__typename": "CoOccursWith",
        "type": "CO_OCCURS_WITH",
        "score": 0.9,
        "support": 12,
        "qValue": 0.01,
        "computedAt": "2026-01-01T08:00:00+00:00",
        "sampleCrashIds": ["c0", "gone"],
        "sampleCrashes": [{"crashId": "c0"}],
        "lift": 3.5,
        "windowSeconds": 3600.0,
    }


async def test_a_solution_has_its_uses_for_this_pattern(graph: Graph) -> None:
    await arrange(graph, [pattern("a")])
    text = """MATCH (p:Pattern {pattern_id: 'a'})
    CREATE (:Solution {solution_id: 's1', description: 'Restart', success_count: 9, failure_count: 0, confidence: 0.9})
      -[:RESOLVES {worked: 2, failed: 1}]->(p)"""
    await graph.write(Statement(text, name="solution"))
    text = '{ pattern(id: "a") { solutions(first: 1) { edges { worked failed node { description successCount } } } } }'
    edges = (await ask(graph, text))["pattern"]["solutions"]["edges"]
    assert edges == [{"worked": 2, "failed": 1, "node": {"description": "Restart", "successCount": 9}}]


async def test_pages_continue_where_the_previous_one_ended(graph: Graph) -> None:
    await arrange(graph, [pattern(f"p{i}", i) for i in range(7)])
    text = """query($after: String) { patterns(first: 3, after: $after) {
      nodes { patternId } edges { cursor } pageInfo { hasNextPage endCursor } } }"""
    names, after, more = [], None, True
    while more:
        page = (await ask(graph, text, after=after))["patterns"]
        names += [node["patternId"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert after == page["edges"][-1]["cursor"]
    assert names == [f"p{i}" for i in reversed(range(7))]


async def test_nested_pages_continue_too(graph: Graph) -> None:
    await arrange(graph, [pattern("a")], [crash(f"c{i}", "a", minute=i) for i in range(3)])
    text = """query($after: String) { pattern(id: "a") {
      crashes(first: 2, after: $after) { nodes { crashId } pageInfo { endCursor } } } }"""
    first = (await ask(graph, text))["pattern"]["crashes"]
    second = (await ask(graph, text, after=first["pageInfo"]["endCursor"]))["pattern"]["crashes"]
    assert [node["crashId"] for node in first["nodes"] + second["nodes"]] == ["c2", "c1", "c0"]


async def test_filters_reach_the_graph(graph: Graph) -> None:
    await two_patterns(graph)
    text = "query($filter: CrashFilterInput) { crashes(first: 9, filter: $filter, order: OCCURRED) { nodes { crashId } } }"
    for narrowed, expected in [
        ({"site": "Ghent"}, ["c1"]),
        ({"pattern": "Pattern:a", "until": "2026-01-01T09:01:00+01:00"}, ["c0"]),
        ({"search": "shop.b"}, ["c2"]),
        ({"severities": ["LOW"]}, []),
    ]:
        found = await ask(graph, text, filter=narrowed)
        assert [node["crashId"] for node in found["crashes"]["nodes"]] == expected


async def test_every_label_is_found_by_its_global_id(graph: Graph) -> None:
    await two_patterns(graph)
    text = """
    CREATE (:Solution {solution_id: 'x', description: 'Restart', success_count: 0, failure_count: 0, confidence: 0.5})
    CREATE (:JobRun {run_id: 'r', job: 'co_occurrence', state: 'succeeded', attempt: 1})
    CREATE (:Validation {validation_id: 'v', by: 'person:ann', at: datetime(), verdict: 'correct', pattern_id: 'a',
      counts: 1, quality: 0.0})
    CREATE (:Verdict {verdict_id: 'd', kind: 'merge', by: 'ann', at: datetime(), reason: '', subjects: ['a', 'b'],
      ordinal: 1})
    CREATE (:Revision {revision_id: 'n', pattern_id: 'a', version: 1, change_type: 'verdict', by: 'ann',
      at: datetime()})
    CREATE (:Attribute {key: 'os=Linux', name: 'os', value: 'Linux'})
    CREATE (:Community {community_id: 'f', name: 'OSError in shop', method: 'ties', size: 2, cohesion: 1.0,
      algorithm: 'communities', algorithm_version: '1', run_id: 'r', computed_at: datetime()})
    CREATE (:Consumer {name: 'ingest_trigger', state: 'running', failures: 0})
    CREATE (:ModelVersion {model_id: 'matching:1+1', kind: 'matching', version: '1+1', number: 1, base: '1', state: 'active',
      parameters: '{}', created_at: datetime(), trained_until: datetime(), decisions: 20, held_out: 6,
      loss_before: 0.5, loss_after: 0.4})
    CREATE (:Event {event_id: 'e', position: 1, kind: 'job_ended', at: datetime(), actor: 'job:co_occurrence', subjects: []})
    CREATE (:EventLog {name: 'events', last: 1, removed: 0})
    CREATE (:Organisation {name: 'default', created_at: datetime()})
    CREATE (:User {user_id: 'u', name: 'ann', role: 'viewer', disabled: false, token_version: 0, created_at: datetime(),
      created_by: 'person:root', password_hash: 'hidden'})
    CREATE (:Session {session_id: 'q', kind: 'browser', created_at: datetime(), expires_at: datetime(),
      last_used_at: datetime(), refreshed: 0, token_hash: 'hidden'})
    CREATE (:ApiKey {key_id: 'k', name: 'builds', scopes: ['read'], created_at: datetime(), created_by: 'person:ann',
      expires_at: datetime(), token_hash: 'hidden'})
    CREATE (:AuditEvent {audit_id: 'w', at: datetime(), actor: 'person:ann', action: 'log_in', subjects: [], count: 1,
      outcome: 'done', detail: ''})
    CREATE (:IdempotencyKey {key_id: 'y', at: datetime(), actor: 'person:ann', mutation: 'resolvePattern', digest: 'hidden',
      objects: [], answer: '{}'})
    CREATE (:Installation {name: 'home', key_mark: 'm'})"""
    await graph.write(Statement(text, name="others"))
    for label, declared in NODES.items():
        rows = await graph.read(Statement(f"MATCH (n:{label}) RETURN n.{declared.key} AS key LIMIT 1", name="one"))
        assert rows, f"the test has no {label}"
        wanted = f"{label}:{rows[0]['key']}"
        found = await ask(graph, "query($id: ID!) { node(id: $id) { __typename id label key caption } }", id=wanted)
        assert found["node"]["__typename"] == found["node"]["label"] == label
        assert found["node"]["id"] == wanted
        assert found["node"]["caption"]


async def test_the_network_is_the_one_that_the_view_draws(graph: Graph) -> None:
    await two_patterns(graph)
    text = """{ network(focus: "a", depth: 1) {
      totalNodes totalEdges nodes { id caption size hiddenNeighbours details { name value } pattern { signatureCount } }
      edges { source target type score directed facts { name value } evidence { support } } } }"""
    found = (await ask(graph, text))["network"]
    assert [node["id"] for node in found["nodes"]] == ["Pattern:a", "Pattern:b"]
    assert found["nodes"][0]["pattern"] == {"signatureCount": 1}
    assert {"name": "Crashes", "value": "2"} in found["nodes"][0]["details"]
    edge = found["edges"][0]
    assert (edge["source"], edge["target"], edge["directed"]) == ("Pattern:a", "Pattern:b", False)
    assert {"name": "score", "value": "0.9"} in edge["facts"]
    assert edge["evidence"] == {"support": 12}


@pytest.mark.parametrize("size", [1, 12])
async def test_a_listing_with_its_relations_takes_one_query_per_relation(graph: Graph, size: int) -> None:
    patterns = [pattern(f"p{i:02}", i) for i in range(size)]
    await arrange(graph, patterns, [crash(f"c{i:02}", f"p{i:02}") for i in range(size)])
    counted = Counted(graph)
    text = """{ patterns(first: 20) { nodes { signatureCount sites(first: 1) { nodes { name } }
      crashes(first: 1) { nodes { report environment { title atSite { name } } frames(first: 1) { nodes { key } } } } } } }"""
    assert len((await ask(counted, text))["patterns"]["nodes"]) == size
    assert sorted(counted.names) == [
        "crashes/environments",
        "crashes/frames",
        "crashes/reports",
        "nodes/environment_sites",
        "patterns/by_occurrences",
        "patterns/crashes",
        "patterns/sites",
    ]


async def test_a_relation_with_other_arguments_is_loaded_separately(graph: Graph) -> None:
    await two_patterns(graph)
    text = '{ pattern(id: "a") { one: crashes(first: 1) { nodes { crashId } } two: crashes(first: 2) { nodes { crashId } } } }'
    found = (await ask(graph, text))["pattern"]
    assert (len(found["one"]["nodes"]), len(found["two"]["nodes"])) == (1, 2)


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ('{ crash(id: "nope") { id } }', "NOT_FOUND", "nope"),
        ('{ crash(id: "Pattern:a") { id } }', "INVALID_INPUT", "does not name a Crash"),
        ('{ pattern(id: "nope") { id } }', "NOT_FOUND", "nope"),
        ('{ node(id: "Site:nope") { id } }', "NOT_FOUND", "nope"),
        ('{ node(id: "Nothing:x") { id } }', "INVALID_INPUT", "Label:key"),
        ("{ crashes(first: 101) { nodes { id } } }", "LIMIT", "100"),
        ("{ crashes(first: -1) { nodes { id } } }", "INVALID_INPUT", "-1"),
        ('{ crashes(first: 1, after: "x") { nodes { id } } }', "INVALID_INPUT", "cursor of crashes"),
        ('{ patterns(first: 1, filter: {search: "-"}) { nodes { id } } }', "INVALID_INPUT", "search"),
        ("{ network(depth: 7) { totalNodes } }", "LIMIT", "depth"),
    ],
)
async def test_an_invalid_query_gets_a_coded_error(graph: Graph, text: str, code: str, named: str) -> None:
    shown, message = await code_of(graph, text)
    assert shown == code
    assert named in message


async def test_one_missing_crash_leaves_the_others_intact(graph: Graph) -> None:
    await two_patterns(graph)
    result = await execute(graph, '{ here: crash(id: "c0") { crashId } gone: crash(id: "zz") { crashId } }')
    assert result.data == {"here": {"crashId": "c0"}, "gone": None}
    assert [error.path for error in result.errors] == [["gone"]]


@pytest.mark.parametrize(
    "example",
    [e for e in examples() if e.kind == "query" and not (e.needs_ids or "input" in e.variables)],
    ids=lambda example: example.title,
)
async def test_the_examples_of_the_query_page_run(graph: Graph, example: ExampleQuery) -> None:
    await two_patterns(graph)
    assert await ask(graph, example.query, **example.variables)


async def test_hostile_text_is_data(graph: Graph) -> None:
    hostile = "'}) DETACH DELETE (n) //<script>alert(1)</script>"
    await arrange(graph, [pattern("a", name=hostile)], [crash("c0", "a", title=hostile, received_at=START)])
    found = await ask(graph, '{ crash(id: "c0") { title pattern { name } } }')
    assert found["crash"] == {"title": hostile, "pattern": {"name": hostile}}
    text = "query($s: String) { crashes(first: 1, filter: {site: $s}) { nodes { id } } }"
    assert (await ask(graph, text, s=hostile))["crashes"]["nodes"] == []
