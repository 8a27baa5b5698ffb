"""The job ``co_occurrence``: which patterns happen together, as ``CO_OCCURS_WITH``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import numpy as np

from graph.algorithms.co_occurrence import Audit, CoOccurrenceResult, CoOccurrenceRules, audit, find_at_scales
from graph.algorithms.streams import Events, Indices
from graph.cypher import query
from graph.ports import Reader
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

SAMPLES = 3
"""Example occasions per pair, of two crashes each."""
BATCH = 500
"""Pairs per query for sample crashes."""


@dataclass(frozen=True, slots=True)
class CoOccurrenceParams:
    """Parameters of the job."""

    window_seconds: float = param(
        "Two patterns co-occur when they begin at most this many seconds apart at one site.",
        default=120.0,
        minimum=0.001,
        maximum=86_400,
    )
    wide_window_seconds: float = param(
        "A second, wider window for slower effects; 0 for none. Both share the false discovery rate.",
        default=1800.0,
        minimum=0,
        maximum=86_400,
    )
    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=365.0, minimum=0, maximum=36_500
    )
    min_support: int = param("Minimum number of joint occasions of a pair.", default=5, minimum=1)
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.05, minimum=1e-12, maximum=1)
    min_lift: float = param("Minimum ratio of joint occasions to those expected by chance.", default=1.5, minimum=0)
    audit_rounds: int = param("Number of self-tests on randomly shifted streams.", default=1, minimum=0, maximum=1000)
    seed: int = param("Seed of the shifts.", default=0, minimum=0)

    def rules(self) -> CoOccurrenceRules:
        """Parameters of the algorithm."""
        return CoOccurrenceRules(self.window_seconds, self.min_support, self.max_q, self.min_lift)

    def windows(self) -> list[float]:
        """The distinct windows, in seconds."""
        return sorted({self.window_seconds, self.wide_window_seconds or self.window_seconds})


@dataclass(frozen=True, slots=True)
class CrashEvents:
    """Events by index, and the patterns and places that the indices denote, sorted."""

    events: Events
    """``seconds`` count from ``origin_millis``."""
    patterns: tuple[str, ...]
    places: tuple[str, ...]
    origin_millis: int


async def run(work: Work[CoOccurrenceParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Read, test and audit; yields the significant pairs."""
    work.progress(0, 0, "reading crashes")
    record = await read_events(work.graph, work.params.look_back_days)
    work.progress(0, 0, f"testing pairs of {len(record.patterns):,} patterns")
    result, audited = await asyncio.to_thread(_compute, record.events, work.params)
    work.counts |= await _left_out(work.graph) | _counts(record, result, audited)
    for begin in range(0, len(result.pairs), BATCH):
        work.progress(begin, len(result.pairs), "looking up sample crashes")
        yield await _edges(work, record, result, range(begin, min(begin + BATCH, len(result.pairs))))


async def read_events(graph: Reader, look_back_days: float) -> CrashEvents:
    """Matched crashes of the look-back as event columns."""
    latest = await graph.read(query("jobs/latest_crash"))
    if not latest:
        return CrashEvents(_no_events(), (), (), 0)
    until: datetime = latest[0]["latest"]
    since = until - timedelta(days=look_back_days) if look_back_days else datetime.min.replace(tzinfo=until.tzinfo)
    [row] = await graph.read(query("jobs/co_occurrence/events", since=since, until=until))
    return await asyncio.to_thread(_events_of, row["patterns"], row["places"], row["times"])


def _events_of(patterns: list[str], places: list[list[str]], times: list[list[int]]) -> CrashEvents:
    names = sorted(set(patterns))
    sites = sorted(set(chain.from_iterable(places)))
    sizes = [len(column) for column in times]
    millis = np.fromiter(chain.from_iterable(times), dtype=np.int64, count=sum(sizes))
    origin = int(millis.min()) if len(millis) else 0
    events = Events(
        np.repeat(_index(patterns, names, len(patterns)), sizes),
        _index(chain.from_iterable(places), sites, len(millis)),
        (millis - origin) / 1000.0,
    )
    return CrashEvents(events, tuple(names), tuple(sites), origin)


def _compute(events: Events, params: CoOccurrenceParams) -> tuple[CoOccurrenceResult, Audit]:
    rules, windows = params.rules(), params.windows()
    result = find_at_scales(events, rules, windows, examples=SAMPLES)
    return result, audit(events, rules, windows, rounds=params.audit_rounds, seed=params.seed)


