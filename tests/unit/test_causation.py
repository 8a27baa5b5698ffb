"""Planted causes are found with lag and direction; independent streams yield none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_array

from graph.algorithms.causation.antecedents import LINKED, OWN, SiteLinks, antecedents, links_of
from graph.algorithms.causation.decide import CausationResult, CausationRules, find_causes
from graph.algorithms.causation.episodes import places, stretches
from graph.algorithms.causation.hawkes import Effect, Kernel, Prior, fit
from graph.algorithms.causation.standing import standing
from graph.algorithms.false_discovery import adaptive_q_values
from graph.algorithms.streams import Events, shifted, watch_of

DAY = 86_400.0
RULES = CausationRules(shifts=8)
NO_LINKS = links_of(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), 20)


def chain(seed: int, *, sites: int = 8, days: float = 30.0) -> list[tuple[int, int, float]]:
    """Patterns 0 → 1 → 2 (30 s, then 60 s, half of the time each), 3 in bursts and 4 alone, as (pattern, site, seconds)."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float]] = []
    for site in range(sites):
        for start in rng.uniform(0, days * DAY, 40):
            rows.append((0, site, start))
            if rng.random() < 0.5:
                middle = start + rng.exponential(30.0)
                rows.append((1, site, middle))
                if rng.random() < 0.5:
                    rows.append((2, site, middle + rng.exponential(60.0)))
        rows += [(1 + n % 2, site, second) for n, second in enumerate(rng.uniform(0, days * DAY, 30))]
        for start in rng.uniform(0, days * DAY, 6):
            rows += [(3, site, start + later) for later in rng.exponential(300.0, 12)]
        rows += [(4, site, second) for second in rng.uniform(0, days * DAY, 40)]
    return rows


def events_of(rows: list[tuple[int, int, float]]) -> Events:
    pattern, site, seconds = zip(*rows, strict=True)
    return Events(np.array(pattern), np.array(site), np.array(seconds))


def pairs(found: CausationResult) -> dict[tuple[int, int], int]:
    return {
        (cause, effect): at
        for at, (cause, effect) in enumerate(zip(found.causes.cause.tolist(), found.causes.effect.tolist(), strict=True))
    }


def ring(sites: int) -> SiteLinks:
    return links_of(np.arange(sites), (np.arange(sites) + 1) % sites, sites)


def test_a_chain_is_found_without_its_short_cut() -> None:
    found = find_causes(events_of(chain(1)), NO_LINKS, RULES)
    at = pairs(found)
    assert set(at) == {(0, 1), (1, 2)}
    causes = found.causes
    assert causes.branching_ratio[at[0, 1]] == pytest.approx(0.5, abs=0.1)
    assert 10 < causes.lag[at[0, 1]] < 35
    assert 25 < causes.lag[at[1, 2]] < 70
    assert causes.share[at[0, 1]] == pytest.approx(160 / 280, abs=0.1)
    assert (causes.q_value <= RULES.max_q).all()
    assert {standing.state for standing in causes.standing} == {"supported"}


def test_children_of_one_cause_do_not_cause_each_other() -> None:
    rng = np.random.default_rng(2)
    rows = [(0, n % 5, second) for n, second in enumerate(rng.uniform(0, 30 * DAY, 400))]
    for effect, lag in ((1, 10.0), (2, 40.0)):
        rows += [(effect, site, second + rng.exponential(lag)) for _, site, second in rows[:400] if rng.random() < 0.5]
    assert set(pairs(find_causes(events_of(rows), NO_LINKS, RULES))) == {(0, 1), (0, 2)}


def test_causes_cross_to_linked_sites_only() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (0, int(site), float(second))
        for site, second in zip(rng.integers(0, 10, 300), rng.uniform(0, 30 * DAY, 300), strict=True)
    ]
    rows += [(1, (site + 1) % 10, second + rng.exponential(20.0)) for _, site, second in rows if rng.random() < 0.5]
    rows += [(1, int(rng.integers(10)), float(second)) for second in rng.uniform(0, 30 * DAY, 100)]
    events = events_of(rows)
    found = find_causes(events, ring(10), RULES)
    assert set(pairs(found)) == {(0, 1)}
    assert found.causes.linked_share[0] > 0.95
    assert len(find_causes(events, NO_LINKS, RULES).causes) == 0


def test_shifted_streams_cause_nothing() -> None:
    events = events_of(chain(4))
    watch = watch_of(events, DAY)
    found = [len(find_causes(shifted(events, watch, seed), ring(8), RULES).causes) for seed in range(10)]
    assert sum(found) <= 1


def storms(seed: int) -> Events:
    """Two patterns that fail often in the same busy periods, in no order."""
    rng = np.random.default_rng(seed)
    rows = [
        (pattern, site, float(start + rng.uniform(0, 5 * 3600)))
        for site in range(6)
        for start in rng.uniform(0, 60 * DAY, 10)
        for pattern in (0, 1)
        for _ in range(12)
    ]
    return events_of(rows)


