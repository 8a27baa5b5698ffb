"""Co-occurrence against slow, plain computations of the same definitions, and against known truth."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from graph.algorithms.chance import HOLLOW, REACH, expected_nearby, expected_overall, streams_of, tail
from graph.algorithms.co_occurrence import CoOccurrenceRules, audit, find_at_scales, find_pairs, possible_pairs
from graph.algorithms.coincidence import coincidences
from graph.algorithms.false_discovery import q_values
from graph.algorithms.streams import Events, Watch, onsets, shifted, watch_of

DAY = 86400.0
FEW = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 200)), max_size=60)


def events_of(rows: list[tuple[int, int, float]]) -> Events:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return Events(np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[2], float))


def rows_of(events: Events) -> list[tuple[int, int, float]]:
    return list(zip(events.pattern.tolist(), events.site.tolist(), events.seconds.tolist(), strict=True))


def seconds_of(rows: list[tuple[int, int, float]], pattern: int, site: int) -> list[float]:
    return [at for p, s, at in rows if (p, s) == (pattern, site)]


def noise(rng: np.random.Generator, patterns: int, sites: int, each: int, span: float) -> list[tuple[int, int, float]]:
    return [(p, s, t) for p in range(patterns) for s in range(sites) for t in rng.uniform(0, span, each).tolist()]


def slow_onsets(rows: list[tuple[int, int, float]], rest: float) -> list[tuple[int, int, float]]:
    last: dict[tuple[int, int], float] = {}
    kept = []
    for pattern, site, second in sorted(rows, key=lambda row: row[2]):
        if second - last.get((pattern, site), -math.inf) > rest:
            last[pattern, site] = second
            kept.append((pattern, site, second))
    return sorted(kept)


def slow_joint(rows: list[tuple[int, int, float]], window: float) -> dict[tuple[int, int], dict[int, int]]:
    joint: defaultdict[tuple[int, int], defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (p, s, t), (q, r, u) in combinations(rows, 2):
        if p != q and s == r and abs(t - u) <= window:
            joint[min(p, q), max(p, q)][s] += 1
    return {pair: dict(sites) for pair, sites in joint.items()}


@settings(max_examples=200, deadline=None)
@given(rows=FEW, rest=st.integers(1, 60))
def test_onsets_are_what_a_counter_with_dead_time_counts(rows: list[tuple[int, int, float]], rest: int) -> None:
    assert sorted(rows_of(onsets(events_of(rows), rest))) == slow_onsets(rows, rest)


@settings(max_examples=200, deadline=None)
@given(rows=FEW, window=st.integers(1, 60))
def test_coincidences_are_all_pairs_within_the_window(rows: list[tuple[int, int, float]], window: int) -> None:
    episodes = onsets(events_of(rows), 2 * window)
    together = coincidences(episodes, window, neighbours=1000)
    found: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for at, (p, q, site) in enumerate(zip(together.first, together.second, together.site, strict=True)):
        found[int(p), int(q)][int(site)] = int(together.count[at])
        a, b = int(together.first_at[at]), int(together.second_at[at])
        assert (episodes.pattern[a], episodes.pattern[b]) == (p, q)
        assert episodes.site[a] == episodes.site[b] == site
        assert abs(episodes.seconds[a] - episodes.seconds[b]) <= window
    assert found == slow_joint(rows_of(episodes), window)


@settings(max_examples=200, deadline=None)
@given(rows=FEW, window=st.integers(1, 60))
def test_an_occasion_is_never_counted_twice(rows: list[tuple[int, int, float]], window: int) -> None:
    episodes = onsets(events_of(rows), 2 * window)
    size: defaultdict[tuple[int, int], int] = defaultdict(int)
    for pattern, site, _ in rows_of(episodes):
        size[pattern, site] += 1
    together = coincidences(episodes, window, neighbours=1000)
    for p, q, s, n in zip(together.first, together.second, together.site, together.count, strict=True):
        assert n <= min(size[int(p), int(s)], size[int(q), int(s)])


def test_sites_in_many_chunks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    episodes = onsets(events_of(noise(np.random.default_rng(3), 6, 9, 30, 3000.0)), 20)
    whole = coincidences(episodes, 10, 1000)
    monkeypatch.setattr("graph.algorithms.coincidence.CHUNK", 50)
    parts = coincidences(episodes, 10, 1000)
    for name in ("first", "second", "site", "count"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_a_storm_costs_no_more_than_its_neighbours_and_is_reported() -> None:
    storm = events_of([(p, 0, p * 0.001) for p in range(300)])
    together = coincidences(onsets(storm, 2.0), 1.0, neighbours=10)
    assert int(together.count.sum()) <= 300 * 10
    assert together.cut_short == 290


def test_expectations_equal_a_plain_sum_over_sites_and_lags() -> None:
    rng = np.random.default_rng(7)
    window, rows = 10.0, noise(rng, 4, 3, 60, 20_000.0)
    episodes = onsets(events_of(rows), 2 * window)
    watch = watch_of(episodes, 200 * window)
    streams = streams_of(episodes, watch, window)
    pairs = np.array(list(combinations(range(4), 2)))
    overall = expected_overall(streams, pairs[:, 0], pairs[:, 1])
    mean, variance = expected_nearby(streams, pairs[:, 0], pairs[:, 1], window)
    times = defaultdict(list)
    for pattern, site, second in rows_of(episodes):
        times[pattern, site].append(second)
    lags = [lag for lag in range(-REACH, REACH + 1) if abs(lag) > HOLLOW]
    for at, (p, q) in enumerate(pairs.tolist()):
        assert overall[at] == pytest.approx(
            sum(len(times[p, s]) * len(times[q, s]) * 2 * window / watch.length[s] for s in range(3))
        )
        counts = [
            sum(
                (2 * lag - 1) * window < b - a <= (2 * lag + 1) * window
                for s in range(3)
                for a, b in product(times[p, s], times[q, s])
            )
            for lag in lags
        ]
        line = stats.linregress(np.abs(lags), counts)
        around = counts - (line.intercept + line.slope * np.abs(lags))
        assert mean[at] == pytest.approx(max(np.mean(counts), line.intercept))
        assert variance[at] == pytest.approx((around**2).sum() / (len(lags) - 2) + line.intercept_stderr**2)


def test_the_tail_is_poisson_and_with_more_spread_negative_binomial() -> None:
    rng = np.random.default_rng(1)
    count, mean = np.array([5, 12, 8]), np.array([1.0, 4.0, 3.0])
    assert tail(count, mean, mean) == pytest.approx(stats.poisson.sf(count - 1, mean))
    spread = tail(count, mean, 3 * mean)
    drawn = rng.poisson(rng.gamma(mean / 2, 2, size=(400_000, 3)))
    assert spread == pytest.approx((drawn >= count).mean(axis=0), rel=0.05)


def test_q_values_equal_scipy_where_all_tests_are_listed() -> None:
    p = np.random.default_rng(0).uniform(size=50) ** 3
    assert q_values(p, 50) == pytest.approx(stats.false_discovery_control(p))


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(0, 50))
def test_tests_that_are_not_listed_count_as_one(listed: list[float], more: int) -> None:
    p = np.array(listed)
    padded = stats.false_discovery_control(np.append(p, np.ones(more)))[: len(p)] if len(p) + more else p
    assert q_values(p, len(p) + more) == pytest.approx(padded)


def test_more_p_values_than_tests_are_refused() -> None:
    with pytest.raises(ValueError, match="3 p-values cannot come from 2 tests"):
        q_values(np.array([0.1, 0.2, 0.3]), 2)


@settings(max_examples=100, deadline=None)
@given(rows=FEW, least=st.integers(1, 8))
def test_no_pair_with_the_support_is_missing_from_the_number_of_tests(rows: list[tuple[int, int, float]], least: int) -> None:
    episodes = onsets(events_of(rows), 20)
    joint = slow_joint(rows_of(episodes), 10)
    assert possible_pairs(episodes, least) >= sum(sum(sites.values()) >= least for sites in joint.values())


@settings(max_examples=100, deadline=None)
@given(rows=FEW, seed=st.integers(0, 9))
def test_a_shift_keeps_every_streams_own_rhythm(rows: list[tuple[int, int, float]], seed: int) -> None:
    events = events_of(rows)
    watch = Watch(np.zeros(events.sites), np.full(events.sites, 201.0))
    moved = shifted(events, watch, seed)
    for stream in set(zip(events.pattern.tolist(), events.site.tolist(), strict=True)):
        mine = (events.pattern == stream[0]) & (events.site == stream[1])
        before, after = np.sort(events.seconds[mine]), np.sort(moved.seconds[mine])
        gaps = lambda t: np.sort(np.append(np.diff(t), t[0] + 201.0 - t[-1]))  # noqa: E731
        assert gaps(after) == pytest.approx(gaps(before), abs=1e-6)


def test_the_pair_that_goes_together_is_found_with_its_figures() -> None:
    rng = np.random.default_rng(5)
    rows = noise(rng, 8, 5, 30, 30 * DAY)
    rows += [(8, s, t + rng.uniform(-60, 60)) for p, s, t in rows if p == 2 and t > 100][::3]
    found = find_pairs(events_of(rows), CoOccurrenceRules())
    assert list(zip(found.pairs.first, found.pairs.second, strict=True)) == [(2, 8)]
    assert found.pairs.joint[0] >= 45
    assert found.pairs.sites[0] == 5
    assert found.pairs.score[0] > 0.9
    assert found.pairs.lift[0] == pytest.approx(found.pairs.joint[0] / found.pairs.expected[0])
    for site, first, second in found.pairs.examples[0]:
        assert any(at == pytest.approx(first) for at in seconds_of(rows, 2, site))
        assert any(at == pytest.approx(second) for at in seconds_of(rows, 8, site))


def test_the_order_of_events_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    rows = noise(rng, 4, 3, 40, 5 * DAY)
    rows += [(4, s, t + 5) for p, s, t in rows if p == 0]
    events = events_of(rows)
    one, other = (find_pairs(e, CoOccurrenceRules()).pairs for e in (events, events.take(rng.permutation(len(events)))))
    assert len(one) == 1
    assert (one.joint[0], one.p_value[0]) == (other.joint[0], other.p_value[0])


def bursty(rng: np.random.Generator, patterns: int, sites: int) -> list[tuple[int, int, float]]:
    """Streams of bursts: few starts, each followed by many repeats over an hour."""
    return [
        (p, s, start + gap)
        for p in range(patterns)
        for s in range(sites)
        for start in rng.uniform(0, 20 * DAY, 12)
        for gap in np.cumsum(rng.exponential(400.0, rng.geometric(0.08)))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_unrelated_bursts_are_not_reported(seed: int) -> None:
    found = find_pairs(events_of(bursty(np.random.default_rng(seed), 15, 8)), CoOccurrenceRules())
    assert found.seen > 90
    assert len(found.pairs) == 0


@pytest.mark.parametrize("seed", range(5))
def test_failures_in_office_hours_do_not_co_occur(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        (p, s, day * DAY + rng.uniform(8, 16) * 3600)
        for p in range(12)
        for s in range(6)
        for day in range(60)
        if day % 7 < 5
        for _ in range(rng.poisson(4))
    ]
    events = events_of(rows)
    streams = streams_of(onsets(events, 240), watch_of(events, 24_000), 120)
    a, b = np.array([0]), np.array([1])
    nearby, _ = expected_nearby(streams, a, b, 120)
    assert nearby[0] > 2 * expected_overall(streams, a, b)[0]
    assert len(find_pairs(events, CoOccurrenceRules()).pairs) == 0


def test_the_audit_counts_what_shifted_streams_still_report() -> None:
    rng = np.random.default_rng(9)
    rows = noise(rng, 10, 4, 60, 10 * DAY)
    rows += [(10, s, t + 20) for p, s, t in rows if p == 3]
    events = events_of(rows)
    audited = audit(events, CoOccurrenceRules(), rounds=3, seed=1)
    assert len(find_pairs(events, CoOccurrenceRules()).pairs) == 1
    assert (audited.rounds, audited.false_pairs, audited.rate) == (3, 0, 0.0)
    assert audited.seen > 0
    # The audit counts the false pairs of rules that require nothing but a lift above 1.
    careless = audit(events, CoOccurrenceRules(min_support=1, max_q=1.0, min_lift=1.0), rounds=1)
    assert careless.rate > 0.1


@pytest.mark.parametrize("rows", [[], [(0, 0, 1.0)], [(0, 0, 1.0)] * 5, [(0, 0, 1.0), (1, 0, 1.0)], [(0, 0, 1.0), (1, 3, 9.0)]])
def test_little_or_no_data_is_no_failure(rows: list[tuple[int, int, float]]) -> None:
    assert len(find_pairs(events_of(rows), CoOccurrenceRules()).pairs) == 0
    assert audit(events_of(rows), CoOccurrenceRules()).false_pairs == 0


def test_a_site_with_one_incident_counts() -> None:
    rows = [(0, s, 10.0) for s in range(8)] + [(1, s, 40.0) for s in range(8)] + [(2, 0, 300 * DAY)]
    found = find_pairs(events_of(rows), CoOccurrenceRules())
    assert list(zip(found.pairs.first, found.pairs.second, strict=True)) == [(0, 1)]
    assert found.pairs.score[0] > 0.9


@pytest.mark.parametrize(
    "rules",
    [{"window": 0.0}, {"window": math.nan}, {"min_support": 0}, {"max_q": 0.0}, {"max_q": 1.5}, {"neighbours": 0}],
)
def test_rules_out_of_range_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        CoOccurrenceRules(**rules)


def test_columns_that_do_not_fit_are_refused() -> None:
    one, two = np.array([0]), np.array([0, 1])
    with pytest.raises(ValueError, match="same length"):
        Events(one, two, np.array([1.0]))
    with pytest.raises(ValueError, match="negative"):
        Events(np.array([-1]), one, np.array([1.0]))
    with pytest.raises(ValueError, match="finite"):
        Events(one, one, np.array([np.nan]))


def test_two_windows_find_fast_and_slow_pairs_once_each() -> None:
    """Patterns 0 and 1 come 10 s apart, 2 and 3 come 20 minutes apart; 4 is independent."""
    chance = np.random.default_rng(5)
    at = np.sort(chance.uniform(0, 3_000_000, 60))
    slow = np.sort(chance.uniform(0, 3_000_000, 60))
    streams = [at, at + 10, slow, slow + 1_200, chance.uniform(0, 3_000_000, 60)]
    events = Events(np.repeat(np.arange(5), 60), np.zeros(300, dtype=np.int64), np.concatenate(streams).astype(np.float64))
    found = find_at_scales(events, CoOccurrenceRules(), [120.0, 1_800.0]).pairs
    pairs = {(int(a), int(b)): float(w) for a, b, w in zip(found.first, found.second, found.window, strict=True)}
    assert pairs == {(0, 1): 120.0, (2, 3): 1_800.0}
    assert (found.q_value <= CoOccurrenceRules().max_q).all()
    assert len(found.examples) == len(found)
