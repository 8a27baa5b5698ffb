"""Logistic regression with a prior."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from graph.algorithms.logistic import adjusted, log_loss


def made(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(1)
    rows = chance.normal(size=(n, 3))
    believed = chance.normal(size=n)
    odds = believed + rows @ np.array([1.0, -2.0, 0.0]) + 0.5
    return rows, (chance.random(n) < 1 / (1 + np.exp(-odds))).astype(float), believed


def test_it_is_where_another_optimiser_finds_the_least_loss() -> None:
    rows, right, believed = made(200)
    spread = np.array([0.5, 1.0, 2.0])

    def loss(found: np.ndarray) -> float:
        odds = believed + rows @ found
        return float(np.sum(np.logaddexp(0, odds) - right * odds) + np.sum((found / spread) ** 2) / 2)

    expected = minimize(loss, np.zeros(3), method="BFGS").x
    assert np.allclose(adjusted(rows, right, believed, spread), expected, atol=1e-4)


def test_much_data_overrides_the_belief() -> None:
    rows, right, believed = made(20_000)
    assert np.allclose(adjusted(rows, right, believed, np.full(3, 1.0)), [1.0, -2.0, 0.0], atol=0.1)


def test_without_data_the_belief_stays() -> None:
    assert adjusted(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.ones(2)).tolist() == [0, 0]


def test_all_of_one_kind_moves_it_no_further_than_the_prior_lets() -> None:
    found = adjusted(np.ones((5, 1)), np.ones(5), np.zeros(5), np.array([0.5]))
    assert 0 < found[0] < 1


def test_the_loss_of_certain_errors_is_bounded() -> None:
    assert 13 < log_loss(np.array([0.0]), np.array([1.0])) < 14
    assert log_loss(np.array([1.0, 0.0]), np.array([1.0, 0.0])) < 1e-5
