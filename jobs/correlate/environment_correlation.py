"""The job ``environment_correlation``: where a pattern is more frequent than other failures, as ``CORRELATES_WITH``.

The share of each version, site, operating system and other named fact of environments is compared between crashes of the
pattern and all other crashes of the same product. Repeats count once: one per site, or per user where a product has too few
sites. Sites and hosts themselves are compared by episodes of a week.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

from graph.algorithms.over_representation import (
    AttributeAudit,
    Over,
    OverRepresentationBounds,
    Overs,
    Table,
    audit_attributes,
    over_represented,
)
from graph.cypher import query
from graph.model.environment import ATTRIBUTES, attribute_key, version_id
from graph.ports import Reader, Row
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

PLACES = ("site", "host")
"""Compared by episodes, because other facts are counted by them."""
FACTS = ("version", *PLACES, *sorted(set(ATTRIBUTES) - set(PLACES)))
SITE, USER, EPISODE = "site", "user", "episode"
SAMPLES = 3
BATCH = 500
"""Pairs per query for sample crashes."""


@dataclass(frozen=True, slots=True)
class EnvironmentCorrelationParams:
    """Parameters of the job."""

    look_back_days: float = param(
        "How far back from the latest crash to look, in days; 0 for everything.", default=180.0, minimum=0, maximum=36_500
    )
    min_support: int = param("Minimum number of sites, users or episodes with both.", default=5, minimum=1)
    max_q: float = param("False discovery rate at which pairs are kept.", default=0.05, minimum=1e-12, maximum=1)
    min_lift: float = param("Minimum ratio of observed to expected occurrences of both.", default=1.5, minimum=0)
    min_sites: int = param("A product with fewer sites is compared by users, where they are known.", default=10, minimum=1)
    episode_days: int = param(
        "For sites and hosts themselves: crashes of a pattern within this many days are one episode.",
        default=7,
        minimum=1,
        maximum=366,
    )
    audit_rounds: int = param("Number of self-tests on randomly assigned attributes.", default=1, minimum=0, maximum=1000)
    seed: int = param("Seed of the assignment.", default=0, minimum=0)

    def bounds(self) -> OverRepresentationBounds:
        """Parameters of the algorithm."""
        return OverRepresentationBounds(self.min_support, self.max_q, self.min_lift)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A pattern in an environment, with the users and the days (since 1970) it occurred for and on."""

    pattern: str
    environment: Row
    users: list[str]
    days: list[int]


@dataclass(slots=True)
class AttributeComparison:
    """One fact of one product: subjects with their value and the patterns they had, by index."""

    product: str
    name: str
    counted: str
    patterns: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[object, str], int] = field(default_factory=dict)
    rows: list[tuple[int, int]] = field(default_factory=list)

    def add(self, subjects: Iterable[object], value: str, pattern: str) -> None:
        """Record that these subjects, which have the value, had the pattern."""
        self.values.setdefault(value, len(self.values))
        at = self.patterns.setdefault(pattern, len(self.patterns))
        self.rows += [(self.subjects.setdefault((one, value), len(self.subjects)), at) for one in subjects]

    def table(self) -> Table:
        """Input of the algorithm."""
        rows = np.array(self.rows, dtype=np.int64).reshape(-1, 2)
        value_of = np.fromiter((self.values[value] for _, value in self.subjects), dtype=np.int64, count=len(self.subjects))
        return Table(rows[:, 0], rows[:, 1], value_of, FACTS.index(self.name))


NamedPair: TypeAlias = tuple[AttributeComparison, str, str]
"""The comparison, the pattern and the value."""


