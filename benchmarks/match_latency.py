"""Latency of matching a report with an unknown hash, as the number of known signatures grows.

Reports are made of stacks through made-up packages: patterns have several signatures each, and names and words repeat as
unevenly as in real code (Zipf). The signatures of a pattern differ as much as those of one bug do in the labelled sets: in a
frame near the top, in some messages, and a little in the embedding. Timed is the whole of matching after the encoding: the
embedder answers from memory. The baseline in the same run is one bare query to the full-text index with the same words.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
from _bench import own_graph, percentile, report
from numpy.typing import NDArray

from crashgraph.wiring import Container
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.matching.retrieval import sample_rarity, word_query
from graph.matching.signature_matcher import SignatureMatcher
from graph.model.report import ParsedReport, StackFrame
from graph.model.statement import Statement

WIDTH = 384
VOCABULARY, PACKAGES, SHARED = 4_000, 3_000, 400
SIGNATURES_EACH = 4
TYPES = 60
SAME_MESSAGE = 0.65
"""Share of reports with the message of their pattern; in the labelled sets it is two thirds."""
COSINE_OF_PATTERN, COSINE_OF_ALL = 0.92, 0.4
"""Usual cosine of the embeddings of two reports of a pattern, and of any two; measured on the labelled sets."""
WORDS_ONLY = (
    "CALL db.index.fulltext.queryNodes('signature_fulltext', $words) YIELD node, score RETURN node.exact AS exact LIMIT 20"
)
FILL = (
    "UNWIND $rows AS row MERGE (p:Pattern {pattern_id: row.pattern}) ON CREATE SET p.name = row.title, p.severity = 'medium', "
    "p.status = 'open' CREATE (s:Signature {exact: row.exact, structural: row.structural, error_type: row.error_type, "
    "cause: row.cause, frames: row.frames, blamed: row.blamed, text: row.text, embedding: row.embedding, "
    "fingerprint_version: 'bench', title: row.title}) CREATE (s)-[:OF_PATTERN {strategy: 'new', confidence: 1.0}]->(p)"
)


def zipf(chance: np.random.Generator, many: int, size: int) -> NDArray[np.int64]:
    """Numbers below ``many``, the small ones far more often."""
    return np.minimum(chance.zipf(1.3, size) - 1, many - 1)


def made(number: int) -> tuple[Fingerprint, NDArray[np.float32], str]:
    """A report's fingerprint, its embedding and its pattern. ``SIGNATURES_EACH`` numbers in a row share the pattern."""
    pattern = number // SIGNATURES_EACH
    ours, mine = np.random.default_rng(pattern), np.random.default_rng((pattern, number))
    where = zipf(ours, PACKAGES, 1)[0]
    frames = [
        StackFrame(f"do{letters(verb)}", f"org.pkg{letters(where)}.Part{letters(part)}")
        for part, verb in ours.integers(0, 60, (6, 2))
    ]
    frames += [StackFrame(f"run{letters(shared % 7)}", f"org.base{letters(shared)}.Runner") for shared in zipf(ours, SHARED, 8)]
    frames.insert(int(mine.integers(0, 3)), StackFrame("go", f"org.pkg{letters(where)}.Way{letters(mine.integers(0, 500))}"))
    words = [*zipf(ours, VOCABULARY, 6), *zipf(mine, VOCABULARY, 0 if mine.random() < SAME_MESSAGE else 3)]
    parsed = ParsedReport(
        format="java",
        error_type=f"org.base.Failure{letters(zipf(ours, TYPES, 1)[0])}",
        message=" ".join(f"word{letters(word)}" for word in words),
        frames=tuple(frames),
    )
    return fingerprint(parsed), embedding(ours, mine), f"p{pattern}"


def embedding(ours: np.random.Generator, mine: np.random.Generator) -> NDArray[np.float32]:
    """A unit vector with a direction that all share, one of the pattern and one of its own."""
    shares = np.sqrt([COSINE_OF_ALL, COSINE_OF_PATTERN - COSINE_OF_ALL, 1 - COSINE_OF_PATTERN])
    vector = shares @ np.stack([chance.standard_normal(WIDTH) for chance in (np.random.default_rng(0), ours, mine)])
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def letters(number: int | np.int64) -> str:
    """A number without digits, which are not compared."""
    return "".join(chr(97 + int(digit)) for digit in str(number))


class Remembered:
    """An embedder that answers from memory."""

    def __init__(self) -> None:
        """Empty."""
        self.vectors: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors kept for these texts."""
        return np.stack([self.vectors[text] for text in texts])


async def fill(container: Container, numbers: Sequence[int]) -> None:
    """Store these signatures."""
    for start in range(0, len(numbers), 2_000):
        rows: dict[str, dict[str, object]] = {}
        for number in numbers[start : start + 2_000]:
            one, vector, pattern = made(number)
            rows[one.exact] = {
                "exact": one.exact,
                "structural": one.structural,
                "error_type": one.error_type,
                "cause": one.cause,
                "frames": [frame.key for frame in one.frames],
                "blamed": one.blamed,
                "text": one.text,
                "embedding": vector.tolist(),
                "title": one.title,
                "pattern": pattern,
            }
        await container.graph.write(Statement(FILL, {"rows": list(rows.values())}, "fill"))


async def main(sizes: Sequence[int], questions: int) -> None:
    rows, filled = [], 0
    async with own_graph() as container:
        embedder = Remembered()
        for size in sizes:
            # The last signature of each pattern is kept back to ask with.
            await fill(container, [n for n in range(filled, size) if n % SIGNATURES_EACH != SIGNATURES_EACH - 1])
            filled = size
            signature_matcher = SignatureMatcher(container.graph, embedder, container.matcher.signature_matcher.shipped_policy)
            chosen = np.random.default_rng(size).choice(size // SIGNATURES_EACH, questions + 100, replace=False)
            asked = [made(int(n) * SIGNATURES_EACH + SIGNATURES_EACH - 1) for n in chosen]
            embedder.vectors = {one.text: vector for one, vector, _ in asked}
            times, base, first, right, wrong = [], [], 0, 0, 0
            seen = await sample_rarity(container.graph)
            for one, _, pattern in asked:
                began = time.perf_counter()
                (decision,) = (await signature_matcher.match([one])).values()
                times.append((time.perf_counter() - began) * 1e3)
                first += bool(decision.candidates) and decision.candidates[0].pattern_id == pattern
                right += decision.pattern_id == pattern
                wrong += not decision.founds and decision.pattern_id != pattern
                words = word_query(one.text, seen)
                began = time.perf_counter()
                await container.graph.read(Statement(WORDS_ONLY, {"words": words}, "words"))
                base.append((time.perf_counter() - began) * 1e3)
            rows.append(
                {
                    "signatures": size,
                    "p50 ms": median(times[100:]),
                    "p95 ms": percentile(times[100:], 0.95),
                    "bare full-text p50 ms": median(base[100:]),
                    "p95": percentile(base[100:], 0.95),
                    "ours / bare p50": median(times[100:]) / median(base[100:]),
                    "its pattern first": first / len(asked),
                    "to its pattern": right / len(asked),
                    "to another": wrong / len(asked),
                }
            )
    report("match latency of unknown hashes, without the encoding", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=150)
    given = parser.parse_args()
    asyncio.run(main(given.sizes, given.questions))
