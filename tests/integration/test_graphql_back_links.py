"""GraphQL on a real graph: fields that lead back from every node."""

from __future__ import annotations

from shop_graph import ask, execute, names
from small_graph import START, arrange, crash, pattern

from graph.model.statement import Statement
from graph.ports import Graph


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
