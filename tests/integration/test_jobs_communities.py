"""Families with names and stable ids from relationships of other jobs; influence from causes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from small_graph import START, arrange, crash, pattern

from crashgraph.settings import Settings
from crashgraph.wiring import build_ports
from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import person
from graph.model.nodes import EMBEDDING_DIMENSIONS, JobRun
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph
from jobs.runner import run_now
from schema.build import build_schema
from schema.context import Context

ANTS, BEES = ("ant", "army", "aphid", "acarid"), ("bee", "bumble", "bot", "beetle")
TIE = """
UNWIND $rows AS row
MATCH (a:Pattern {pattern_id: row.a}) MATCH (b:Pattern {pattern_id: row.b})
CREATE (a)-[r:$(row.type)]->(b) SET r = row.r
"""
CAUSES = [("root", "mid", 0.9), ("other", "mid", 0.4), ("mid", "leaf", 0.8), ("mid", "twig", 0.5), ("leaf", "end", 0.3)]


def tie(a: str, b: str, type_: str = "RELATED_TO", score: float = 0.9, **also: Any) -> dict[str, Any]:
    evidence = {"score": score, "support": 3, "algorithm": "t", "algorithm_version": "1", "run_id": "r", "computed_at": START}
    return {"a": a, "b": b, "type": type_, "r": {**evidence, "sample_crash_ids": ["c"], **also}}


def cause(a: str, b: str, ratio: float, state: str = "supported") -> dict[str, Any]:
    return tie(a, b, "CAUSES", branching_ratio=ratio, state=state)


def clique(members: tuple[str, ...], type_: str = "RELATED_TO") -> list[dict[str, Any]]:
    return [tie(min(a, b), max(a, b), type_) for at, a in enumerate(members) for b in members[at + 1 :]]


async def store(graph: Neo4jGraph, *rows: dict[str, Any]) -> None:
    await graph.write(Statement(f"CYPHER 25 {TIE}", {"rows": list(rows)}))


@pytest.fixture
async def insects(graph: Neo4jGraph) -> Neo4jGraph:
    kinds = [(name, "KeyError") for name in ANTS] + [(name, "TimeoutError") for name in BEES]
    declared = [pattern(name, 1, error_type=kind) for name, kind in [*kinds, ("cicada", "OSError")]]
    await arrange(graph, declared, [crash(f"c-{one['pattern_id']}", one["pattern_id"]) for one in declared])
    await graph.write(Statement("MATCH (s:Signature) SET s.embedding = null"))
    await store(graph, *clique(ANTS), *clique(BEES, "CO_OCCURS_WITH"), tie("ant", "bee", "SIMILAR_FIX", 0.2))
    return graph


Ran = Callable[..., Awaitable[tuple[JobRun, dict[str, Any]]]]


@pytest.fixture
def ran(graph: Neo4jGraph, endpoint: Endpoint) -> Ran:
    """Runs a job with Graph Data Science available; returns the run and its counts."""
    ports = build_ports(Settings(), endpoint)

    async def run(job: str, **params: Any) -> tuple[JobRun, dict[str, Any]]:
        done = await run_now(graph, job, params, ports=ports)
        assert done.state == "succeeded", done.error
        return done, json.loads(done.counts or "{}")

    return run


async def families(graph: Neo4jGraph) -> dict[str, tuple[str, ...]]:
    members = "MATCH (p:Pattern)-[:MEMBER_OF]->(c:Community) WITH c, p ORDER BY p.pattern_id"
    text = f"{members} RETURN c.community_id AS id, collect(p.pattern_id) AS who"
    return {row["id"]: tuple(row["who"]) for row in await graph.read(Statement(text))}


async def communities(graph: Neo4jGraph) -> list[dict[str, Any]]:
    return [row["c"] for row in await graph.read(Statement("MATCH (c:Community) RETURN c ORDER BY c.name"))]


@pytest.mark.parametrize("gds_from", [0, -1], ids=["gds", "here"])
async def test_two_families_are_separated_and_named(insects: Neo4jGraph, gds_from: int, ran: Ran) -> None:
    run, counts = await ran("communities", gds_from=gds_from)
    assert sorted(map(sorted, (await families(insects)).values())) == [sorted(ANTS), sorted(BEES)]
    first, second = await communities(insects)
    assert [first["name"], second["name"]] == ["KeyError in shop", "TimeoutError in shop"]
    assert (first["method"], first["size"], first["run_id"]) == ("ties", 4, run.run_id)
    assert 0.9 < first["cohesion"] < 1
    assert counts["by_gds"] == (gds_from == 0)
    assert (counts["patterns"], counts["tied"], counts["ties"], counts["in_families"]) == (9, 8, 13, 8)
    network: nx.Graph[str] = nx.Graph()
    for row in [*clique(ANTS), *clique(BEES)]:
        network.add_edge(row["a"], row["b"], weight=0.45)
    network.add_edge("ant", "bee", weight=0.15)
    assert counts["modularity"] == pytest.approx(nx.community.modularity(network, [set(ANTS), set(BEES)]))


async def test_nothing_of_gds_stays_behind(insects: Neo4jGraph, ran: Ran) -> None:
    await ran("communities", gds_from=0)
    assert await insects.read(Statement("CALL gds.graph.list() YIELD graphName RETURN graphName")) == []


async def test_a_family_keeps_its_id_as_it_grows_and_one_that_ends_is_gone(insects: Neo4jGraph, ran: Ran) -> None:
    await ran("communities")
    before = {who: id for id, who in (await families(insects)).items()}
    founded = {one["community_id"]: one["founded_at"] for one in await communities(insects)}
    await store(insects, *(tie(name, "cicada") for name in ANTS))
    await insects.write(Statement("MATCH (:Pattern)-[r:CO_OCCURS_WITH]->() DELETE r"))
    _, counts = await ran("communities")
    after = await families(insects)
    kept = before[tuple(sorted(ANTS))]
    assert set(after[kept]) >= {*ANTS, "cicada"}
    assert set(after) == {kept}
    [one] = await communities(insects)
    assert one["founded_at"] == founded[kept] < one["computed_at"]
    assert (counts["families_that_go_on"], counts["families_that_ended"]) == (1, 1)


@pytest.mark.parametrize("gds_from", [0, -1], ids=["gds", "here"])
async def test_again_gives_the_same(insects: Neo4jGraph, gds_from: int, ran: Ran) -> None:
    await ran("communities", gds_from=gds_from)
    first = await families(insects)
    await ran("communities", gds_from=gds_from)
    assert await families(insects) == first


@pytest.mark.parametrize("gds_from", [0, -1], ids=["gds", "here"])
async def test_what_was_merged_called_different_or_refuted_ties_nothing(insects: Neo4jGraph, gds_from: int, ran: Ran) -> None:
    verdicts = Verdicts(insects, str)
    await verdicts.merge(["ant", "army"], actor=person("mia"))
    await store(insects, cause("cicada", "bee", 1.0, "refuted"))
    for a, b in (("bee", "bumble"), ("bee", "bot")):
        await verdicts.different(a, b, actor=person("mia"))
    await verdicts.different("s-bee", "s-beetle", actor=person("mia"))
    _, counts = await ran("communities", gds_from=gds_from)
    found = set((await families(insects)).values())
    [gone] = {"ant", "army"} & {
        row["id"] for row in await insects.read(Statement("MATCH (p:Pattern {status: 'merged'}) RETURN p.pattern_id AS id"))
    }
    assert not any(gone in who or "cicada" in who for who in found)
    assert any(set(who) == set(BEES) - {"bee"} for who in found)
    assert counts["ties"] in (6, 7)


async def test_patterns_without_relationships_are_parted_by_their_texts(insects: Neo4jGraph, ran: Ran) -> None:
    rng = np.random.default_rng(3)
    rows, names = [], []
    for kind in "xyz":
        centre = rng.normal(size=EMBEDDING_DIMENSIONS)
        for number in range(6):
            vector = centre + 0.3 * rng.normal(size=EMBEDDING_DIMENSIONS)
            names.append(f"{kind}{number}")
            rows.append({"exact": f"s-{kind}{number}", "embedding": (vector / np.linalg.norm(vector)).tolist()})
    await arrange(insects, [pattern(name, 1, error_type="OSError") for name in names])
    set_them = "UNWIND $rows AS row MATCH (s:Signature {exact: row.exact}) SET s.embedding = row.embedding"
    await insects.write(Statement(set_them, {"rows": rows}))
    _, counts = await ran("communities")
    found = set((await families(insects)).values())
    assert {tuple(f"{kind}{number}" for number in range(6)) for kind in "xyz"} <= found
    assert (counts["families_by_texts"], counts["without_text"], counts["left_out"]) == (3, 1, 0)
    titles = [one["name"] for one in await communities(insects)]
    assert len(set(titles)) == len(titles) == 5


async def test_an_empty_graph_has_no_families_and_no_influence(graph: Neo4jGraph, ran: Ran) -> None:
    for job in ("communities", "influence"):
        for gds_from in (0, -1):
            await ran(job, gds_from=gds_from)
    assert await communities(graph) == []


async def weighed(graph: Neo4jGraph) -> dict[str, tuple[float, float]]:
    text = "MATCH (p:Pattern) WHERE p.influence IS NOT NULL RETURN p.pattern_id AS id, p.influence AS i, p.brokerage AS b"
    return {row["id"]: (row["i"], row["b"]) for row in await graph.read(Statement(text))}


@pytest.fixture
async def chains(graph: Neo4jGraph) -> Neo4jGraph:
    await arrange(graph, [pattern(name) for name in ("root", "other", "mid", "leaf", "twig", "end", "alone")])
    await store(graph, *(cause(*one) for one in CAUSES), cause("end", "root", 2.0, "refuted"))
    return graph


@pytest.mark.parametrize("gds_from", [0, -1], ids=["gds", "here"])
async def test_influence_and_brokerage_are_those_of_networkx(chains: Neo4jGraph, gds_from: int, ran: Ran) -> None:
    _, counts = await ran("influence", gds_from=gds_from)
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_weighted_edges_from(CAUSES)
    rank = nx.pagerank(network.reverse(), alpha=0.85, weight="weight", tol=1e-12, max_iter=1000)
    between = nx.betweenness_centrality(network)
    found = await weighed(chains)
    assert {name: weights[0] for name, weights in found.items()} == pytest.approx(rank, abs=1e-5)
    assert {name: weights[1] for name, weights in found.items()} == pytest.approx(between, abs=1e-9)
    assert max(found, key=lambda name: found[name][0]) in {"root", "mid"}
    assert (counts["by_gds"], counts["patterns"], counts["causes"], counts["brokers"]) == (gds_from == 0, 6, 5, 2)


async def test_a_denied_cause_has_no_influence_any_more(chains: Neo4jGraph, ran: Ran) -> None:
    await ran("influence")
    assert "root" in await weighed(chains)
    await Verdicts(chains, str).not_caused_by("mid", "root", actor=person("mia"))
    await ran("influence")
    assert "root" not in await weighed(chains)


ASKED = """
{
  communities(first: 1) {
    nodes { name size errorTypes patterns(first: 2) { edges { strength node { patternId } } pageInfo { hasNextPage } } }
    pageInfo { hasNextPage endCursor }
  }
  pattern(id: "bee") { community { strength community { name } } influence brokerage }
  alone: pattern(id: "cicada") { community { strength } }
  influentialPatterns(first: 2) { nodes { patternId influence } }
  brokers: influentialPatterns(first: 1, order: BROKERAGE) { nodes { patternId } pageInfo { hasNextPage } }
}
"""


async def test_families_and_influence_are_asked_for_in_graphql(insects: Neo4jGraph, ran: Ran) -> None:
    await store(insects, cause("cicada", "bee", 0.5), cause("bee", "bot", 0.5))
    await insects.write(Statement("MATCH (:Pattern {pattern_id: 'cicada'})-[r:CAUSES]->() SET r.score = 0.0"))
    await ran("communities")
    await ran("influence")
    context = Context(graph=insects, matcher=None, receiver=None)  # type: ignore[arg-type]  # these queries hand nothing in
    answer = await build_schema().execute(ASKED, None, context)
    assert answer.errors is None
    assert answer.data
    [family] = answer.data["communities"]["nodes"]
    [kind] = family["errorTypes"]
    assert (family["name"], family["size"]) == (f"{kind} in shop", 4)
    assert [edge["strength"] for edge in family["patterns"]["edges"]] == [1.0, 1.0]
    assert {edge["node"]["patternId"] for edge in family["patterns"]["edges"]} < set(ANTS if kind == "KeyError" else BEES)
    assert family["patterns"]["pageInfo"]["hasNextPage"]
    assert answer.data["communities"]["pageInfo"]["hasNextPage"]
    assert answer.data["pattern"]["community"]["community"]["name"] == "TimeoutError in shop"
    assert answer.data["pattern"]["brokerage"] == pytest.approx(0.5)
    assert answer.data["alone"]["community"] is None
    assert [one["patternId"] for one in answer.data["influentialPatterns"]["nodes"]] == ["cicada", "bee"]
    assert answer.data["brokers"] == {"nodes": [{"patternId": "bee"}], "pageInfo": {"hasNextPage": False}}