def test_shared_bad_hours_are_seldom_taken_for_causes() -> None:
    guarded = [len(find_causes(storms(seed), NO_LINKS, RULES).causes) for seed in range(10)]
    unguarded = [len(find_causes(storms(seed), NO_LINKS, replace(RULES, max_order_q=1.0)).causes) for seed in range(10)]
    assert sum(unguarded) == 10
    assert sum(guarded) <= 4


def locked(seed: int, *, sites: int) -> Events:
    """Two alarms stuck for days at ``sites`` sites, both repeating every five minutes, the second two seconds later."""
    rng = np.random.default_rng(seed)
    rows = [(2, site, float(second)) for site in range(8) for second in rng.uniform(0, 20 * DAY, 30)]
    for site in range(sites):
        start = rng.uniform(0, 10 * DAY)
        rows += [(pattern, site, float(start + turn * 300.0 + 2.0 * pattern)) for turn in range(1500) for pattern in (0, 1)]
    return events_of(rows)


def test_alarms_that_repeat_in_step_at_two_sites_are_two_observations() -> None:
    assert len(find_causes(locked(1, sites=2), NO_LINKS, RULES).causes) == 0


def test_a_short_burst_of_each_keeps_the_cause() -> None:
    rng = np.random.default_rng(5)
    rows = []
    for n, start in enumerate(rng.uniform(0, 60 * DAY, 200)):
        rows += [(0, n % 6, float(start + later)) for later in np.sort(rng.exponential(60.0, 3))]
        if n % 2:
            rows += [(1, n % 6, float(start + 200.0 + later)) for later in np.sort(rng.exponential(60.0, 3))]
    assert set(pairs(find_causes(events_of(rows), NO_LINKS, RULES))) == {(0, 1)}


def test_a_hidden_driver_gives_neither_order() -> None:
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(6):
        rows = [
            (pattern, n % 8, float(start + rng.exponential(40.0)))
            for n, start in enumerate(rng.uniform(0, 60 * DAY, 200))
            for pattern in (0, 1)
        ]
        found += len(find_causes(events_of(rows), NO_LINKS, RULES).causes)
    assert found <= 2


def test_places_count_within_an_episode_and_stretches_are_cut_by_silence_and_after_a_day() -> None:
    ordered = events_of([(0, 0, 0.0), (0, 0, 50.0), (0, 0, 140.0), (0, 0, 300.0), (0, 1, 310.0), (1, 0, 320.0)])
    assert places(ordered, 100.0).tolist() == [1, 2, 3, 1, 1, 1]
    assert stretches(ordered, 100.0).tolist() == [0, 0, 0, 1, 2, 1]
    steady = Events(np.zeros(50, dtype=np.int64), np.zeros(50, dtype=np.int64), np.arange(50, dtype=np.float64) * 3600.0)
    assert np.bincount(stretches(steady, 7200.0)).tolist() == [24, 24, 2]
    nothing = Events(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
    assert len(places(nothing, 1.0)) == len(stretches(nothing, 1.0)) == 0


def test_few_large_p_values_leave_room_for_all() -> None:
    """The estimate of Storey et al.: (1 + values above .5) / half their number, times Benjamini-Hochberg."""
    assert adaptive_q_values(np.array([0.001, 0.01, 0.02, 0.9])).tolist() == pytest.approx([0.004, 0.02, 0.08 / 3, 0.9])
    assert adaptive_q_values(np.array([0.03])).tolist() == pytest.approx([0.06])
    mostly_true = np.concatenate([np.full(99, 1e-6), [0.4]])
    assert adaptive_q_values(mostly_true)[-1] == pytest.approx(0.4 / 50)
    assert len(adaptive_q_values(np.empty(0))) == 0


def test_a_verdict_is_obeyed_and_takes_nothing_from_others() -> None:
    events = events_of(chain(1))
    found = find_causes(events, NO_LINKS, RULES, vetoed=[(0, 1)])
    assert (0, 1) not in pairs(found)
    assert (1, 2) in pairs(found)


def test_a_stopped_cause_is_refuted_and_a_new_one_is_a_candidate() -> None:
    rng = np.random.default_rng(6)
    first = np.sort(rng.uniform(0, 100 * DAY, 400))
    ended = first[:200:2] + 20.0
    lately = first[330::2] + 20.0
    for effect, state in ((ended, "refuted"), (first[::2] + 20.0, "supported")):
        rows = [(0, 0, float(second)) for second in first] + [(1, 0, float(second)) for second in effect]
        [verdict] = find_causes(events_of(rows), NO_LINKS, RULES).causes.standing
        assert verdict.state == state
        if state == "refuted":
            assert verdict.since == pytest.approx(effect[-1], abs=3600)
            assert verdict.late < 0 < verdict.early
    assert standing(first, 0.5, ended, np.full(len(ended), 0.99)).state == "refuted"
    assert standing(first, 0.5, first[:20] + 1.0, np.full(20, 0.999)).state == "refuted"
    assert standing(first, 0.01, first[:20] + 1.0, np.full(20, 0.2)).state == "candidate"
    assert standing(first, 0.05, lately, np.full(len(lately), 0.99)).state == "supported"


def test_order_of_rows_and_names_of_sites_do_not_matter() -> None:
    rows = chain(7, sites=4)
    moved = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))]
    one, two = (find_causes(events_of(some), NO_LINKS, RULES).causes for some in (rows, moved))
    assert one.cause.tolist() == two.cause.tolist()
    assert one.effect.tolist() == two.effect.tolist()
    np.testing.assert_allclose(one.gain, two.gain, rtol=1e-9)
    np.testing.assert_allclose(one.p_value, two.p_value, rtol=1e-6)


