"""The job ``similarity``: patterns with similar texts and no other relationship, as ``RELATED_TO``.

The vector index returns the signatures nearest to the most frequent one of each pattern: one query per pattern, and no
embedding leaves the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from graph.algorithms.nearest import Neighbour, both_ways, chance_of, floor_among, random_pairs
from graph.cypher import query
from graph.model import RELATIONSHIPS
from graph.ports import Reader, Row
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

OWN = "RELATED_TO"
OTHERS = tuple(
    type_
    for type_, declared in RELATIONSHIPS.items()
    if declared.derived and type_ != OWN and (declared.source, declared.target) == ("Pattern", "Pattern")
)
"""Relationships of other jobs; pairs that have one are left out."""
BATCH = 100
"""Patterns per query."""


@dataclass(frozen=True, slots=True)
class SimilarityParams:
    """Parameters of the job."""

    top: int = param("Maximum neighbours per pattern.", default=5, minimum=1, maximum=50)
    floor: float = param("Minimum cosine of two embeddings.", default=0.75, minimum=0, maximum=1)
    spreads: float = param(
        "Minimum distance above the median cosine of random pairs, in units of their spread; raises the floor where all texts "
        "are similar.",
        default=3.0,
        minimum=0,
        maximum=100,
    )
    random_pairs: int = param("Number of random pairs for that median; 0 for none.", default=1000, minimum=0, maximum=100_000)
    fetched: int = param(
        "Signatures fetched from the index per pattern, its own included.", default=50, minimum=2, maximum=1000
    )
    max_patterns: int = param("Maximum patterns, most recently seen first.", default=20_000, minimum=1, maximum=1_000_000)
    mutual: bool = param("Keep only pairs in which each is a neighbour of the other.", default=False)
    seed: int = param("Seed of the random pairs.", default=0, minimum=0)


async def run(work: Work[SimilarityParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Look up the neighbours of each pattern; yields the pairs."""
    params = work.params
    [row] = await work.graph.read(query("jobs/patterns_to_compare", limit=params.max_patterns))
    ids: list[str] = row["ids"]
    random = await likeness(work.graph, random_pairs(ids, params.random_pairs, params.seed))
    floor = floor_among(params.floor, random, params.spreads)
    shown: dict[tuple[str, str], Row] = {}
    neighbours: list[Neighbour] = []
    for begin in range(0, len(ids), BATCH):
        work.progress(begin, len(ids), "looking up neighbours")
        for one in await _nearest(work.graph, ids[begin : begin + BATCH], floor, params):
            for other in one["neighbours"]:
                neighbours.append(Neighbour(one["id"], other["id"], other["score"]))
                shown[one["id"], other["id"]] = other
    pairs = both_ways(neighbours)
    kept = {pair: similarity for pair, similarity in pairs.items() if similarity[1] or not params.mutual}
    work.counts |= {
        "patterns": len(ids),
        "patterns_left_out": row["total"] - len(ids),
        "pairs_kept": len(kept),
        "pairs_mutual": sum(mutual for _, mutual in kept.values()),
        "floor": floor,
        "audit_pairs": len(random),
        "audit_false_pairs": sum(one >= floor for one in random),
    }
    yield [_edge(pair, *kept[pair], shown, random) for pair in sorted(kept)]


async def likeness(graph: Reader, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Cosines of pairs of patterns; pairs without embeddings are left out."""
    cosines: list[float] = []
    for begin in range(0, len(pairs), BATCH):
        [row] = await graph.read(query("jobs/similarity/likeness", pairs=[list(pair) for pair in pairs[begin : begin + BATCH]]))
        cosines += row["likeness"]
    return cosines


async def _nearest(graph: Reader, ids: Sequence[str], floor: float, params: SimilarityParams) -> list[Row]:
    given = {"ids": list(ids), "fetched": params.fetched, "floor": floor, "types": list(OTHERS), "limit": params.top}
    [row] = await graph.read(query("jobs/similarity/nearest", **given))
    rows: list[Row] = row["rows"]
    return rows


def _edge(
    pair: tuple[str, str], score: float, mutual: bool, shown: dict[tuple[str, str], Row], random: Sequence[float]
) -> JobEdge:
    first, second = pair
    neighbour, turned = max(
        ((shown[way], way != pair) for way in (pair, (second, first)) if way in shown), key=lambda one: one[0]["score"]
    )
    signatures = (neighbour["theirs"], neighbour["mine"]) if turned else (neighbour["mine"], neighbour["theirs"])
    return JobEdge(
        OWN,
        first,
        second,
        {
            "score": min(max(score, 0.0), 1.0),
            "support": max(1, neighbour["support"]),
            "p_value": chance_of(score, random),
            "sample_crash_ids": tuple(dict.fromkeys(id for id in neighbour["crash_ids"] if id is not None)),
            "mutual": mutual,
            "signatures": signatures,
        },
    )


SPEC = JobSpec(
    name="similarity",
    version="2026-11-21",
    help="Patterns with similar texts and no other relationship.",
    schedule="30 3 * * *",
    params=SimilarityParams,
    reads=(
        *("Pattern", "Signature", "Crash", "OF_PATTERN", "HAS_SIGNATURE", "DISTINCT_FROM"),
        *OTHERS,
    ),
    writes=(OWN,),
    run=run,
    limitations=(
        "Similar texts do not make two patterns one bug or give them one cause. Pairs related by another job and pairs that "
        "people called different are left out. A pattern is represented by its most frequent signature alone, and one with "
        "more signatures than `fetched` may hide its neighbours."
    ),
)
