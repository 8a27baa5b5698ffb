"""The job ``similar_fix``: patterns that the same fix resolved, or one told in like words, as ``SIMILAR_FIX``."""

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
from jobs.spec import Edge, JobSpec, Work

SHOWN = 6
"""Solutions named on an edge."""


@dataclass(frozen=True, slots=True)
class SimilarFixParams:
    """Parameters of the job."""

    floor: float = param(
        "Least likeness of two fixes that are told in other words, 0..1.", default=0.5, minimum=0.05, maximum=1
    )
    top: int = param(
        "Most patterns that a pattern is linked to because of one fix, and in all.", default=10, minimum=1, maximum=100
    )
    min_words: int = param(
        "Texts of fewer different words, those of very many fixes not counted, are not compared.",
        default=3,
        minimum=1,
        maximum=100,
    )
    suggested: bool = param("Whether fixes count that nobody has used yet.", default=False)
    audit_rounds: int = param("Times the job tests itself on texts of shuffled words.", default=1, minimum=0, maximum=100)
    seed: int = param("Seed of that shuffling.", default=0, minimum=0)


@dataclass(slots=True)
class Link:
    """What speaks for a pair of patterns: solutions that resolved both, and the likest of two that resolved one each."""

    score: float = 0.0
    shared: int = 0
    support: int = 0
    solutions: dict[str, None] = field(default_factory=dict)

    def add(self, score: float, solutions: Sequence[str]) -> None:
        """One more solution of both, or one more pair of like ones."""
        self.score = max(self.score, score)
        self.shared += len(solutions) == 1
        self.support += 1
        self.solutions |= dict.fromkeys(solutions)


async def run(work: Work[SimilarFixParams]) -> AsyncIterator[Sequence[Edge]]:
    """Read, compare, and yield the pairs."""
    [row] = await work.graph.read(query("jobs/similar_fix/fixed_patterns", suggested=work.params.suggested))
    fixes: list[Row] = row["found"]
    texts = [FixText(one["description"], one["steps"] or "") for one in fixes]
    found = await asyncio.to_thread(alike, texts, work.params.floor, work.params.top, work.params.min_words)
    links = linked(fixes, found, work.params.top)
    kept = strongest(links, work.params.top)
    work.counts |= {
        "solutions": len(fixes),
        "patterns": len({one["pattern_id"] for fix in fixes for one in fix["patterns"]}),
        "like_solutions": len(found),
        "pairs_seen": len(links),
        "pairs_kept": len(kept),
        **await asyncio.to_thread(_audit, texts, work.params),
    }
    crash_of = {one["pattern_id"]: one["crash_id"] for fix in fixes for one in fix["patterns"]}
    yield [_edge(pair, links[pair], crash_of) for pair in kept]


def linked(fixes: Sequence[Row], found: Alike, top: int) -> dict[tuple[str, str], Link]:
    """What speaks for each pair of patterns. Of a fix with many patterns each is linked to the ``top`` it worked for most."""
    links: defaultdict[tuple[str, str], Link] = defaultdict(Link)
    for fix in fixes:
        ids = [one["pattern_id"] for one in fix["patterns"]]
        for pair in _with_the_first(ids, top):
            links[pair].add(1.0, (fix["solution_id"],))
    for first, second, score in zip(found.first.tolist(), found.second.tolist(), found.score.tolist(), strict=True):
        sides = [[one["pattern_id"] for one in fixes[at]["patterns"][:top]] for at in (first, second)]
        for a, b in product(*sides):
            if a != b:
                links[min(a, b), max(a, b)].add(score, (fixes[first]["solution_id"], fixes[second]["solution_id"]))
    return dict(links)


def _with_the_first(ids: Sequence[str], top: int) -> Iterator[tuple[str, str]]:
    hubs = ids[:top]
    yield from ((min(pair), max(pair)) for pair in combinations(hubs, 2))
    yield from ((min(hub, id), max(hub, id)) for id in ids[top:] for hub in hubs)


def strongest(links: dict[tuple[str, str], Link], top: int) -> list[tuple[str, str]]:
    """The pairs that are among the ``top`` of one of their ends, the strongest first."""
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
    found = [
        len(alike_by_chance(texts, params.floor, params.top, params.min_words, params.seed + turn))
        for turn in range(params.audit_rounds)
    ]
    return {"audit_rounds": len(found), "audit_false_pairs": sum(found)}


def _edge(pair: tuple[str, str], link: Link, crash_of: dict[str, str]) -> Edge:
    return Edge(
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
    help="Patterns that the same solution resolved, or one that is told in like words.",
    schedule="40 * * * *",
    params=SimilarFixParams,
    reads=("Solution", "Pattern", "RESOLVES", "FIXED_IN", "Version", "OF_PATTERN", "Signature", "HAS_SIGNATURE", "Crash"),
    writes=("SIMILAR_FIX",),
    run=run,
    limitations=(
        "It does not say that the patterns are one bug, nor that the fix of one will do for the other. It says nothing of "
        "fixes that nobody has used, of those that failed as often as they worked, of texts too short to compare, and of words "
        "that more than 200 fixes share. Fixes that mean the same in wholly different words are not found."
    ),
)
