"""Whether ``similar_fix`` finds fixes that mean the same, and what it costs as there are more of them.

Made-up fixes of eight to sixteen words, which are as unevenly frequent as in real text (Zipf). Each has three variants: other
order, up to a third of its words replaced. Every telling resolved two patterns. Beside the job: patterns of one and the same
solution alone, and all pairs of solutions that share half of their words (Jaccard).

    PYTHONPATH=. python benchmarks/similar_fix.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from itertools import chain, combinations, product

import numpy as np
from _bench import own_graph, report
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graph.model.statement import Statement
from graph.store import Neo4jGraph
from jobs.runner import run_now

SIZES = (300, 3_000, 30_000)
TELLINGS, USES, VOCABULARY, BATCH = 3, 2, 5_000, 1_000
SHARED_WORDS = 0.5
FILL = (
    "UNWIND $rows AS row CREATE (s:Solution {solution_id: row.id, description: row.text, success_count: 2, failure_count: 0, "
    "confidence: 0.7}) WITH s, row UNWIND row.patterns AS id CREATE (s)-[:RESOLVES {worked: 1, failed: 0}]->"
    "(p:Pattern {pattern_id: id, name: id, status: 'open', severity: 'low'})<-[:OF_PATTERN]-(g:Signature {exact: id})"
    "<-[:HAS_SIGNATURE]-(:Crash {crash_id: id})"
)
FOUND = "MATCH (a:Pattern)-[r:SIMILAR_FIX]->(b:Pattern) RETURN a.pattern_id AS a, b.pattern_id AS b"
Pair = tuple[str, str]


def letters(number: int) -> str:
    """A word without digits."""
    return "w" + "".join(chr(97 + int(digit)) for digit in str(number))


COMMON = 1 / np.arange(1, VOCABULARY + 1)
"""How often each word is used, in proportion: Zipf's law."""


def made(solutions: int, seed: int) -> list[list[int]]:
    """The words of each solution; ``TELLINGS`` in a row mean the same."""
    chance = np.random.default_rng(seed)
    told: list[list[int]] = []
    while len(told) < solutions:
        meant = drawn(chance, int(chance.integers(8, 17)))
        for _ in range(TELLINGS):
            words = chance.permutation(meant)
            changed = int(chance.integers(0, len(words) // 3 + 1))
            words[:changed] = drawn(chance, changed)
            told.append(chance.permutation(words).tolist())
    return told[:solutions]


def drawn(chance: np.random.Generator, many: int) -> NDArray[np.int64]:
    """So many different words."""
    return chance.choice(VOCABULARY, many, replace=False, p=COMMON / COMMON.sum())


def patterns_of(solution: int) -> list[str]:
    """The patterns that it resolved."""
    return [f"p{solution * USES + at:06}" for at in range(USES)]


async def fill(graph: Neo4jGraph, told: list[list[int]]) -> None:
    """A graph of these solutions and their patterns alone."""
    await graph.run_implicit(Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"))
    rows = [
        {"id": f"s{at:06}", "text": " ".join(map(letters, words)), "patterns": patterns_of(at)} for at, words in enumerate(told)
    ]
    for at in range(0, len(rows), BATCH):
        await graph.write(Statement(FILL, {"rows": rows[at : at + BATCH]}))


def shared_words(told: list[list[int]]) -> set[tuple[int, int]]:
    """All pairs of solutions that share so many of their words."""
    sets = [sorted(set(words)) for words in told]
    size = np.array([len(words) for words in sets])
    ends = np.cumsum([0, *size])
    words = np.fromiter(chain.from_iterable(sets), np.int64, ends[-1])
    has = csr_array((np.ones(len(words), np.int32), words, ends), shape=(len(sets), VOCABULARY))
    pairs = set()
    for at in range(0, len(sets), BATCH):
        both = (has[at : at + BATCH] @ has.T).tocoo()
        first, second = both.row + at, both.col
        near = (first < second) & (both.data >= SHARED_WORDS * (size[first] + size[second] - both.data))
        pairs |= set(zip(first[near].tolist(), second[near].tolist(), strict=True))
    return pairs


def of_patterns(solutions: set[tuple[int, int]], alone: set[Pair]) -> set[Pair]:
    """Pairs of patterns from pairs of solutions, and those of one solution."""
    return alone | {pair for one, other in solutions for pair in product(patterns_of(one), patterns_of(other))}


async def measured(graph: Neo4jGraph, solutions: int, seed: int) -> list[dict[str, object]]:
    """One size."""
    told = made(solutions, seed)
    await fill(graph, told)
    alike = {pair for at in range(0, solutions, TELLINGS) for pair in combinations(range(at, min(at + TELLINGS, solutions)), 2)}
    alone: set[Pair] = {(ids[0], ids[1]) for ids in map(patterns_of, range(solutions))}
    planted = of_patterns(alike, alone)
    began = time.perf_counter()
    run = await run_now(graph, "similar_fix")
    seconds = time.perf_counter() - began
    found = {(row["a"], row["b"]) for row in await graph.read(Statement(FOUND))}
    began = time.perf_counter()
    by_words = of_patterns(shared_words(told), alone)
    by_all = time.perf_counter() - began
    counts = json.loads(run.counts or "{}")
    rows = [
        ("ours", found, seconds, counts["audit_false_pairs"]),
        ("the same solution", alone, 0.0, "-"),
        ("half of the words", by_words, by_all, "-"),
    ]
    return [
        {
            "solutions": solutions,
            "method": method,
            "pairs": len(pairs),
            "of those planted": len(pairs & planted) / len(pairs),
            "planted found": len(pairs & planted) / len(planted),
            "false in its audit": false,
            "seconds": took,
        }
        for method, pairs, took, false in rows
    ]


async def main(sizes: list[int], seed: int) -> None:
    async with own_graph() as parts:
        report("similar fixes", [row for size in sizes for row in await measured(parts.graph, size, seed)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.seed))
