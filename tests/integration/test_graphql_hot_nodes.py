"""A page of what a node with very many crashes leads to reads little of it: counted in reads of the server."""

from __future__ import annotations

from typing import Any

import pytest
from small_graph import START, Counted

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from resolvers.places import LATEST
from schema.build import build_schema
from schema.context import Context

CRASHES = 60_000
SIGNATURES = 4_000
MOST = 4_000
"""Reads of the server for a page of 20, whatever the node: far below one per crash, and below those of all its signatures."""

_SIGNATURES = """
MERGE (m:Module {key: 'shop'}) MERGE (f:Frame {key: 'shop.main', function: 'main'}) MERGE (f)-[:IN_MODULE]->(m)
WITH f UNWIND $rows AS i
MERGE (p:Pattern {pattern_id: $hashes[i / 4]})
ON CREATE SET p.name = 'Error ' + i, p.severity = 'high', p.status = 'open', p.confidence = 0.5, p.occurrence_count = 60,
  p.created_at = $start
CREATE (s:Signature {exact: $hashes[i], structural: 'x', fingerprint_version: '1', title: 'x', cause: 'x', text: 'x'})
CREATE (s)-[:OF_PATTERN {strategy: 'new', confidence: 1.0}]->(p) CREATE (s)-[:HAS_FRAME {position: 0}]->(f)
"""
_PLACES = """
CREATE (site:Site {name: 'Big'}) CREATE (v:Version {version_id: 'Shop@1', title: 'x', product: 'Shop', version: '1'})
CREATE (a:Attribute {key: 'os=Linux', name: 'os', value: 'Linux'})
WITH * UNWIND range(0, 3999) AS i
CREATE (e:Environment {environment_id: $hashes[i], title: 'x', product: 'Shop', site: 'Big', version: '1'})
CREATE (e)-[:AT_SITE]->(site) CREATE (e)-[:RUNS_VERSION]->(v) CREATE (e)-[:HAS_ATTRIBUTE]->(a)
"""
_CRASHES = """
MATCH (hot:Environment {environment_id: $hashes[0]}) MATCH (common:Signature {exact: $hashes[0]})
UNWIND $rows AS i
CREATE (c:Crash {crash_id: 'c' + i, title: 'x', status: 'matched', severity: 'high', format: 'x', report: 'x', report_hash: 'x',
  site: 'Big', product: 'Shop', version: '1', received_at: $start + duration({seconds: i}),
  occurred_at: $start + duration({seconds: i}), frame_count: 1})
CREATE (c)-[:OCCURRED_IN]->(hot)
FOREACH (s IN CASE WHEN i % 2 = 0 THEN [common] ELSE [] END | CREATE (c)-[:HAS_SIGNATURE]->(s))
WITH c, i WHERE i % 2 = 1
MATCH (s:Signature {exact: $hashes[i % 4000]})
CREATE (c)-[:HAS_SIGNATURE]->(s)
"""
HASHES = [f"{(number * 2654435761) % 2**32:08x}" for number in range(SIGNATURES)]
"""Spread evenly, as hashes are."""