@pytest.mark.parametrize(
    "rows", [[], [(0, 0, 1.0)], [(n % 2, 0, 5.0) for n in range(40)], [(0, n % 3, 1.0 * n) for n in range(50)]]
)
def test_little_or_no_data_is_no_failure(rows: list[tuple[int, int, float]]) -> None:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    events = Events(
        np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.int64), np.array(columns[2], dtype=float)
    )
    assert len(find_causes(events, NO_LINKS, RULES).causes) == 0


def test_antecedents_equal_those_of_all_pairs() -> None:
    rng = np.random.default_rng(8)
    events = Events(rng.integers(0, 4, 300), rng.integers(0, 6, 300), rng.integers(0, 4000, 300).astype(float))
    links = links_of(np.array([0, 1, 2, 2, 2]), np.array([1, 2, 0, 2, 0]), 7)
    found = antecedents(events, events, links, 60.0)
    degree = {0: 2, 1: 2, 2: 2}
    expected = {}
    for effect in range(300):
        for cause in range(300):
            lag = events.seconds[effect] - events.seconds[cause]
            here, there = int(events.site[effect]), int(events.site[cause])
            linked = here != there and here in degree and there in degree
            if not 0 <= lag <= 60 or not (here == there or linked):
                continue
            if lag == 0 and here == there and events.pattern[effect] == events.pattern[cause]:
                continue
            expected[effect, cause] = (LINKED if linked else OWN, lag, (0.5 if linked else 1.0) * (0.5 if lag == 0 else 1.0))
    rows = zip(found.effect.tolist(), found.cause.tolist(), found.where.tolist(), found.lag, found.weight, strict=True)
    got = {(effect, cause): (where, lag, weight) for effect, cause, where, lag, weight in rows}
    assert got.keys() == expected.keys()
    assert all(got[key] == pytest.approx(expected[key]) for key in expected)
    assert (np.diff(found.effect) >= 0).all()


def test_the_fit_is_the_maximum_that_another_optimiser_finds() -> None:
    rng = np.random.default_rng(9)
    events, causes, bins = 120, 3, 2
    dense = rng.exponential(1.0, (events, causes * bins)) * (rng.random((events, causes * bins)) < 0.3)
    exposure, sources = np.full((causes, bins), 40.0), np.full((events, 1), 0.5)
    effect = Effect(csr_array(dense), exposure, sources, np.array([1.0]))
    prior = Prior(np.array([0.5, 0.5]), 1e-9)
    fitted = fit(effect, prior, rounds=20_000, tolerance=1e-12)

    def loss(log_weights: np.ndarray) -> float:
        weights = np.exp(log_weights)
        intensity = dense @ weights[1:] + 0.5 * weights[0]
        return float(-(np.log(intensity).sum() - exposure.ravel() @ weights[1:] - weights[0]))

    other = minimize(loss, np.zeros(causes * bins + 1) - 2.0, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-14})
    # The base rate starts with one event too many, which costs less than a hundredth of the likelihood.
    assert fitted.likelihood == pytest.approx(-other.fun, abs=0.02)


def test_rules_and_kernels_name_what_is_wrong() -> None:
    for wrong in (
        {"max_q": 0.0},
        {"max_order_q": 0.0},
        {"rest": 0.0},
        {"min_support": 0},
        {"shifts": 1},
        {"around": 0.0},
        {"strength": 0.0},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            replace(RULES, **wrong)
    with pytest.raises(ValueError, match="edges"):
        Kernel((0.0, 5.0, 5.0))
    kernel = Kernel((0.0, 5.0, 20.0))
    assert kernel.bin_of(np.array([0.0, 5.0, 5.1, 20.0])).tolist() == [0, 0, 1, 1]
    expected = np.array([[0, 0], [1, 1 / 3], [1, 1]])
    np.testing.assert_allclose(kernel.exposure(np.array([0.0, 10.0, 99.0])), expected)
