"""Whether ``similarity`` finds the patterns that read alike, and what it costs as the graph grows.

Every pattern has one signature with a made-up embedding: families of three near a middle of their own, and a part that all
texts share, as real texts do. With a large part in common ("alike") unrelated patterns are nearer than the floor that fits the
others. Beside the job: the five nearest of each by the same index, whatever their cosine; and all pairs at the job's floor in
numpy, as the truth about pairs the index misses; its time is quadratic.

    PYTHONPATH=. python benchmarks/similarity.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from itertools import combinations

import numpy as np
from _bench import own_graph, report
from numpy.typing import NDArray

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.correlate.similarity import OTHERS
from jobs.runner import run_now

SIZES = (1_000, 5_000, 20_000)
SHARES = {"as texts are": 0.45, "alike": 0.9}
FAMILY, WIDTH, BATCH, NEAREST = 3, 384, 1_000, 5
ROWS = 500
FILL = (
    "UNWIND $rows AS row CREATE (p:Pattern {pattern_id: row.id, name: row.id, status: 'open', severity: 'low', "
    "last_seen: datetime('2026-01-01T00:00:00Z')})<-[:OF_PATTERN]-(s:Signature {exact: row.id, embedding: row.embedding})"
    "<-[:HAS_SIGNATURE]-(:Crash {crash_id: row.id})"
)
FOUND = "MATCH (a:Pattern)-[r:RELATED_TO]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b"
NEIGHBOURS = (
    "CYPHER 25 UNWIND $ids AS id MATCH (s:Signature {exact: id}) CALL (s) { MATCH (t:Signature) SEARCH t IN "
    "(VECTOR INDEX signature_embedding_vector FOR s.embedding LIMIT $limit) RETURN t } "
    "WITH s, t WHERE t <> s RETURN s.exact AS a, t.exact AS b"
)


def made(patterns: int, common: float, seed: int) -> NDArray[np.float32]:
    """Unit vectors of shape ``(patterns, WIDTH)``: a share that all have, one of the family, and one of its own."""
    chance = np.random.default_rng(seed)
    of_all = chance.standard_normal(WIDTH)
    family = np.repeat(chance.standard_normal((-(-patterns // FAMILY), WIDTH)), FAMILY, axis=0)[:patterns]
    own = chance.standard_normal((patterns, WIDTH)) * chance.uniform(0.2, 0.6, (patterns, 1))
    told = common * of_all + (1 - common) * (family + own)
    return (told / np.linalg.norm(told, axis=1, keepdims=True)).astype(np.float32)


async def fill(graph: Neo4jGraph, vectors: NDArray[np.float32]) -> list[str]:
    """A graph of these patterns alone; their ids."""
    await graph.run_implicit(Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"))
    ids = [f"p{at:06}" for at in range(len(vectors))]
    for at in range(0, len(ids), BATCH):
        pairs = zip(ids[at : at + BATCH], vectors[at : at + BATCH], strict=True)
        await graph.write(Statement(FILL, {"rows": [{"id": id, "embedding": vector.tolist()} for id, vector in pairs]}))
    await graph.read(Statement("CALL db.awaitIndexes(600)"))
    return ids


def all_pairs(vectors: NDArray[np.float32], floor: float) -> int:
    """Pairs at or above the floor, counted over all of them."""
    found = 0
    for at in range(0, len(vectors), ROWS):
        near = vectors[at : at + ROWS] @ vectors[at:].T >= floor
        found += int(np.triu(near, 1).sum())
    return found


async def nearest(graph: Neo4jGraph, ids: list[str]) -> set[tuple[str, str]]:
    """The nearest of each, whatever their cosine."""
    found = set()
    for at in range(0, len(ids), BATCH):
        asked = Statement(NEIGHBOURS, {"ids": ids[at : at + BATCH], "limit": NEAREST + 1})
        found |= {(min(row["a"], row["b"]), max(row["a"], row["b"])) for row in await graph.read(asked)}
    return found


async def measured(graph: Neo4jGraph, patterns: int, texts: str, seed: int) -> dict[str, object]:
    """One size."""
    vectors = made(patterns, SHARES[texts], seed)
    ids = await fill(graph, vectors)
    planted = {pair for at in range(0, patterns, FAMILY) for pair in combinations(ids[at : at + FAMILY], 2)}
    began = time.perf_counter()
    run = await run_now(graph, "similarity", {"max_patterns": patterns})
    seconds = time.perf_counter() - began
    counts = json.loads(run.counts or "{}")
    found = {(row["a"], row["b"]) for row in await graph.read(Statement(FOUND))}
    whatever = await nearest(graph, ids)
    began = time.perf_counter()
    there = all_pairs(vectors, counts["floor"])
    by_all = time.perf_counter() - began
    return {
        "patterns": patterns,
        "texts": texts,
        "floor": counts["floor"],
        "pairs": len(found),
        "of those planted": len(found & planted) / max(1, len(found)),
        "planted found": len(found & planted) / len(planted),
        "of all at the floor": len(found) / max(1, there),
        "nearest five: pairs": len(whatever),
        "their planted": len(whatever & planted) / len(whatever),
        "false in its audit": counts["audit_false_pairs"],
        "job s": seconds,
        "all pairs s": by_all,
    }


async def main(sizes: list[int], seed: int) -> None:
    assert "RELATED_TO" not in OTHERS
    async with own_graph() as parts:
        report("similarity", [await measured(parts.graph, size, texts, seed) for texts in SHARES for size in sizes])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.seed))
