"""Patterns that turn into others at a version, and controls that do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from graph.algorithms.evolution import Candidates, EvolutionBounds, Timeline, find_evolutions, gaps, permuted, returns

BUSY = [90, 100, 80, 85]


def timeline(*counts: list[int], exposure: list[int] | None = None) -> Timeline:
    return Timeline(np.array(counts, dtype=np.int64), np.array(exposure or BUSY, dtype=np.int64))


def pairs(*listed: tuple[int, int, float]) -> Candidates:
    """Newer, older, likeness; each pair the other way round as well."""
    both = [*listed, *((older, newer, likeness) for newer, older, likeness in listed)]
    newer, older, likeness = zip(*both, strict=True)
    return Candidates(np.array(newer), np.array(older), np.array(likeness, dtype=np.float64))


def found(made: Timeline, candidates: Candidates, bounds: EvolutionBounds | None = None) -> set[tuple[int, int]]:
    kept = find_evolutions(made, candidates, bounds or EvolutionBounds())
    return set(zip(kept.newer.tolist(), kept.older.tolist(), strict=True))


def test_one_that_fades_where_another_appears_is_found_with_its_direction_and_version() -> None:
    made = timeline([6, 5, 0, 0], [0, 0, 7, 6], [4, 5, 3, 4])
    kept = find_evolutions(made, pairs((1, 0, 0.9), (1, 2, 0.8), (0, 2, 0.8)), EvolutionBounds())
    assert (kept.newer.tolist(), kept.older.tolist()) == ([1], [0])
    assert (kept.change.tolist(), kept.appeared.tolist(), kept.support.tolist()) == ([2], [2], [11])
    assert (kept.left.tolist(), kept.before.tolist(), kept.tests) == ([0.0], [0.0], 6)


def test_a_remainder_counts_by_its_rate() -> None:
    made = timeline([12, 15, 2, 1], [1, 0, 14, 15])
    kept = find_evolutions(made, pairs((1, 0, 0.9)), EvolutionBounds())
    assert kept.left[0] == pytest.approx((3 / 165) / (27 / 190))
    assert kept.before[0] == pytest.approx((1 / 190) / (29 / 165))
    assert found(made, pairs((1, 0, 0.9)), EvolutionBounds(max_left=0.05)) == set()


def test_absence_from_a_version_that_hardly_anyone_ran_is_no_evidence() -> None:
    counts = [[20, 0], [0, 4]]
    assert found(timeline(*counts, exposure=[100, 100]), pairs((1, 0, 0.9))) == {(1, 0)}
    assert found(timeline([20, 0], [4, 0], exposure=[200, 2]), pairs((1, 0, 0.9))) == set()
    assert found(timeline([20, 0], [0, 3], exposure=[200, 3]), pairs((1, 0, 0.9))) == set()
    assert found(timeline([20, 0], [0, 30], exposure=[200, 190]), pairs((1, 0, 0.9))) == {(1, 0)}


def test_the_p_value_is_that_of_permuted_versions() -> None:
    """Against a simulation: each occasion gets a version with the share of its exposure, and the same statistic is taken."""
    rng = np.random.default_rng(5)
    made = timeline([4, 3, 1, 0], [1, 0, 2, 3])
    [p_value] = find_evolutions(made, only((1, 0)), EvolutionBounds(max_q=1.0, max_left=10.0, max_side_p=1.0)).p_value.tolist()

    def statistic(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        share = (np.cumsum(BUSY) / sum(BUSY))[:-1]
        late = old.sum(axis=1, keepdims=True) - np.cumsum(old, axis=1)[:, :-1]
        early = np.cumsum(new, axis=1)[:, :-1]
        both: np.ndarray = np.asarray(binom.cdf(late, 8, 1 - share)) * np.asarray(binom.cdf(early, 6, share))
        least: np.ndarray = both.min(axis=1)
        return least

    chance = np.array(BUSY) / sum(BUSY)
    drawn = statistic(rng.multinomial(8, chance, 20_000), rng.multinomial(6, chance, 20_000))
    simulated = float((drawn <= statistic(made.counts[:1], made.counts[1:2]) + 1e-12).mean())
    assert simulated <= p_value, "it may not claim more than there is"
    assert p_value < 6 * simulated + 0.05, "nor be useless"


def only(pair: tuple[int, int]) -> Candidates:
    return Candidates(np.array([pair[0]]), np.array([pair[1]]), np.array([0.9]))


def test_one_may_become_several_and_several_one() -> None:
    split = timeline([9, 9, 0, 0], [0, 0, 8, 9], [0, 0, 9, 7])
    assert found(split, pairs((1, 0, 0.9), (2, 0, 0.8), (1, 2, 0.9))) == {(1, 0), (2, 0)}
    merged = timeline([9, 9, 0, 0], [8, 9, 0, 0], [0, 0, 9, 7])
    assert found(merged, pairs((2, 0, 0.9), (2, 1, 0.8))) == {(2, 0), (2, 1)}


def test_a_much_more_similar_counterpart_drives_others_out() -> None:
    made = timeline([9, 9, 0, 0], [8, 9, 0, 0], [0, 0, 9, 7])
    assert found(made, pairs((2, 0, 0.95), (2, 1, 0.65))) == {(2, 0)}
    assert found(made, pairs((2, 0, 0.95), (2, 1, 0.65)), EvolutionBounds(margin=0.5)) == {(2, 0), (2, 1)}


def test_nothing_of_too_few_of_one_version_and_of_nothing() -> None:
    assert found(timeline([2, 0, 0, 0], [0, 0, 30, 30]), pairs((1, 0, 0.9)), EvolutionBounds(max_q=1.0)) == set()
    assert found(timeline([9], [9], exposure=[20]), pairs((1, 0, 0.9))) == set()
    nothing = np.empty(0, dtype=np.int64)
    assert found(timeline([9, 0, 0, 0]), Candidates(nothing, nothing, np.empty(0))) == set()


@pytest.mark.parametrize("seed", range(3))
def test_permuted_versions_show_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chance = np.array(BUSY) / sum(BUSY)
    early, late = [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]
    counts = [rng.multinomial(12, share).tolist() for share in (early, late) for _ in range(60)]
    counts += [rng.multinomial(12, chance).tolist() for _ in range(60)]
    made = timeline(*counts)
    near = pairs(*((60 + at, at, 0.9) for at in range(60)), *((120 + at, at, 0.7) for at in range(60)))
    assert len(found(made, near)) == 60
    shuffled = permuted(made, rng)
    assert (shuffled.counts.sum(axis=1) == made.counts.sum(axis=1)).all()
    assert (shuffled.counts.sum(axis=0) == made.counts.sum(axis=0)).all()
    assert len(found(shuffled, near)) <= 0.05 * len(near)


def test_a_reappearance_is_reported_where_chance_would_have_shown_it() -> None:
    made = timeline([20, 0, 0, 9], [3, 0, 0, 1], [5, 5, 5, 5], [9, 9, 0, 0])
    assert returns(made, 0.01) == [(0, 3)]
    assert returns(replace(made, exposure=np.array([90, 1, 1, 85])), 0.01) == []


def test_a_gap_between_the_older_and_the_newer_one() -> None:
    made = timeline([20, 0, 0, 0], [0, 0, 0, 9], [0, 9, 9, 9])
    kept = find_evolutions(made, pairs((1, 0, 0.9), (2, 0, 0.85)), EvolutionBounds())
    reported = dict(zip(kept.newer.tolist(), gaps(made, kept, 0.01).tolist(), strict=True))
    assert reported == {1: True, 2: False}
    assert dict(zip(kept.newer.tolist(), kept.appeared.tolist(), strict=True)) == {1: 3, 2: 1}
