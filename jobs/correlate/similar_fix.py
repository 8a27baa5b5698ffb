"""The job ``similar_fix``: patterns resolved by the same fix, or by similarly worded ones, as ``SIMILAR_FIX``."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from graph.algorithms.fix_texts import Alike, FixText, alike, alike_by_chance
from graph.cypher import query
from graph.ports import Row
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

SHOWN = 6
"""Maximum solutions named on an edge."""


@dataclass(frozen=True, slots=True)
class SimilarFixParams:
    """Parameters of the job."""

    floor: float = param("Minimum similarity of two differently worded fixes, 0..1.", default=0.5, minimum=0.05, maximum=1)
    top: int = param("Maximum related patterns per pattern, per fix and in all.", default=10, minimum=1, maximum=100)
    min_words: int = param(
        "Minimum distinct words of a text, very common ones not counted; shorter texts are not compared.",
        default=3,
        minimum=1,
        maximum=100,
    )
    suggested: bool = param("Include fixes that have not been applied yet.", default=False)
    audit_rounds: int = param("Number of self-tests on texts of shuffled words.", default=1, minimum=0, maximum=100)
    seed: int = param("Seed of the shuffling.", default=0, minimum=0)


@dataclass(slots=True)
class FixLink:
    """Evidence for a pair of patterns: solutions that resolved both, and the most similar two that resolved one each."""

    score: float = 0.0
    shared: int = 0
    support: int = 0
    solutions: dict[str, None] = field(default_factory=dict)

    def add(self, score: float, solutions: Sequence[str]) -> None:
        """Add a solution of both, or a pair of similar ones."""
        self.score = max(self.score, score)
        self.shared += len(solutions) == 1
        self.support += 1
        self.solutions |= dict.fromkeys(solutions)


async def run(work: Work[SimilarFixParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Read and compare; yields the pairs."""
    [row] = await work.graph.read(query("jobs/similar_fix/fixed_patterns", suggested=work.params.suggested))
    fixes: list[Row] = row["rows"]
    texts = [FixText(one["description"], one["steps"] or "") for one in fixes]
    alike_pairs = await asyncio.to_thread(alike, texts, work.params.floor, work.params.top, work.params.min_words)
    links = linked(fixes, alike_pairs, work.params.top)
    kept = strongest(links, work.params.top)
    work.counts |= {
        "solutions": len(fixes),
        "patterns": len({one["pattern_id"] for fix in fixes for one in fix["patterns"]}),
        "like_solutions": len(alike_pairs),
        "pairs_seen": len(links),
        "pairs_kept": len(kept),
        **await asyncio.to_thread(_audit, texts, work.params),
    }
    crash_of = {one["pattern_id"]: one["crash_id"] for fix in fixes for one in fix["patterns"]}
    yield [_edge(pair, links[pair], crash_of) for pair in kept]


def linked(fixes: Sequence[Row], alike_pairs: Alike, top: int) -> dict[tuple[str, str], FixLink]:
    """Evidence per pair of patterns. Each pattern of a fix is paired with the ``top`` patterns it worked for most."""
    links: defaultdict[tuple[str, str], FixLink] = defaultdict(FixLink)
    for fix in fixes:
        ids = [one["pattern_id"] for one in fix["patterns"]]
        for pair in _with_the_first(ids, top):
            links[pair].add(1.0, (fix["solution_id"],))
    for first, second, score in zip(
        alike_pairs.first.tolist(), alike_pairs.second.tolist(), alike_pairs.score.tolist(), strict=True
    ):
        sides = [[one["pattern_id"] for one in fixes[at]["patterns"][:top]] for at in (first, second)]
        for a, b in product(*sides):
            if a != b:
                links[min(a, b), max(a, b)].add(score, (fixes[first]["solution_id"], fixes[second]["solution_id"]))
    return dict(links)


def _with_the_first(ids: Sequence[str], top: int) -> Iterator[tuple[str, str]]:
    hubs = ids[:top]
    yield from ((min(pair), max(pair)) for pair in combinations(hubs, 2))
    yield from ((min(hub, id), max(hub, id)) for id in ids[top:] for hub in hubs)


def strongest(links: dict[tuple[str, str], FixLink], top: int) -> list[tuple[str, str]]:
    """Pairs among the ``top`` of either end, strongest first."""
    order = sorted(links, key=lambda pair: (-links[pair].score, -links[pair].support, pair))
    taken: defaultdict[str, int] = defaultdict(int)
    kept = []
    for pair in order:
        if min(taken[id] for id in pair) < top:
            kept.append(pair)
        for id in pair:
            taken[id] += 1
    return kept


def _audit(texts: Sequence[FixText], params: SimilarFixParams) -> dict[str, float]:
    false_pairs = [
        len(alike_by_chance(texts, params.floor, params.top, params.min_words, params.seed + turn))
        for turn in range(params.audit_rounds)
    ]
    return {"audit_rounds": len(false_pairs), "audit_false_pairs": sum(false_pairs)}


def _edge(pair: tuple[str, str], link: FixLink, crash_of: dict[str, str]) -> JobEdge:
    return JobEdge(
        "SIMILAR_FIX",
        *pair,
        {
            "score": link.score,
            "support": link.support,
            "sample_crash_ids": tuple(_without_repeats(crash_of[id] for id in pair)),
            "shared": link.shared,
            "solution_ids": tuple(link.solutions)[:SHOWN],
        },
    )


def _without_repeats(ids: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(ids)


SPEC = JobSpec(
    name="similar_fix",
    version="2026-11-21",
    help="Patterns resolved by the same solution, or by similarly worded ones.",
    schedule="40 * * * *",
    params=SimilarFixParams,
    reads=("Solution", "Pattern", "RESOLVES", "FIXED_IN", "Version", "OF_PATTERN", "Signature", "HAS_SIGNATURE", "Crash"),
    writes=("SIMILAR_FIX",),
    run=run,
    limitations=(
        "Similar fixes do not make two patterns one bug, and the fix of one need not work for the other. Fixes that were never "
        "applied, that failed as often as they worked, or whose text is too short are left out, and words that more than 200 "
        "fixes share are not compared. Fixes with the same meaning in entirely different words are not found."
    ),
)