@pytest.fixture
async def busy(graph: Neo4jGraph) -> Neo4jGraph:
    given = {"hashes": HASHES, "start": START}
    await graph.write(Statement(_SIGNATURES, {**given, "rows": list(range(SIGNATURES))}, "signatures"))
    await graph.write(Statement(_PLACES, given, "places"))
    for first in range(0, CRASHES, 10_000):
        await graph.write(Statement(_CRASHES, {**given, "rows": list(range(first, first + 10_000))}, "crashes"))
    count = Statement("MATCH (p:Pattern {pattern_id: $id}) SET p.occurrence_count = $n", {"id": HASHES[0], "n": CRASHES // 2})
    await graph.write(count)
    await graph.read(Statement("CALL db.prepareForReplanning(60)", name="sample the indexes"))
    return graph


class Profiled(Counted):
    """A graph that counts the reads of the server per statement."""

    def __init__(self, graph: Neo4jGraph) -> None:
        super().__init__(graph)
        self._store = graph
        self.reads: dict[str, int] = {}

    async def read(self, statement: Statement) -> Any:
        async with self._store._session() as session:
            result = await session.run("PROFILE " + statement.text, dict(statement.params))
            await result.fetch(10_000)
            profile = (await result.consume()).profile
        self.reads[statement.name] = self.reads.get(statement.name, 0) + hits(profile)
        return await super().read(statement)


def hits(plan: Any) -> int:
    return int(plan.get("dbHits", 0)) + sum(hits(child) for child in plan.get("children", ()))


PAGE = "nodes { key } pageInfo { hasNextPage endCursor }"
ASKED = {
    "site.crashes": ('site(id: "Big")', f"crashes(first: 20, after: $a) {{ {PAGE} }}"),
    "site.environments": ('site(id: "Big")', f"environments(first: 20, after: $a) {{ {PAGE} }}"),
    "version.crashes": ('version(id: "Shop@1")', f"crashes(first: 20, after: $a) {{ {PAGE} }}"),
    "version.environments": ('version(id: "Shop@1")', f"environments(first: 20, after: $a) {{ {PAGE} }}"),
    "attribute.environments": ('attribute(id: "os=Linux")', f"environments(first: 20, after: $a) {{ {PAGE} }}"),
    "environment.crashes": (f'environment(id: "{HASHES[0]}")', f"crashes(first: 20, after: $a) {{ {PAGE} }}"),
    "environment.crashes by occurrence": (
        f'environment(id: "{HASHES[0]}")',
        f"crashes(first: 20, after: $a, order: OCCURRED) {{ {PAGE} }}",
    ),
    "frame.signatures": ('frame(id: "shop.main")', f"signatures(first: 20, after: $a) {{ {PAGE} }}"),
    "frame.patterns": ('frame(id: "shop.main")', f"patterns(first: 20, after: $a) {{ {PAGE} }}"),
    "module.signatures": ('module(id: "shop")', f"signatures(first: 20, after: $a) {{ {PAGE} }}"),
    "module.patterns": ('module(id: "shop")', f"patterns(first: 20, after: $a) {{ {PAGE} }}"),
}
OF_LATEST = {
    "site": ('site(id: "Big")', f"patterns(first: 20) {{ {PAGE} }}"),
    "version": ('version(id: "Shop@1")', f"patterns(first: 20) {{ {PAGE} }}"),
    "environment": (f'environment(id: "{HASHES[0]}")', f"patterns(first: 20) {{ {PAGE} }}"),
}


async def page(graph: Any, root: str, field: str, after: str | None = None) -> Any:
    context = Context(graph=graph, matcher=None, receiver=None)  # type: ignore[arg-type]  # nothing is handed in
    given = ("query($a: String) ", {"a": after}) if "$a" in field else ("", {})
    result = await build_schema().execute(f"{given[0]}{{ {root} {{ {field} }} }}", given[1], context)
    assert not result.errors, result.errors
    [node] = (result.data or {}).values()
    [found] = node.values()
    return found


@pytest.mark.timeout(300)
async def test_pages_of_hot_nodes_read_little_and_the_third_as_much_as_the_first(busy: Neo4jGraph) -> None:
    costs: dict[str, list[int]] = {}
    for name, (root, field) in ASKED.items():
        after, seen = None, []
        for _ in range(3):
            counted = Profiled(busy)
            found = await page(counted, root, field, after)
            assert (len(found["nodes"]), found["pageInfo"]["hasNextPage"]) == (20, True), name
            seen += [node["key"] for node in found["nodes"]]
            after = found["pageInfo"]["endCursor"]
            costs.setdefault(name, []).append(sum(counted.reads.values()))
        assert len(set(seen)) == 60, f"{name} repeats itself"
    print(costs)  # noqa: T201  # the figures, if it fails
    assert {name: cost for name, cost in costs.items() if max(cost) > MOST} == {}
    assert {name: cost for name, cost in costs.items() if cost[2] > 1.2 * cost[0] + 100} == {}


@pytest.mark.timeout(300)
async def test_the_patterns_of_a_hot_place_are_those_of_its_latest_crashes(busy: Neo4jGraph) -> None:
    for name, (root, field) in OF_LATEST.items():
        counted = Profiled(busy)
        found = await page(counted, root, field)
        print(name, counted.reads)  # noqa: T201  # as above
        assert found["nodes"][0]["key"] == HASHES[0]
        assert sum(counted.reads.values()) < 25 * LATEST, name


@pytest.mark.timeout(300)
async def test_crashes_of_a_hot_node_are_found_behind_newer_ones_of_others(busy: Neo4jGraph) -> None:
    """More newer crashes than are looked at are in no environment: the page is the same, and costs more."""
    text = """UNWIND range(1, 21000) AS i
    CREATE (c:Crash {crash_id: 'n' + i, title: 'x', status: 'unparsed', severity: 'high', format: 'x', report: 'x',
      report_hash: 'x', received_at: $late, frame_count: 1})"""
    await busy.write(Statement(text, {"late": START.replace(year=2027)}, "newer"))
    root, field = ASKED["environment.crashes"]
    found = await page(busy, root, field)
    assert [node["key"] for node in found["nodes"]] == [f"c{CRASHES - number}" for number in range(1, 21)]
