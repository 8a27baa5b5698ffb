"""The job ``causation``: which patterns trigger which, as ``CAUSES``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from graph.algorithms.causation.antecedents import SiteLinks, links_of
from graph.algorithms.causation.decide import EDGES, CausationResult, CausationRules, find_causes
from graph.algorithms.streams import Events, shifted, watch_of
from graph.cypher import query
from graph.ports import Reader
from jobs.correlate.co_occurrence import CrashEvents, Occasion, read_events, samples_of
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

SAMPLES = 3
"""Example occasions per pair, of two crashes each."""
BATCH = 500
"""Pairs per query for sample crashes."""


@dataclass(frozen=True, slots=True)
class CausationParams:
    """Parameters of the job."""

    reach_seconds: float = param(
        "Maximum time from a cause to its effect, in seconds.", default=EDGES[-1], minimum=0.001, maximum=86_400
    )
    around_seconds: float = param(
        "The base rate of an effect is estimated from this many seconds before and after; a longer silence at a site "
        "separates independent stretches of its record.",
        default=1800.0,
        minimum=0.001,
        maximum=864_000,
    )
    rest_seconds: float = param(
        "Silence, in seconds, that ends an episode of a pattern at a site.", default=900.0, minimum=0.001, maximum=864_000
    )
    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=365.0, minimum=0, maximum=36_500
    )
    min_support: int = param(
        "Minimum number of effects preceded by the cause, and of episodes of either.", default=3, minimum=1
    )
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.02, minimum=1e-12, maximum=1)
    max_order_q: float = param(
        "Maximum share of reported pairs of which the order is expected to be chance.", default=0.15, minimum=1e-12, maximum=1
    )
    shifts: int = param("Random shifts of each stream for the p-values.", default=20, minimum=2, maximum=10_000)
    audit_rounds: int = param("Number of self-tests on randomly shifted streams.", default=1, minimum=0, maximum=1000)
    seed: int = param("Seed of the shifts.", default=0, minimum=0)

    def rules(self) -> CausationRules:
        """Parameters of the algorithm."""
        return CausationRules(
            edges=edges_to(self.reach_seconds),
            around=self.around_seconds,
            min_support=self.min_support,
            max_q=self.max_q,
            max_order_q=self.max_order_q,
            rest=self.rest_seconds,
            shifts=self.shifts,
            seed=self.seed,
        )


def edges_to(reach: float) -> tuple[float, ...]:
    """Upper edges of the lag bins up to ``reach``: the default ones, then each twice the last."""
    edges = [edge for edge in EDGES if edge < reach]
    while edges[-1] >= EDGES[-2] and 2 * edges[-1] < reach:
        edges.append(2 * edges[-1])
    return (*edges, reach)


async def run(work: Work[CausationParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Read crashes, links and verdicts; fit, test and audit; yields the significant pairs."""
    work.progress(0, 0, "reading crashes")
    record = await read_events(work.graph, work.params.look_back_days)
    links = await _links(work.graph, record)
    vetoed = await _vetoed(work.graph, record)
    result, false_pairs = await asyncio.to_thread(_compute, record.events, links, vetoed, work.params, work.progress)
    work.counts |= _counts(record, links, result, work.params.audit_rounds, false_pairs)
    for begin in range(0, len(result.causes), BATCH):
        work.progress(begin, len(result.causes), "looking up sample crashes")
        yield await _edges(work.graph, record, result, range(begin, min(begin + BATCH, len(result.causes))))


async def _links(graph: Reader, record: CrashEvents) -> SiteLinks:
    """Links between sites with crashes; sessions, which replace missing sites, have none."""
    [row] = await graph.read(query("jobs/causation/links"))
    place = {name: at for at, name in enumerate(record.places)}
    pairs = [(place[a], place[b]) for a, b in zip(row["first"], row["second"], strict=True) if a in place and b in place]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return links_of(first, second, len(record.places))


async def _vetoed(graph: Reader, record: CrashEvents) -> list[tuple[int, int]]:
    """Pairs that a verdict denies, so that they take no effects from other causes."""
    [row] = await graph.read(query("jobs/causation/vetoes"))
    pattern = {name: at for at, name in enumerate(record.patterns)}
    pairs = zip(row["causes"], row["effects"], strict=True)
    return [(pattern[cause], pattern[effect]) for cause, effect in pairs if cause in pattern and effect in pattern]


def _compute(
    events: Events,
    links: SiteLinks,
    vetoed: Sequence[tuple[int, int]],
    params: CausationParams,
    progress: Callable[[int, int, str], None],
) -> tuple[CausationResult, int]:
    """The pairs, and the number of false pairs that the procedure reports on independently shifted streams."""
    rules, rounds = params.rules(), params.audit_rounds
    progress(0, 1 + rounds, f"fitting {events.patterns:,} patterns")
    result = find_causes(events, links, rules, vetoed=vetoed, examples=SAMPLES)
    watch = watch_of(events, rules.edges[-1])
    false_pairs = 0
    for turn in range(rounds):
        progress(1 + turn, 1 + rounds, "self-test on shifted streams")
        # Seeds far from those of the p-values, so that no stream is shifted the same way in both.
        audited = find_causes(shifted(events, watch, params.seed + 1_000_000 + turn), links, rules, vetoed=vetoed, examples=0)
        false_pairs += len(audited.causes)
    return result, false_pairs