async def _left_out(graph: Reader) -> dict[str, float]:
    [row] = await graph.read(query("jobs/co_occurrence/left_out"))
    return {"crashes_without_time": row["without_time"], "crashes_without_place": row["without_place"]}


def _counts(record: CrashEvents, result: CoOccurrenceResult, audited: Audit) -> dict[str, float]:
    return {
        "events": len(record.events),
        "patterns": len(record.patterns),
        "places": len(record.places),
        "episodes": result.episodes,
        "pairs_seen": result.seen,
        "pairs_tested": result.tests,
        "pairs_kept": len(result.pairs),
        "storm_onsets": result.cut_short,
        "audit_rounds": audited.rounds,
        "audit_pairs": audited.seen,
        "audit_false_pairs": audited.false_pairs,
        "audit_rate": audited.rate,
    }


async def _edges(
    work: Work[CoOccurrenceParams], record: CrashEvents, result: CoOccurrenceResult, which: range
) -> list[JobEdge]:
    pairs = result.pairs
    samples = await _samples(work.graph, record, result, which)
    return [
        JobEdge(
            "CO_OCCURS_WITH",
            record.patterns[int(pairs.first[at])],
            record.patterns[int(pairs.second[at])],
            {
                "score": float(pairs.score[at]),
                "support": int(pairs.joint[at]),
                "p_value": float(pairs.p_value[at]),
                "q_value": float(pairs.q_value[at]),
                "sample_crash_ids": samples[at],
                "lift": float(pairs.lift[at]),
                "expected": float(pairs.expected[at]),
                "window_seconds": float(pairs.window[at]),
                "sites": int(pairs.sites[at]),
            },
        )
        for at in which
        if samples[at]  # its crashes were removed since the events were read
    ]


async def _samples(graph: Reader, record: CrashEvents, result: CoOccurrenceResult, which: range) -> dict[int, tuple[str, ...]]:
    """Crashes of the example occasions of each pair, without repeats."""
    occasions = [
        Occasion(at, pattern, site, moment)
        for at in which
        for site, *seconds in result.pairs.examples[at]
        for pattern, moment in zip((int(result.pairs.first[at]), int(result.pairs.second[at])), seconds, strict=True)
    ]
    return await samples_of(graph, record, occasions, which)


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occurrence of a pattern at a place, by index, as an example of pair ``owner``; ``seconds`` since the first event."""

    owner: int
    pattern: int
    place: int
    seconds: float


async def samples_of(
    graph: Reader, record: CrashEvents, occasions: Sequence[Occasion], which: range
) -> dict[int, tuple[str, ...]]:
    """Crashes of the occasions of each pair in ``which``, in order, without repeats."""
    rows = [
        {
            "position": position,
            "pattern_id": record.patterns[one.pattern],
            "place": record.places[one.place],
            "millis": record.origin_millis + round(one.seconds * 1000),
        }
        for position, one in enumerate(occasions)
    ]
    [row] = await graph.read(query("jobs/co_occurrence/samples", occasions=rows))
    samples: dict[int, dict[str, None]] = {at: {} for at in which}
    for position, crash_id in sorted(zip(row["positions"], row["crash_ids"], strict=True)):
        samples[occasions[position].owner][crash_id] = None
    return {at: tuple(ids) for at, ids in samples.items()}


def _index(values: Iterable[str], names: Sequence[str], count: int) -> Indices:
    position = {name: at for at, name in enumerate(names)}
    return np.fromiter((position[value] for value in values), dtype=np.int64, count=count)


def _no_events() -> Events:
    return Events(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


SPEC = JobSpec(
    name="co_occurrence",
    version="2026-11-21",
    help="Pairs of patterns that occur at the same sites at the same times more often than by chance.",
    schedule="every 15 minutes",
    params=CoOccurrenceParams,
    reads=("Crash", "Signature", "Pattern", "HAS_SIGNATURE", "OF_PATTERN"),
    writes=("CO_OCCURS_WITH",),
    run=run,
    limitations=(
        "Crashes without a time, or with neither site nor session, are left out, and so are pairs below the least support. "
        "Co-occurrence is not causation and has no direction: a common driver, such as an outage, makes two patterns co-occur "
        "as well. Each run reads all crashes of the look-back again, because one new crash changes the false discovery rate of "
        "every pair."
    ),
    after_ingest=True,
)
