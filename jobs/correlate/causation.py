"""The job ``causation``: which patterns set off which, as ``CAUSES``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from graph.algorithms.causation.antecedents import Links, links_of
from graph.algorithms.causation.decide import EDGES, Found, Rules, find_causes
from graph.algorithms.streams import Events, shifted, watch_of
from graph.cypher import query
from graph.ports import Reader
from jobs.correlate.co_occurrence import Occasion, Record, read_record, samples_of
from jobs.params import param
from jobs.spec import Edge, JobSpec, Work

SAMPLES = 3
"""Occasions shown for each pair, of two crashes each."""
BATCH = 500
"""Pairs whose sample crashes are looked up at once."""


@dataclass(frozen=True, slots=True)
class CausationParams:
    """Parameters of the job."""

    reach_seconds: float = param(
        "The longest time from a cause to what it sets off, in seconds.", default=EDGES[-1], minimum=0.001, maximum=86_400
    )
    around_seconds: float = param(
        "How busy an effect was anyway is taken from so many seconds before and after.",
        default=1800.0,
        minimum=0.001,
        maximum=864_000,
    )
    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=365.0, minimum=0, maximum=36_500
    )
    min_support: int = param(
        "Least number of effects with the cause before them, and of crashes of either.", default=3, minimum=1
    )
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.05, minimum=1e-12, maximum=1)
    max_order_p: float = param(
        "Largest probability that bad hours in common alone would show as much.", default=0.05, minimum=1e-12, maximum=1
    )
    shifts: int = param("Random shifts of each stream, of which the p-values are made.", default=20, minimum=2, maximum=10_000)
    audit_rounds: int = param("Times the job tests itself on randomly shifted streams.", default=1, minimum=0, maximum=1000)
    seed: int = param("Seed of those shifts.", default=0, minimum=0)

    def rules(self) -> Rules:
        """As the algorithm takes them."""
        return Rules(
            edges=edges_to(self.reach_seconds),
            around=self.around_seconds,
            min_support=self.min_support,
            max_q=self.max_q,
            max_order_p=self.max_order_p,
            shifts=self.shifts,
            seed=self.seed,
        )


def edges_to(reach: float) -> tuple[float, ...]:
    """Lag bins up to ``reach``: the usual ones that are shorter, each further one twice as long as all before it."""
    edges = [edge for edge in EDGES if edge < reach]
    while edges[-1] >= EDGES[-2] and 2 * edges[-1] < reach:
        edges.append(2 * edges[-1])
    return (*edges, reach)


async def run(work: Work[CausationParams]) -> AsyncIterator[Sequence[Edge]]:
    """Read crashes, links and verdicts, fit, test, audit, and yield the pairs that passed."""
    work.progress(0, 0, "reading crashes")
    record = await read_record(work.graph, work.params.look_back_days)
    links = await _links(work.graph, record)
    vetoed = await _vetoed(work.graph, record)
    found, false_pairs = await asyncio.to_thread(_compute, record.events, links, vetoed, work.params, work.progress)
    work.counts |= _counts(record, links, found, work.params.audit_rounds, false_pairs)
    for begin in range(0, len(found.causes), BATCH):
        work.progress(begin, len(found.causes), "looking up sample crashes")
        yield await _edges(work.graph, record, found, range(begin, min(begin + BATCH, len(found.causes))))


async def _links(graph: Reader, record: Record) -> Links:
    """Links between sites that have crashes; what stands in for a site, a session, has none."""
    [row] = await graph.read(query("jobs/causation/links"))
    place = {name: at for at, name in enumerate(record.places)}
    pairs = [(place[a], place[b]) for a, b in zip(row["first"], row["second"], strict=True) if a in place and b in place]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return links_of(first, second, len(record.places))


async def _vetoed(graph: Reader, record: Record) -> list[tuple[int, int]]:
    """What people said is no cause, so that it takes nothing from what is."""
    [row] = await graph.read(query("jobs/causation/vetoes"))
    pattern = {name: at for at, name in enumerate(record.patterns)}
    pairs = zip(row["causes"], row["effects"], strict=True)
    return [(pattern[cause], pattern[effect]) for cause, effect in pairs if cause in pattern and effect in pattern]


def _compute(
    events: Events,
    links: Links,
    vetoed: Sequence[tuple[int, int]],
    params: CausationParams,
    progress: Callable[[int, int, str], None],
) -> tuple[Found, int]:
    """The pairs, and how many the same procedure reported on streams that have nothing to do with each other."""
    rules, rounds = params.rules(), params.audit_rounds
    progress(0, 1 + rounds, f"fitting {events.patterns:,} patterns")
    found = find_causes(events, links, rules, vetoed=vetoed, examples=SAMPLES)
    watch = watch_of(events, rules.edges[-1])
    false_pairs = 0
    for turn in range(rounds):
        progress(1 + turn, 1 + rounds, "testing itself on shifted streams")
        # Seeds far from those of the p-values, so that no stream is shifted the same way in both.
        audited = find_causes(shifted(events, watch, params.seed + 1_000_000 + turn), links, rules, vetoed=vetoed, examples=0)
        false_pairs += len(audited.causes)
    return found, false_pairs


def _counts(record: Record, links: Links, found: Found, rounds: int, false_pairs: int) -> dict[str, float]:
    states = [standing.state for standing in found.causes.standing]
    return {
        "events": len(record.events),
        "patterns": len(record.patterns),
        "places": len(record.places),
        "links": len(links.site) // 2,
        "pairs_followed": found.followed,
        "pairs_tested": found.tests,
        "pairs_claimed": found.claims,
        "pairs_kept": len(found.causes),
        "pairs_both_ways": found.both_ways,
        "pairs_candidate": states.count("candidate"),
        "pairs_supported": states.count("supported"),
        "pairs_refuted": states.count("refuted"),
        "storms_cut_short": found.cut_short,
        "audit_rounds": rounds,
        "audit_false_pairs": false_pairs,
        "audit_rate": false_pairs / (rounds * found.tests) if rounds and found.tests else 0.0,
    }


async def _edges(graph: Reader, record: Record, found: Found, which: range) -> list[Edge]:
    causes = found.causes
    samples = await _samples(graph, record, found, which)
    return [
        Edge("CAUSES", record.patterns[int(causes.cause[at])], record.patterns[int(causes.effect[at])], properties)
        for at in which
        if samples[at]  # the crashes are gone since the events were read: nothing left to show for it
        for properties in [_properties(record, found, at) | {"sample_crash_ids": samples[at]}]
    ]


def _properties(record: Record, found: Found, at: int) -> dict[str, object]:
    causes, standing = found.causes, found.causes.standing[at]
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
        "why": _why(found, at),
    }


def _why(found: Found, at: int) -> str:
    """The evidence in words, such as a person would ask for."""
    causes, standing = found.causes, found.causes.standing[at]
    crossed = f", {causes.linked_share[at]:.0%} of them at a linked site" if causes.linked_share[at] >= 0.005 else ""
    later = {
        "supported": "The later half of its happenings shows it as well.",
        "candidate": "The later half of its happenings does not show it yet.",
        "refuted": "The later half of its happenings speaks against it.",
    }[standing.state]
    return (
        f"Sets off {causes.branching_ratio[at]:.2g} of the effect each time, {_span(float(causes.lag[at]))} later (median); "
        f"about {max(round(float(causes.support[at])), 1):,} happenings, {causes.share[at]:.0%} of all{crossed}. "
        f"Chance alone would show as much with probability {causes.p_value[at]:.1g}. {later}"
    )


def _span(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def _moment(record: Record, seconds: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=record.origin_millis + round(seconds * 1000))


async def _samples(graph: Reader, record: Record, found: Found, which: range) -> dict[int, tuple[str, ...]]:
    """For each pair the crashes of its example occasions, cause before effect, without repeats."""
    occasions = [
        Occasion(at, pattern, int(place), moment)
        for at in which
        for occasion in found.causes.examples[at]
        for pattern, place, moment in zip(
            (int(found.causes.cause[at]), int(found.causes.effect[at])), occasion[::2], occasion[1::2], strict=True
        )
    ]
    return await samples_of(graph, record, occasions, which)


SPEC = JobSpec(
    name="causation",
    version="2026-11-21",
    help="Pairs of patterns of which one sets off the other, at the same site or at a linked one, with the lag between them.",
    schedule="every hour",
    params=CausationParams,
    reads=("Crash", "Pattern", "Signature", "HAS_SIGNATURE", "OF_PATTERN", "Site", "LINKED_TO", "NOT_CAUSED_BY"),
    writes=("CAUSES",),
    run=run,
    limitations=(
        "A cause here is what comes before, again and again, more than bursts, busy hours and all other patterns explain; what "
        "is never reported, such as an outage that sets off both, can still stand behind a pair. It never says that two "
        "patterns set off each other: of two directions that pass, the one with more evidence is kept. It says nothing of what "
        "follows later than the reach, of pairs below the least support, of crashes without a time, or without site and "
        "session, and nothing against a verdict. Of two crashes at one moment either may have been the first. `refuted` pairs "
        "stay as long as the whole record still shows them, so that people see what no longer holds. Each run looks at all "
        "crashes of the look-back again, since every pair is judged beside all others."
    ),
    after_ingest=True,
    at_most_every_seconds=1800.0,
)