def _counts(record: CrashEvents, links: SiteLinks, result: CausationResult, rounds: int, false_pairs: int) -> dict[str, float]:
    states = [standing.state for standing in result.causes.standing]
    return {
        "events": len(record.events),
        "patterns": len(record.patterns),
        "places": len(record.places),
        "links": len(links.site) // 2,
        "pairs_followed": result.followed,
        "pairs_tested": result.tests,
        "pairs_claimed": result.claims,
        "pairs_kept": len(result.causes),
        "pairs_both_ways": result.both_ways,
        "pairs_unordered": result.unordered,
        "pairs_candidate": states.count("candidate"),
        "pairs_supported": states.count("supported"),
        "pairs_refuted": states.count("refuted"),
        "storms_cut_short": result.cut_short,
        "audit_rounds": rounds,
        "audit_false_pairs": false_pairs,
        "audit_rate": false_pairs / (rounds * result.tests) if rounds and result.tests else 0.0,
    }


async def _edges(graph: Reader, record: CrashEvents, result: CausationResult, which: range) -> list[JobEdge]:
    causes = result.causes
    samples = await _samples(graph, record, result, which)
    return [
        JobEdge("CAUSES", record.patterns[int(causes.cause[at])], record.patterns[int(causes.effect[at])], properties)
        for at in which
        if samples[at]  # its crashes were removed since the events were read
        for properties in [_properties(record, result, at) | {"sample_crash_ids": samples[at]}]
    ]


def _properties(record: CrashEvents, result: CausationResult, at: int) -> dict[str, object]:
    causes, standing = result.causes, result.causes.standing[at]
    return {
        "score": float(causes.share[at]),
        "support": max(round(float(causes.support[at])), 1),
        "p_value": float(causes.p_value[at]),
        "q_value": float(causes.q_value[at]),
        "order_p_value": float(causes.order_p_value[at]),
        "lag_seconds": float(causes.lag[at]),
        "branching_ratio": float(causes.branching_ratio[at]),
        "linked_share": float(causes.linked_share[at]),
        "gain": float(causes.gain[at]),
        "state": standing.state,
        "since": _moment(record, standing.since),
        "early_gain": standing.early,
        "late_gain": standing.late,
        "why": _why(result, at),
    }


def _why(result: CausationResult, at: int) -> str:
    """The evidence as a sentence."""
    causes, standing = result.causes, result.causes.standing[at]
    crossed = f", {causes.linked_share[at]:.0%} of them at a linked site" if causes.linked_share[at] >= 0.005 else ""
    later = {
        "supported": "The later half of its episodes shows it as well.",
        "candidate": "The later half of its episodes does not show it yet.",
        "refuted": "The later half of its episodes speaks against it.",
    }[standing.state]
    return (
        f"Sets off {causes.branching_ratio[at]:.2g} of the effect each time, {_span(float(causes.lag[at]))} later (median); "
        f"about {max(round(float(causes.support[at])), 1):,} episodes, {causes.share[at]:.0%} of all{crossed}. "
        f"Chance alone would show as much with probability {causes.p_value[at]:.1g}. {later}"
    )


def _span(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def _moment(record: CrashEvents, seconds: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=record.origin_millis + round(seconds * 1000))


async def _samples(graph: Reader, record: CrashEvents, result: CausationResult, which: range) -> dict[int, tuple[str, ...]]:
    """Crashes of the example occasions of each pair, cause before effect, without repeats."""
    occasions = [
        Occasion(at, pattern, int(place), moment)
        for at in which
        for occasion in result.causes.examples[at]
        for pattern, place, moment in zip(
            (int(result.causes.cause[at]), int(result.causes.effect[at])), occasion[::2], occasion[1::2], strict=True
        )
    ]
    return await samples_of(graph, record, occasions, which)


SPEC = JobSpec(
    name="causation",
    version="2026-11-30",
    help="Pairs of patterns of which one triggers the other, at the same site or at a linked one, with the lag between them.",
    schedule="every hour",
    params=CausationParams,
    reads=("Crash", "Pattern", "Signature", "HAS_SIGNATURE", "OF_PATTERN", "Site", "LINKED_TO", "NOT_CAUSED_BY"),
    writes=("CAUSES",),
    run=run,
    limitations=(
        "A cause is a pattern that precedes another more often than bursts, busy hours and all other patterns explain; an "
        "unreported common cause, such as an outage, may still be behind a pair. Repeats of a pattern at a site count as one "
        "episode. Mutual causes are not reported: of two significant directions the one with more evidence is kept, and "
        "neither where the order of the two may be chance. Effects later than the reach, pairs below the least support, "
        "crashes without a time, and crashes with neither site nor session are left out, and no verdict is contradicted. Of "
        "two crashes at the same moment either may have been first. `refuted` pairs are kept while the whole record still "
        "shows them. Each run reads all crashes of the look-back again, because every pair is tested beside all others."
    ),
    after_ingest=True,
    at_most_every_seconds=1800.0,
)
