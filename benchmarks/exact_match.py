"""How long it takes to recognise a known crash as the number of signatures grows; flat is the aim.

Baseline in the same run: the indexed look-up of one signature by its hash, which is the least that an
answer from the graph can cost.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from statistics import median

from _bench import own_graph, percentile, report

from crashgraph.wiring import Container
from graph.fingerprint.compute import Fingerprint, FrameKey
from graph.model.statement import Statement

LOOK_UP = "MATCH (s:Signature {exact: $exact}) RETURN s.exact AS exact"
FILL = Statement(
    "UNWIND $rows AS row CREATE (s:Signature {exact: row.exact, structural: row.structural, error_type: 'ValueError', "
    "cause: row.cause, frames: row.frames, blamed: 0, text: row.text, embedding: row.embedding, fingerprint_version: 'bench', "
    "title: row.cause}) CREATE (p:Pattern {pattern_id: row.exact, name: row.cause, severity: 'medium', status: 'open'}) "
    "CREATE (s)-[:OF_PATTERN {strategy: 'new', confidence: 1.0}]->(p)",
    name="fill",
)


def made(number: int) -> Fingerprint:
    """A signature of made-up words; hashes as long as real ones."""
    exact = hashlib.sha256(f"exact {number}".encode()).hexdigest()
    frames = tuple(FrameKey(f"m{number}.f{i}", f"m{number}", f"f{i}") for i in range(3))
    structural = hashlib.sha256(f"structural {number}".encode()).hexdigest()
    cause = f"ValueError: {number}"
    return Fingerprint(exact, structural, cause, "ValueError", cause, frames, 0, f"value {number}")


async def fill(container: Container, start: int, end: int) -> None:
    """Store signatures ``start`` to ``end``, with vectors, so that all indexes are as large as they would be."""
    chance = random.Random(start)
    for low in range(start, end, 2_000):
        rows = []
        for number in range(low, min(low + 2_000, end)):
            mine = made(number)
            rows.append(
                {
                    "exact": mine.exact,
                    "structural": mine.structural,
                    "cause": mine.cause,
                    "frames": [frame.key for frame in mine.frames],
                    "text": mine.text,
                    "embedding": [chance.gauss(0, 1) for _ in range(384)],
                }
            )
        await container.graph.write(Statement(FILL.text, {"rows": rows}, "fill"))


async def timed(action: Callable[[int], Awaitable[object]], numbers: list[int]) -> list[float]:
    """Milliseconds of each."""
    times = []
    for number in numbers:
        began = time.perf_counter()
        await action(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


async def main(sizes: list[int], questions: int) -> None:
    rows = []
    async with own_graph() as container:
        signature_matcher = container.matcher.signature_matcher

        async def recognise(number: int) -> None:
            found = await signature_matcher.match([made(number)])
            assert next(iter(found.values())).strategy == "exact"

        async def look_up(number: int) -> None:
            assert await container.graph.read(Statement(LOOK_UP, {"exact": made(number).exact}))

        filled = 0
        for size in sizes:
            await fill(container, filled, size)
            filled = size
            numbers = [random.Random(size).randrange(size) for _ in range(questions)]
            await timed(recognise, numbers[:200])
            mine, base = await timed(recognise, numbers), await timed(look_up, numbers)
            rows.append(
                {
                    "signatures": size,
                    "exact match p50 ms": median(mine),
                    "p95 ms": percentile(mine, 0.95),
                    "bare look-up p50 ms": median(base),
                    "ours / bare": median(mine) / median(base),
                }
            )
    report("exact match latency", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=1_000)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.questions))
