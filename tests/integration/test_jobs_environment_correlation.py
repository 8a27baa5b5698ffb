"""Crashes in a real graph in, ``CORRELATES_WITH`` out: to versions, sites and other facts of environments."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from reports import submission

from crashgraph.wiring import Container
from graph.cypher import query
from graph.model.convert import properties
from graph.model.environment import attributes_of, environment_of, version_id
from graph.model.nodes import Environment, Version
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now
from resolvers.network import network
from resolvers.records import NetworkQuery
from resolvers.relations import correlations
from schema.build import build_schema
from schema.context import Context

START = datetime(2026, 1, 1, tzinfo=UTC)
STORE = """
UNWIND $rows AS row
MERGE (pattern:Pattern {pattern_id: row.pattern}) ON CREATE SET pattern.name = row.pattern, pattern.severity = 'low',
  pattern.status = 'open', pattern.occurrence_count = 1
MERGE (signature:Signature {exact: 's-' + row.pattern})
MERGE (signature)-[:OF_PATTERN]->(pattern)
CREATE (crash:Crash {
  crash_id: row.crash_id, status: 'matched', occurred_at: row.at, received_at: row.at, site: row.site, user: row.user,
  severity: 'low', title: row.pattern, format: 'python', report: '', report_hash: ''
})
CREATE (crash)-[:HAS_SIGNATURE]->(signature)
WITH crash, row
MATCH (environment:Environment {environment_id: row.environment})
CREATE (crash)-[:OCCURRED_IN]->(environment)
"""
OSES, VERSIONS = ("Windows 10", "Windows 11", "Debian 12"), ("9.0", "9.1", "9.2")


def shop(site: str, version: str, os: str) -> Environment:
    made = environment_of("shop", version, site, {"os": os, "runtime": "VisualWorks 9.1"})
    assert made is not None
    return made


async def store(graph: Neo4jGraph, seen: Sequence[tuple[str, Environment, str | None]], minutes: int = 60) -> None:
    """Crashes in order, ``minutes`` apart."""
    environments = {one.environment_id: one for _, one, _ in seen}
    rows = [
        {
            "environment": properties(one),
            "site": [one.site] if one.site else [],
            "version": [
                properties(Version(version_id=version_id("shop", one.version), title="", product="shop", version=one.version))
            ]
            if one.version
            else [],
            "attributes": [properties(fact) for fact in attributes_of(one)],
        }
        for one in environments.values()
    ]
    await graph.write(query("ingest/environments", rows=rows))
    crashes = [
        {
            "crash_id": f"c{number:06}",
            "pattern": pattern,
            "environment": one.environment_id,
            "at": START + timedelta(minutes=minutes * number),
            "site": one.site,
            "user": user,
        }
        for number, (pattern, one, user) in enumerate(seen)
    ]
    await graph.write(Statement(STORE, {"rows": crashes}))


def noise(seed: int, sites: int = 60, crashes: int = 900) -> list[tuple[str, Environment, str | None]]:
    """Sites of one system and version each, and patterns independent of both."""
    rng = np.random.default_rng(seed)
    places = [shop(f"site {n:02}", VERSIONS[n % 3], OSES[n // 3 % 3]) for n in range(sites)]
    active = (1.0 + rng.permutation(sites)) ** -0.5
    return [
        (f"p{rng.integers(12):02}", places[at], None) for at in rng.choice(sites, crashes, p=active / active.sum()).tolist()
    ]


def planted(seen: list[Any], pattern: str, wanted: Callable[[Environment], bool], count: int) -> list[Any]:
    """That pattern at so many different sites of those wanted, twice at each."""
    places = {one.site: one for _, one, _ in seen if wanted(one)}
    return [(pattern, one, None) for one in list(places.values())[:count] for _ in range(2)]


async def edges(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, Any]]:
    text = (
        "MATCH (p:Pattern)-[r:CORRELATES_WITH]->(x) "
        "RETURN p.pattern_id AS p, labels(x)[0] + ' ' + coalesce(x.version_id, x.name + coalesce('=' + x.value, '')) AS x, r"
    )
    return {(row["p"], row["x"]): row["r"] for row in await graph.read(Statement(text))}


async def test_what_is_over_represented_is_linked_and_nothing_else(graph: Neo4jGraph) -> None:
    seen = noise(1)
    seen += planted(seen, "dib", lambda one: one.os == "Debian 12", 15)
    seen += planted(seen, "new", lambda one: one.version == "9.2", 14)
    await store(graph, seen)
    run = await run_now(graph, "environment_correlation", {"look_back_days": 0})
    assert run.state == "succeeded", run.error
    found = await edges(graph)
    assert set(found) == {("dib", "Attribute os=Debian 12"), ("new", "Version shop@9.2")}
    edge = found["dib", "Attribute os=Debian 12"]
    assert (edge["attribute"], edge["value"], edge["product"], edge["counted"]) == ("os", "Debian 12", "shop", "site")
    assert (edge["support"], edge["share"]) == (15, 1.0)
    assert edge["share_others"] < 0.3
    assert edge["lift"] > 2
    assert edge["q_value"] < 0.05
    assert edge["run_id"] == run.run_id
    text = (
        "MATCH (c:Crash)-[:OCCURRED_IN]->(e:Environment) WHERE c.crash_id IN $ids "
        "MATCH (c)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->(p) RETURN DISTINCT e.os AS os, p.pattern_id AS p"
    )
    assert await graph.read(Statement(text, {"ids": edge["sample_crash_ids"]})) == [{"os": "Debian 12", "p": "dib"}]
    [page] = (await correlations(graph, ["dib"], 5)).values()
    correlation = [item.evidence for item in page.items]
    assert [(one["attribute"], one["value"]) for one in correlation] == [("os", "Debian 12")]
    shown = {node.id: node.details for node in (await network(graph, NetworkQuery())).nodes}
    assert shown["dib"]["More often with"].startswith("os Debian 12 (100% of its own, ")
    assert "More often with" not in shown["p00"]
    counts = json.loads(run.counts or "")
    assert (counts["pairs_kept"], counts["audit_false_pairs"], counts["patterns"]) == (2, 0, 14)
    assert counts["audit_pairs"] > 50


async def test_a_burst_is_no_evidence(graph: Neo4jGraph) -> None:
    """One site with a system of its own crashes a thousand times within a day."""
    seen = noise(2)
    odd = shop("odd site", "9.2", "Solaris")
    await store(graph, [*(("burst", odd, f"user {n}") for n in range(1000)), *seen], minutes=1)
    run = await run_now(graph, "environment_correlation", {"look_back_days": 0, "min_support": 1})
    assert run.state == "succeeded", run.error
    assert [pair for pair in await edges(graph) if pair[0] == "burst"] == []


async def test_a_pattern_that_is_at_home_at_one_site_week_after_week_is_linked_to_it(graph: Neo4jGraph) -> None:
    seen = noise(3)
    home = next(one for _, one, _ in seen)
    mixed = [item for number in range(20) for item in (*seen[number * 40 : number * 40 + 40], ("homely", home, None))]
    await store(graph, mixed, minutes=240)
    await run_now(graph, "environment_correlation")
    found = await edges(graph)
    assert ("homely", f"Site {home.site}") in found
    assert found["homely", f"Site {home.site}"]["counted"] == "episode"
    assert {pattern for pattern, _ in found} == {"homely"}


async def test_users_count_where_there_are_few_sites(graph: Neo4jGraph) -> None:
    rng = np.random.default_rng(4)
    people = [(f"user {n}", shop("the site", "9.1", OSES[n % 3])) for n in range(120)]
    seen = [(f"p{rng.integers(10)}", one, user) for user, one in people for _ in range(6)]
    seen += [("dib", one, user) for user, one in people if one.os == "Windows 11"][:20]
    await store(graph, seen)
    await run_now(graph, "environment_correlation", {"look_back_days": 0})
    found = await edges(graph)
    assert set(found) == {("dib", "Attribute os=Windows 11")}
    assert (found["dib", "Attribute os=Windows 11"]["counted"], found["dib", "Attribute os=Windows 11"]["support"]) == (
        "user",
        20,
    )


async def test_noise_is_answered_with_silence_and_what_no_longer_holds_goes(graph: Neo4jGraph) -> None:
    seen = noise(5)
    await store(graph, seen + planted(seen, "dib", lambda one: one.os == "Debian 12", 15))
    await run_now(graph, "environment_correlation", {"look_back_days": 0})
    assert len(await edges(graph)) == 1
    await graph.write(Statement("MATCH (c:Crash)-[:HAS_SIGNATURE]->({exact: 's-dib'}) SET c.status = 'muted'"))
    run = await run_now(graph, "environment_correlation", {"look_back_days": 0})
    assert (await edges(graph), run.edges_removed) == ({}, 1)


async def test_reports_that_were_ingested_have_their_facts_as_nodes(container: Container) -> None:
    where = [({"os": "Windows 11"} if n % 2 else {"os": "Debian 12"}) for n in range(40)]
    await container.receiver.receive(
        [
            submission(0 if facts["os"] == "Debian 12" else 1, n, site=f"site {n}", environment=facts)
            for n, facts in enumerate(where)
        ]
    )
    run = await run_now(container.graph, "environment_correlation", {"look_back_days": 0})
    assert run.state == "succeeded", run.error
    assert {target for _, target in await edges(container.graph)} == {"Attribute os=Windows 11", "Attribute os=Debian 12"}
    text = "MATCH (e:Environment)-[:HAS_ATTRIBUTE]->(a:Attribute {name: 'os'}) RETURN a.value AS os, count(e) AS n ORDER BY os"
    assert await container.graph.read(Statement(text)) == [{"os": "Debian 12", "n": 20}, {"os": "Windows 11", "n": 20}]


async def test_graphql_returns_it_with_its_evidence(graph: Neo4jGraph, container: Container) -> None:
    seen = noise(1)
    await store(graph, seen + planted(seen, "dib", lambda one: one.os == "Debian 12", 15))
    await run_now(graph, "environment_correlation", {"look_back_days": 0})
    text = """{ pattern(id: "dib") { related(first: 5) { edges { cursor } }
      correlations(first: 9) { edges { node { id } evidence {
        type support sampleCrashes { key } ... on CorrelatesWith { attribute value counted lift share } } } } } }"""
    result = await build_schema().execute(text, {}, Context(graph, container.matcher, container.receiver))
    assert result.errors is None, result.errors
    assert result.data is not None
    assert result.data["pattern"]["related"]["edges"] == []
    [edge] = result.data["pattern"]["correlations"]["edges"]
    assert edge["node"] == {"id": "Attribute:os=Debian 12"}
    correlation = edge["evidence"]
    assert (correlation["type"], correlation["attribute"], correlation["value"], correlation["counted"]) == (
        "CORRELATES_WITH",
        "OS",
        "Debian 12",
        "SITE",
    )
    assert len(correlation["sampleCrashes"]) == 3


async def test_an_empty_graph_is_no_failure(graph: Neo4jGraph) -> None:
    run = await run_now(graph, "environment_correlation")
    assert (run.state, run.edges_written) == ("succeeded", 0)
