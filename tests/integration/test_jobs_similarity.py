"""Signatures in a real vector index in, ``RELATED_TO`` out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from small_graph import arrange, crash, pattern, related

from graph.knowledge.verdicts.decide import Verdicts
from graph.model.actor import person
from graph.model.nodes import EMBEDDING_DIMENSIONS
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now

EMBED = Statement("UNWIND $rows AS row MATCH (s:Signature {exact: row.exact}) SET s.embedding = row.embedding")
FAMILIES = {"ant": ("ant", "bee", "cat"), "dog": ("dog", "eel")}
LONERS = [f"p{number:02}" for number in range(30)]


def embeddings(seed: int = 1, spread: float = 0.4) -> dict[str, list[float]]:
    """Unit vectors: members of a family have a cosine near .86, all others are random."""
    rng = np.random.default_rng(seed)
    made = {}
    for members in (*FAMILIES.values(), *((name,) for name in LONERS)):
        centre = rng.normal(size=EMBEDDING_DIMENSIONS)
        for name in members:
            vector = centre + spread * rng.normal(size=EMBEDDING_DIMENSIONS)
            made[name] = (vector / np.linalg.norm(vector)).tolist()
    return made


@pytest.fixture
async def zoo(graph: Neo4jGraph) -> Neo4jGraph:
    vectors = embeddings()
    await arrange(
        graph, [pattern(name, 2) for name in vectors], [crash(f"c-{name}-{n}", name) for name in vectors for n in range(2)]
    )
    rows = [{"exact": f"s-{name}", "embedding": vector} for name, vector in vectors.items()]
    await graph.write(Statement(EMBED.text, {"rows": rows}))
    return graph


async def edges(graph: Neo4jGraph) -> dict[tuple[str, str], dict[str, Any]]:
    text = "MATCH (a:Pattern)-[r:RELATED_TO]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b, r"
    return {(row["a"], row["b"]): row["r"] for row in await graph.read(Statement(text))}


async def test_only_patterns_with_similar_text_are_linked(zoo: Neo4jGraph) -> None:
    run = await run_now(zoo, "similarity")
    assert run.state == "succeeded", run.error
    found = await edges(zoo)
    assert set(found) == {("ant", "bee"), ("ant", "cat"), ("bee", "cat"), ("dog", "eel")}
    edge = found["dog", "eel"]
    vectors = embeddings()
    assert edge["score"] == pytest.approx(float(np.dot(vectors["dog"], vectors["eel"])), abs=1e-4)
    assert (edge["mutual"], edge["support"], edge["signatures"]) == (True, 2, ["s-dog", "s-eel"])
    assert edge["p_value"] < 0.02
    assert {id[:5] for id in edge["sample_crash_ids"]} == {"c-dog", "c-eel"}
    counts = json.loads(run.counts or "")
    assert (counts["patterns"], counts["pairs_kept"], counts["pairs_mutual"]) == (35, 4, 4)
    assert counts["audit_pairs"] == 1000


async def test_the_nearest_are_few_and_one_sided_pairs_say_so(zoo: Neo4jGraph) -> None:
    await run_now(zoo, "similarity", {"top": 1})
    found = await edges(zoo)
    family = {pair: edge["mutual"] for pair, edge in found.items() if "dog" not in pair}
    assert sorted(family.values()) == [False, True]
    run = await run_now(zoo, "similarity", {"top": 1, "mutual": True})
    assert len(await edges(zoo)) == 2
    assert run.edges_removed == 1


async def test_pairs_of_another_job_and_distinct_pairs_are_left_out(zoo: Neo4jGraph) -> None:
    await arrange(zoo, [], [], [related("ant", "bee", 0.9)])
    verdicts = Verdicts(zoo, str)
    await verdicts.different("ant", "cat", actor=person("Ann"))
    await verdicts.different("Signature:s-dog", "Signature:s-eel", actor=person("Ann"))
    await run_now(zoo, "similarity")
    assert set(await edges(zoo)) == {("bee", "cat")}


async def test_the_floor_rises_where_all_texts_are_similar(graph: Neo4jGraph) -> None:
    rng = np.random.default_rng(2)
    centre = rng.normal(size=EMBEDDING_DIMENSIONS)
    vectors = {f"p{n:02}": centre + 0.3 * rng.normal(size=EMBEDDING_DIMENSIONS) for n in range(40)}
    await arrange(graph, [pattern(name) for name in vectors], [crash(f"c-{name}", name) for name in vectors])
    rows = [{"exact": f"s-{name}", "embedding": (v / np.linalg.norm(v)).tolist()} for name, v in vectors.items()]
    await graph.write(Statement(EMBED.text, {"rows": rows}))
    run = await run_now(graph, "similarity", {"floor": 0.5})
    counts = json.loads(run.counts or "")
    assert counts["floor"] > 0.9
    assert counts["pairs_kept"] <= 10
    run = await run_now(graph, "similarity", {"floor": 0.5, "random_pairs": 0})
    assert json.loads(run.counts or "")["pairs_kept"] >= 80, "without that all are neighbours of some"


async def test_only_so_many_patterns_are_looked_at_and_the_rest_is_counted(zoo: Neo4jGraph) -> None:
    run = await run_now(zoo, "similarity", {"max_patterns": 10})
    counts = json.loads(run.counts or "")
    assert (counts["patterns"], counts["patterns_left_out"]) == (10, 25)


async def test_an_empty_graph_is_no_failure(graph: Neo4jGraph) -> None:
    run = await run_now(graph, "similarity")
    assert (run.state, run.edges_written) == ("succeeded", 0)
