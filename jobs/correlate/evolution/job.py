"""The job ``evolution``: which pattern replaced which at a version, as ``EVOLVES_FROM``.

It also records for each pattern the versions in which it was first seen, last seen and seen again, and in its history where one
of its signatures replaced another.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from graph.algorithms.evolution import Candidates, EvolutionBounds, Evolutions, find_evolutions, gaps, permuted, returns
from graph.cypher import query
from graph.model.environment import version_id
from graph.model.statement import Statement
from graph.ports import Reader
from jobs.correlate.evolution.drift import drifts, false_drifts, new_revisions
from jobs.correlate.evolution.products import Product, read_products
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, NodeUpdate, Work

SAMPLES = 2
"""Sample crashes of either pattern."""
BATCH = 100
"""Patterns or pairs per query."""
VERSIONS_SEEN = ("introduced_in", "last_seen_in", "returned_in")
"""Properties of a pattern that the job sets."""


@dataclass(frozen=True, slots=True)
class EvolutionParams:
    """Parameters of the job."""

    min_support: int = param(
        "Minimum number of occasions of either pattern; an occasion is a day at a site.", default=3, minimum=1
    )
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.05, minimum=1e-12, maximum=1)
    max_left: float = param(
        "Maximum share of the older pattern's rate after the change, and of the newer one's before it.",
        default=0.2,
        minimum=0,
        maximum=1,
    )
    max_side_p: float = param(
        "Maximum p-value of the fading of the older one alone, and of the appearance of the newer one alone.",
        default=0.2,
        minimum=1e-12,
        maximum=1,
    )
    floor: float = param("Minimum cosine of the two embeddings.", default=0.6, minimum=0, maximum=1)
    margin: float = param(
        "How much less similar than its nearest counterpart another may be, if it is that one's own nearest.",
        default=0.15,
        minimum=0,
        maximum=1,
    )
    top: int = param("Maximum similar patterns that each is compared with.", default=8, minimum=1, maximum=50)
    fetched: int = param(
        "Signatures fetched from the index per pattern, its own included.", default=50, minimum=2, maximum=1000
    )
    max_patterns: int = param(
        "Maximum patterns, those with the most occasions first.", default=20_000, minimum=1, maximum=1_000_000
    )
    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=730.0, minimum=0, maximum=36_500
    )
    max_gone_p: float = param(
        "Maximum probability that a gap of versions without a pattern is chance, for it to count as an absence.",
        default=0.01,
        minimum=1e-12,
        maximum=1,
    )
    audit_rounds: int = param("Number of self-tests with the versions permuted.", default=5, minimum=0, maximum=1000)
    seed: int = param("Seed of the permutations.", default=0, minimum=0)

    def bounds(self) -> EvolutionBounds:
        """Parameters of the algorithm."""
        return EvolutionBounds(self.min_support, self.max_q, self.max_left, self.max_side_p, self.margin)


@dataclass(slots=True)
class Likenesses:
    """The culprit frame of each pattern, and the likeness of pairs in both orders."""

    frames: dict[str, str] = field(default_factory=dict)
    likeness: dict[tuple[str, str], float] = field(default_factory=dict)


async def run(work: Work[EvolutionParams]) -> AsyncIterator[Sequence[JobEdge | NodeUpdate | Statement]]:
    """Read, compare and audit; yields the versions of each pattern, its drifts and the significant pairs."""
    work.progress(0, 0, "reading crashes")
    products = await read_products(work.graph, work.params.look_back_days, work.ports.clock.now())
    supported = _supported(products, work.params.min_support)
    likenesses = await _likenesses(work, supported[: work.params.max_patterns])
    per_product, false_pairs, seen = await asyncio.to_thread(_compute, products, likenesses, work.params, work.progress)
    changed = [drift for product in products for drift in await asyncio.to_thread(drifts, product, work.params.bounds())]
    back = [returns(product.timeline, work.params.max_gone_p) for product in products]
    work.counts |= {
        "products": len(products),
        "versions": sum(len(product.versions) for product in products),
        "patterns": len({pattern for product in products for pattern in product.patterns}),
        "patterns_left_out": max(0, len(supported) - work.params.max_patterns),
        "pairs_compared": seen,
        "pairs_tested": sum(one.tests for one in per_product),
        "pairs_kept": sum(len(one) for one in per_product),
        "patterns_returned": sum(len(one) for one in back),
        "drifts": len(changed),
        "audit_false_drifts": await asyncio.to_thread(_false_drifts, products, work.params),
        "audit_rounds": work.params.audit_rounds,
        "audit_pairs": seen * work.params.audit_rounds,
        "audit_false_pairs": false_pairs,
        "audit_rate": false_pairs / (seen * work.params.audit_rounds) if seen and work.params.audit_rounds else 0.0,
    }
    yield await _without_crashes(work.graph)
    yield list(_versions_seen(products, back))
    yield await new_revisions(work.graph, changed, work.ports.clock.now())
    reported: set[tuple[str, str]] = set()
    for product, evolutions in zip(products, per_product, strict=True):
        for begin in range(0, len(evolutions), BATCH):
            work.progress(begin, len(evolutions), "looking up sample crashes")
            which = range(begin, min(begin + BATCH, len(evolutions)))
            yield await _edges(work, product, evolutions, likenesses, which, reported)


def _supported(products: Iterable[Product], min_support: int) -> list[str]:
    """Patterns with enough occasions in a product with several versions, those with the most first."""
    most: Counter[str] = Counter()
    for one in products:
        if len(one.versions) > 1:
            for pattern, total in zip(one.patterns, one.timeline.counts.sum(axis=1).tolist(), strict=True):
                most[pattern] = max(most[pattern], total)
    return sorted((pattern for pattern, total in most.items() if total >= min_support), key=lambda one: (-most[one], one))


async def _likenesses(work: Work[EvolutionParams], ids: Sequence[str]) -> Likenesses:
    params, likenesses, known = work.params, Likenesses(), set(ids)
    for begin in range(0, len(ids), BATCH):
        work.progress(begin, len(ids), "looking up similar patterns")
        some = ids[begin : begin + BATCH]
        statement = query("jobs/evolution/neighbours", ids=some, fetched=params.fetched, floor=params.floor, limit=params.top)
        [row] = await work.graph.read(statement)
        for one in row["rows"]:
            likenesses.frames[one["id"]] = one["frame"] or ""
            for other in one["neighbours"]:
                if other["id"] in known:
                    likeness = min(1.0, max(other["score"], likenesses.likeness.get((one["id"], other["id"]), 0.0)))
                    likenesses.likeness[one["id"], other["id"]] = likenesses.likeness[other["id"], one["id"]] = likeness
    return likenesses


def _compute(
    products: Sequence[Product], likenesses: Likenesses, params: EvolutionParams, progress: Callable[[int, int, str], None]
) -> tuple[list[Evolutions], int, int]:
    """Significant pairs per product, number of those with permuted versions, and number of pairs compared."""
    pairs = [candidates_of(product, likenesses) for product in products]
    per_product = [find_evolutions(one.timeline, pair, params.bounds()) for one, pair in zip(products, pairs, strict=True)]
    rng, false_pairs = np.random.default_rng(params.seed), 0
    for turn in range(params.audit_rounds):
        progress(turn, params.audit_rounds, "self-test with permuted versions")
        for one, pair in zip(products, pairs, strict=True):
            false_pairs += len(find_evolutions(permuted(one.timeline, rng), pair, params.bounds()))
    return per_product, false_pairs, sum(len(pair) for pair in pairs)


def _false_drifts(products: Sequence[Product], params: EvolutionParams) -> int:
    rng = np.random.default_rng(params.seed)
    return sum(false_drifts(one, params.bounds(), rng) for _ in range(params.audit_rounds) for one in products)


def candidates_of(product: Product, likenesses: Likenesses) -> Candidates:
    """Similar pairs of the product's patterns, in both orders."""
    row = {one: at for at, one in enumerate(product.patterns)}
    pairs = sorted((row[a], row[b], likeness) for (a, b), likeness in likenesses.likeness.items() if a in row and b in row)
    newer, older = np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2).T
    return Candidates(newer, older, np.array([pair[2] for pair in pairs], dtype=np.float64))


