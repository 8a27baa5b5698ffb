"""Confidence, its decay, and the proof that crashes stopped, compared with independent computations."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from graph.algorithms.belief import faded, posterior_mean, running_mean, share_interval
from graph.algorithms.exposure import Exposure
from graph.algorithms.quality import feedback_part, resolution_part, reuse_part, solution_quality


@pytest.mark.parametrize(("yes", "no"), [(0, 0), (1, 0), (0, 1), (47, 3)])
def test_the_posterior_is_that_of_a_flat_prior(yes: int, no: int) -> None:
    assert posterior_mean(yes, no) == pytest.approx(stats.beta(1 + yes, 1 + no).mean())


def test_confidence_fades_to_one_half_from_both_sides() -> None:
    assert faded(0.9, 0, 180) == pytest.approx(0.9)
    assert faded(0.9, 180, 180) == pytest.approx(0.7)
    assert faded(0.1, 360, 180) == pytest.approx(0.4)
    assert faded(0.9, -5, 180) == pytest.approx(0.9)


@pytest.mark.parametrize(("yes", "total"), [(0, 5), (5, 5), (18, 20), (470, 500)])
def test_the_interval_of_a_share_is_wilsons(yes: int, total: int) -> None:
    wanted = stats.binomtest(yes, total).proportion_ci(0.95, method="wilson")
    assert share_interval(yes, total, stats.norm.ppf(0.975)) == pytest.approx((wanted.low, wanted.high))


def test_counts_of_zero_are_no_evidence() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)


def test_a_running_mean_is_the_mean() -> None:
    mean = None
    for count, value in enumerate((0.94, 0.95, 0.8)):
        mean = running_mean(mean, count, value)
    assert mean == pytest.approx((0.94 + 0.95 + 0.8) / 3)


@pytest.mark.parametrize(("days", "window", "exposed"), [(3, 30, 30), (12, 60, 20), (1, 10, 400)])
def test_the_chance_of_none_is_the_conditional_test_of_two_rates(days: int, window: float, exposed: float) -> None:
    share = window / (window + exposed)
    assert Exposure(days, window, exposed).chance == pytest.approx(stats.binomtest(days, days, share, "greater").pvalue)


def test_with_a_long_record_the_chance_is_poissons() -> None:
    assert Exposure(90_000, 90_000, 4).chance == pytest.approx(math.exp(-4), rel=1e-3)


def test_a_fix_is_proven_when_enough_crashes_failed_to_come() -> None:
    assert Exposure(30, 60, 10).proven
    assert not Exposure(30, 60, 4).proven, "two were expected"
    assert not Exposure(1, 10, 25).proven, "one day says little about a rate"
    assert not Exposure(0, 60, 400).proven
    assert not Exposure(5, 0, 10).proven


def test_quality_adds_up_its_parts() -> None:
    best = solution_quality(feedback_sum=1e9, feedback_count=10**9, minutes=0, worked=10**9, confidence=1)
    assert best == pytest.approx(1.0)
    assert solution_quality(feedback_sum=0, feedback_count=0, minutes=None, worked=0, confidence=0.5) == pytest.approx(0.4)
    quality = solution_quality(feedback_sum=2.5, feedback_count=3, minutes=30, worked=5, confidence=0.9)
    assert quality == pytest.approx(0.4 * 3.5 / 5 + 0.3 * 2 / 3 + 0.2 * 0.5 + 0.1 * 0.9)
    assert [feedback_part(0, 0), resolution_part(60), reuse_part(5)] == pytest.approx([0.5, 0.5, 0.5])
