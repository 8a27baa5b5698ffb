"""The job ``co_occurrence``: which patterns happen together, as ``CO_OCCURS_WITH``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import numpy as np

from graph.algorithms.co_occurrence import Audit, Found, Rules, audit, find_at_scales
from graph.algorithms.streams import Events, Indices
from graph.cypher import query
from graph.ports import Reader
from jobs.params import param
from jobs.spec import Edge, JobSpec, Work

SAMPLES = 3
"""Occasions shown for each pair, of two crashes each."""
BATCH = 500
"""Pairs whose sample crashes are looked up at once."""


@dataclass(frozen=True, slots=True)
class CoOccurrenceParams:
    """Parameters of the job."""

    window_seconds: float = param(
        "Two patterns are together when they begin at most this many seconds apart at one site.",
        default=120.0,
        minimum=0.001,
        maximum=86_400,
    )
    wide_window_seconds: float = param(
        "A second, wider window, for what follows more slowly; 0 for none. Both share the false discovery rate.",
        default=1800.0,
        minimum=0,
        maximum=86_400,
    )
    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=365.0, minimum=0, maximum=36_500
    )
    min_support: int = param("Least number of joint occasions of a pair.", default=5, minimum=1)
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.05, minimum=1e-12, maximum=1)
    min_lift: float = param("Least ratio of joint occasions to those expected by chance.", default=1.5, minimum=0)
    audit_rounds: int = param("Times the job tests itself on randomly shifted streams.", default=1, minimum=0, maximum=1000)
    seed: int = param("Seed of those shifts.", default=0, minimum=0)

    def rules(self) -> Rules:
        """As the algorithm takes them."""
        return Rules(self.window_seconds, self.min_support, self.max_q, self.min_lift)

    def windows(self) -> list[float]:
        """The windows to look in, each once."""
        return sorted({self.window_seconds, self.wide_window_seconds or self.window_seconds})


@dataclass(frozen=True, slots=True)
class Record:
    """What the graph told: events, and what their indices stand for. Patterns and places are sorted."""

    events: Events
    """``seconds`` count from ``origin_millis``."""
    patterns: tuple[str, ...]
    places: tuple[str, ...]
    origin_millis: int


async def run(work: Work[CoOccurrenceParams]) -> AsyncIterator[Sequence[Edge]]:
    """Read, test, audit, and yield the pairs that passed."""
    work.progress(0, 0, "reading crashes")
    record = await read_record(work.graph, work.params.look_back_days)
    work.progress(0, 0, f"testing pairs of {len(record.patterns):,} patterns")
    found, audited = await asyncio.to_thread(_compute, record.events, work.params)
    work.counts |= await _left_out(work.graph) | _counts(record, found, audited)
    for begin in range(0, len(found.pairs), BATCH):
        work.progress(begin, len(found.pairs), "looking up sample crashes")
        yield await _edges(work, record, found, range(begin, min(begin + BATCH, len(found.pairs))))


async def read_record(graph: Reader, look_back_days: float) -> Record:
    """The matched crashes of the look-back as event columns; empty where there are none."""
    latest = await graph.read(query("jobs/latest_crash"))
    if not latest:
        return Record(_no_events(), (), (), 0)
    until: datetime = latest[0]["latest"]
    since = until - timedelta(days=look_back_days) if look_back_days else datetime.min.replace(tzinfo=until.tzinfo)
    [row] = await graph.read(query("jobs/co_occurrence/events", since=since, until=until))
    return await asyncio.to_thread(_record, row["patterns"], row["places"], row["times"])


def _record(patterns: list[str], places: list[list[str]], times: list[list[int]]) -> Record:
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
    return Record(events, tuple(names), tuple(sites), origin)


def _compute(events: Events, params: CoOccurrenceParams) -> tuple[Found, Audit]:
    rules, windows = params.rules(), params.windows()
    found = find_at_scales(events, rules, windows, examples=SAMPLES)
    return found, audit(events, rules, windows, rounds=params.audit_rounds, seed=params.seed)


async def _left_out(graph: Reader) -> dict[str, float]:
    [row] = await graph.read(query("jobs/co_occurrence/left_out"))
    return {"crashes_without_time": row["without_time"], "crashes_without_place": row["without_place"]}


def _counts(record: Record, found: Found, audited: Audit) -> dict[str, float]:
    return {
        "events": len(record.events),
        "patterns": len(record.patterns),
        "places": len(record.places),
        "episodes": found.episodes,
        "pairs_seen": found.seen,
        "pairs_tested": found.tests,
        "pairs_kept": len(found.pairs),
        "storm_onsets": found.cut_short,
        "audit_rounds": audited.rounds,
        "audit_pairs": audited.seen,
        "audit_false_pairs": audited.false_pairs,
        "audit_rate": audited.rate,
    }


async def _edges(work: Work[CoOccurrenceParams], record: Record, found: Found, which: range) -> list[Edge]:
    pairs = found.pairs
    samples = await _samples(work.graph, record, found, which)
    return [
        Edge(
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
        if samples[at]  # the crashes are gone since the events were read: nothing left to show for it
    ]


async def _samples(graph: Reader, record: Record, found: Found, which: range) -> dict[int, tuple[str, ...]]:
    """For each pair the crashes of its example occasions, without repeats."""
    occasions = [
        Occasion(at, pattern, site, moment)
        for at in which
        for site, *seconds in found.pairs.examples[at]
        for pattern, moment in zip((int(found.pairs.first[at]), int(found.pairs.second[at])), seconds, strict=True)
    ]
    return await samples_of(graph, record, occasions, which)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A pattern (its number) that happened at a place (its number), for the pair ``owner``; seconds since the record began."""

    owner: int
    pattern: int
    place: int
    seconds: float


async def samples_of(graph: Reader, record: Record, occasions: Sequence[Occasion], which: range) -> dict[int, tuple[str, ...]]:
    """For each pair the crashes of its occasions in their order, without repeats."""
    asked = [
        {
            "position": position,
            "pattern_id": record.patterns[one.pattern],
            "place": record.places[one.place],
            "millis": record.origin_millis + round(one.seconds * 1000),
        }
        for position, one in enumerate(occasions)
    ]
    [row] = await graph.read(query("jobs/co_occurrence/samples", occasions=asked))
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
    help="Pairs of patterns that happen at the same sites at the same times more often than chance.",
    schedule="every 15 minutes",
    params=CoOccurrenceParams,
    reads=("Crash", "Signature", "Pattern", "HAS_SIGNATURE", "OF_PATTERN"),
    writes=("CO_OCCURS_WITH",),
    run=run,
    limitations=(
        "It says nothing of crashes without a time, or without site and session, and nothing of pairs below the least support. "
        "Being together is no cause and has no direction. Where something else drives both, such as an outage, they are "
        "together all the same. Each run looks at all crashes of the look-back again: one new crash changes the false "
        "discovery rate of every pair, so there is no part that could be kept."
    ),
    after_ingest=True,
)