def _versions_seen(products: Sequence[Product], back: Sequence[Sequence[tuple[int, int]]]) -> Iterator[NodeUpdate]:
    """For each pattern the versions in which it appeared, was last seen and came back."""
    seen: dict[str, dict[str, list[str]]] = {}
    for product, returned in zip(products, back, strict=True):
        ids = [version_id(product.name, version) for version in product.versions]
        for pattern, counts in zip(product.patterns, product.timeline.counts, strict=True):
            with_crashes = np.flatnonzero(counts)
            versions = seen.setdefault(pattern, {name: [] for name in VERSIONS_SEEN})
            versions["introduced_in"].append(ids[with_crashes[0]])
            versions["last_seen_in"].append(ids[with_crashes[-1]])
        for at, version in returned:
            seen[product.patterns[at]]["returned_in"].append(ids[version])
    for pattern, versions in sorted(seen.items()):
        yield NodeUpdate("Pattern", pattern, versions)


async def _without_crashes(graph: Reader) -> list[NodeUpdate]:
    """Remove the versions of patterns that lost their crashes."""
    [row] = await graph.read(query("jobs/evolution/without_crashes"))
    return [NodeUpdate("Pattern", pattern, dict.fromkeys(VERSIONS_SEEN)) for pattern in row["ids"]]