async def run(work: Work[EnvironmentCorrelationParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Read, test and audit; yields the significant correlations."""
    sightings = await read_sightings(work.graph, work.params.look_back_days, work.ports.clock.now())
    comparisons, over, audited = await asyncio.to_thread(_compute, sightings, work.params)
    work.counts |= _counts(sightings, comparisons, over, audited)
    reported: set[tuple[str, str, str]] = set()
    for begin in range(0, len(over.pairs), BATCH):
        work.progress(begin, len(over.pairs), "looking up sample crashes")
        named = _named(comparisons, over.pairs, range(begin, min(begin + BATCH, len(over.pairs))))
        yield await _edges(work.graph, over.pairs, named, reported)


async def read_sightings(graph: Reader, look_back_days: float, now: datetime) -> list[Sighting]:
    """Every pattern in every environment of the look-back, with users and days."""
    latest = await graph.read(query("jobs/latest_crash"))
    until = max(now, latest[0]["latest"]) if latest else now
    newest: datetime = latest[0]["latest"] if latest else until
    since = newest - timedelta(days=look_back_days) if look_back_days else datetime.min.replace(tzinfo=UTC)
    [row] = await graph.read(query("jobs/environment_correlation/occasions", since=since, until=until))
    ids = sorted(set(row["environments"]))
    environments: dict[str, Row] = {}
    for begin in range(0, len(ids), 10_000):
        [facts] = await graph.read(query("jobs/environment_correlation/facts", ids=ids[begin : begin + 10_000]))
        environments |= {one["environment_id"]: one for one in facts["rows"]}
    columns = zip(row["patterns"], row["environments"], row["users"], row["days"], strict=True)
    return [
        Sighting(pattern, environments[id], users, days) for pattern, id, users, days in sorted(columns) if id in environments
    ]


def _compute(
    sightings: Sequence[Sighting], params: EnvironmentCorrelationParams
) -> tuple[list[AttributeComparison], Overs, AttributeAudit]:
    comparisons = comparisons_of(sightings, params.min_sites, params.episode_days)
    tables = [one.table() for one in comparisons]
    over = over_represented(tables, params.bounds())
    return comparisons, over, audit_attributes(tables, params.bounds(), rounds=params.audit_rounds, seed=params.seed)


def comparisons_of(sightings: Sequence[Sighting], min_sites: int, episode_days: int) -> list[AttributeComparison]:
    """Comparisons: for each product each fact with more than one value."""
    counted = _counted(sightings, min_sites)
    comparisons: dict[tuple[str, str], AttributeComparison] = {}
    days: defaultdict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for one in sightings:
        product = _product(one)
        for name in FACTS:
            value = one.environment.get(name)
            if value and name in PLACES:
                days[product, name, value, one.pattern].update(one.days)
            elif value and (subjects := _subjects(one, counted[product])):
                comparison = comparisons.setdefault((product, name), AttributeComparison(product, name, counted[product]))
                comparison.add(subjects, value, one.pattern)
    for (product, name, value, pattern), seen_on in days.items():
        comparison = comparisons.setdefault((product, name), AttributeComparison(product, name, EPISODE))
        comparison.add(((value, day) for day in episodes(seen_on, episode_days)), value, pattern)
    return [comparisons[key] for key in sorted(comparisons) if len(comparisons[key].values) > 1]


def episodes(days: Iterable[int], least_days: int) -> list[int]:
    """First days of episodes: the first day, and each day at least ``least_days`` after the last beginning."""
    begun: list[int] = []
    for day in sorted(days):
        if not begun or day >= begun[-1] + least_days:
            begun.append(day)
    return begun


def _counted(sightings: Sequence[Sighting], min_sites: int) -> dict[str, str]:
    """Subjects per product: sites where there are enough, else users where any is known."""
    sites: defaultdict[str, set[str]] = defaultdict(set)
    users: defaultdict[str, set[str]] = defaultdict(set)
    for one in sightings:
        sites[_product(one)] |= {one.environment["site"]} if one.environment.get("site") else set()
        users[_product(one)].update(one.users)
    return {
        product: SITE if len(sites[product]) >= min_sites or not users[product] else USER for product in sites.keys() | users
    }


def _subjects(one: Sighting, by: str) -> Sequence[object]:
    if by == SITE:
        return [one.environment["site"]] if one.environment.get("site") else []
    return one.users


def _product(one: Sighting) -> str:
    return str(one.environment.get("product") or "")


def _counts(
    sightings: Sequence[Sighting], comparisons: Sequence[AttributeComparison], over: Overs, audited: AttributeAudit
) -> dict[str, float]:
    return {
        "patterns": len({one.pattern for one in sightings}),
        "environments": len({one.environment["environment_id"] for one in sightings}),
        "attributes": len(comparisons),
        "values": sum(len(one.values) for one in comparisons),
        "pairs_seen": over.seen,
        "pairs_tested": over.tests,
        "pairs_kept": len(over.pairs),
        "audit_rounds": audited.rounds,
        "audit_pairs": audited.seen,
        "audit_false_pairs": audited.false_pairs,
        "audit_rate": audited.rate,
    }


async def _edges(
    graph: Reader, over: Over, named: Mapping[int, NamedPair], reported: set[tuple[str, str, str]]
) -> list[JobEdge]:
    """Edges of a batch. A correlation found in several products is reported once, with the strongest evidence."""
    pairs = [
        {"position": at, "pattern_id": pattern, "name": comparison.name, "value": value, "product": comparison.product}
        for at, (comparison, pattern, value) in named.items()
    ]
    [row] = await graph.read(query("jobs/environment_correlation/samples", pairs=pairs, limit=SAMPLES))
    samples = dict(zip(row["positions"], row["samples"], strict=True))
    edges = []
    for at, (comparison, pattern, value) in named.items():
        label, key = _end(comparison, value)
        if samples[at] and (pattern, label, key) not in reported:  # without samples, its crashes were removed since
            reported.add((pattern, label, key))
            edges.append(JobEdge("CORRELATES_WITH", pattern, key, _evidence(over, at, comparison, value, samples[at]), label))
    return edges


def _named(comparisons: Sequence[AttributeComparison], over: Over, which: range) -> dict[int, NamedPair]:
    """Comparison, pattern and value of each pair."""
    names = {at: (tuple(comparisons[at].patterns), tuple(comparisons[at].values)) for at in set(over.table[which].tolist())}
    named = {}
    for at in which:
        table = int(over.table[at])
        patterns, values = names[table]
        named[at] = (comparisons[table], patterns[int(over.pattern[at])], values[int(over.value[at])])
    return named


def _end(comparison: AttributeComparison, value: str) -> tuple[str, str]:
    if comparison.name == "version":
        return "Version", version_id(comparison.product, value)
    return ("Site", value) if comparison.name == "site" else ("Attribute", attribute_key(comparison.name, value))


def _evidence(pairs: Over, at: int, comparison: AttributeComparison, value: str, samples: Sequence[str]) -> dict[str, Any]:
    return {
        "score": float(pairs.score[at]),
        "support": int(pairs.both[at]),
        "p_value": float(pairs.p_value[at]),
        "q_value": float(pairs.q_value[at]),
        "sample_crash_ids": tuple(samples),
        "attribute": comparison.name,
        "value": value,
        "product": comparison.product,
        "counted": comparison.counted,
        "lift": float(pairs.lift[at]),
        "expected": float(pairs.expected[at]),
        "odds_ratio": float(pairs.odds_ratio[at]),
        "share": float(pairs.share[at]),
        "share_others": float(pairs.share_others[at]),
    }


SPEC = JobSpec(
    name="environment_correlation",
    version="2026-11-21",
    help="Versions, sites, systems and other facts that are over-represented where a pattern occurs.",
    schedule="20 * * * *",
    params=EnvironmentCorrelationParams,
    reads=(
        *("Crash", "Signature", "Pattern", "Environment", "Version", "Site", "Attribute"),
        *("HAS_SIGNATURE", "OF_PATTERN", "OCCURRED_IN"),
    ),
    writes=("CORRELATES_WITH",),
    run=run,
    limitations=(
        "Correlation is not causation: attributes that go together, such as the only release on the only system, are reported "
        "side by side. Products with a single value, correlations below `min_support` sites, users or episodes, repeats at one "
        "site, and facts that are not in the reports are left out."
    ),
)