async def _edges(
    work: Work[EvolutionParams],
    product: Product,
    evolutions: Evolutions,
    likenesses: Likenesses,
    which: range,
    reported: set[tuple[str, str]],
) -> list[JobEdge]:
    """Edges of a batch. A pair found in several products is reported once, for the first of them."""
    samples, change_kinds = (
        await _samples(work.graph, product, evolutions, which),
        kinds(product, evolutions, likenesses, work.params.max_gone_p),
    )
    edges = []
    for at in which:
        newer, older = product.patterns[int(evolutions.newer[at])], product.patterns[int(evolutions.older[at])]
        if samples[at] and (newer, older) not in reported:  # without samples, its crashes were removed since
            reported.add((newer, older))
            edges.append(
                JobEdge("EVOLVES_FROM", newer, older, _evidence(product, evolutions, at, change_kinds[at], samples[at]))
            )
    return edges


async def _samples(graph: Reader, product: Product, evolutions: Evolutions, which: range) -> dict[int, tuple[str, ...]]:
    """Per pair the last crashes of the older pattern before the change, and the latest of the newer one."""
    lookups: list[dict[str, object]] = []
    owner: list[int] = []
    for at in which:
        change = int(evolutions.change[at])
        for side, versions in ((evolutions.older, product.versions[:change]), (evolutions.newer, product.versions[change:])):
            lookups.append(
                {
                    "position": len(lookups),
                    "pattern_id": product.patterns[int(side[at])],
                    "product": product.name,
                    "versions": list(versions),
                }
            )
            owner.append(at)
    [row] = await graph.read(query("jobs/evolution/samples", lookups=lookups, limit=SAMPLES))
    samples: dict[int, dict[str, None]] = {at: {} for at in which}
    for position, crash_ids in sorted(zip(row["positions"], row["samples"], strict=True)):
        samples[owner[position]] |= dict.fromkeys(crash_ids)
    return {at: tuple(ids) for at, ids in samples.items()}


def kinds(product: Product, evolutions: Evolutions, likenesses: Likenesses, max_gone_p: float) -> list[str]:
    """Kind of change of each pair.

    "Split" and "merged" are decided by distinct culprit frames, because one frame can have several patterns that differ only in
    message.
    """
    places = [
        (likenesses.frames.get(product.patterns[newer], ""), likenesses.frames.get(product.patterns[older], ""))
        for newer, older in zip(evolutions.newer.tolist(), evolutions.older.tolist(), strict=True)
    ]
    parents, children = (Counter(pair[side] for pair in set(places)) for side in (0, 1))
    changes = []
    for (newer, older), away in zip(places, gaps(product.timeline, evolutions, max_gone_p).tolist(), strict=True):
        if away:
            changes.append("re-introduced")
        elif max(parents[newer], children[older]) > 1:
            changes.append("merged" if parents[newer] > children[older] else "split")
        else:
            changes.append(_place_kind(newer, older))
    return changes


def _place_kind(newer: str, older: str) -> str:
    """Kind of change between two culprit frames, each ``module.function``."""
    (module, _, function), (old_module, _, old_function) = newer.rpartition("."), older.rpartition(".")
    if function == old_function and module != old_module:
        return "moved"
    return "renamed" if module == old_module and function != old_function else "changed"


def _evidence(product: Product, evolutions: Evolutions, at: int, kind: str, samples: tuple[str, ...]) -> dict[str, object]:
    left, before = float(evolutions.left[at]), float(evolutions.before[at])
    faded, version = (product.versions[int(column[at])] for column in (evolutions.change, evolutions.appeared))
    return {
        "score": float(evolutions.likeness[at]) * (1.0 - max(left, before)),
        "support": int(evolutions.support[at]),
        "p_value": float(evolutions.p_value[at]),
        "q_value": float(evolutions.q_value[at]),
        "sample_crash_ids": samples,
        "product": product.name,
        "version": version,
        "kind": kind,
        "likeness": float(evolutions.likeness[at]),
        "left": left,
        "before": before,
        "why": (
            f"From {faded} on, the older pattern is down to {left:.0%} of its rate; before that, the newer one, first seen in "
            f"{version}, was at {before:.0%} of its own. Each was seen on at least {int(evolutions.support[at]):,} site-days. "
            "If the version made no difference, a change this large would occur with probability "
            f"{evolutions.p_value[at]:.1g}."
        ),
    }


SPEC = JobSpec(
    name="evolution",
    version="2026-11-21",
    help="Patterns that appear where similar ones fade, at a version of a product, and the versions in which each was seen.",
    schedule="50 * * * *",
    params=EvolutionParams,
    reads=("Crash", "Signature", "Pattern", "HAS_SIGNATURE", "OF_PATTERN", "DISTINCT_FROM", "Revision"),
    writes=("EVOLVES_FROM",),
    run=run,
    updates=("Revision", "REVISES", *(f"Pattern.{name}" for name in VERSIONS_SEEN)),
    limitations=(
        "The code need not be the same: a fix and a new bug at the same place in one release look alike. The kind of change is "
        "inferred from the culprit frames and their number on either side. Crashes without a version, patterns below "
        "`min_support` occasions, and bugs that changed name, place and message at once are not found. Changes that matching "
        "followed, so that both sides are one pattern, are `drift` in its history. `returned_in` means that a pattern was seen "
        "again, not that a fix was reverted."
    ),
)
