"""Logistic regression that adjusts prior log odds, regularised towards no change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 50
CLOSE = 1e-8


def adjusted(
    rows: NDArray[np.float64],
    outcomes: NDArray[np.float64],
    prior_log_odds: NDArray[np.float64],
    spread: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Coefficients of the adjustment to the prior log odds, shape ``(k,)`` for rows of shape ``(n, k)``.

    The most likely ones given the data and independent normal priors around 0 with the standard deviations ``spread``
    (maximum a posteriori; Bishop 2006, section 4.5.1), by Newton's method with halved steps. Without rows they are all 0.
    """
    coefficients = np.zeros(rows.shape[1])
    row_weights = np.ones(len(rows)) if weights is None else weights
    precision = 1.0 / spread**2
    loss = _loss(coefficients, rows, outcomes, prior_log_odds, row_weights, precision)
    for _ in range(STEPS):
        chance = _sigmoid(prior_log_odds + rows @ coefficients)
        gradient = rows.T @ (row_weights * (chance - outcomes)) + precision * coefficients
        hessian = (rows * (row_weights * chance * (1 - chance))[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > CLOSE and _loss(coefficients - size * step, rows, outcomes, prior_log_odds, row_weights, precision) > loss:
            size /= 2
        coefficients = coefficients - size * step
        loss = _loss(coefficients, rows, outcomes, prior_log_odds, row_weights, precision)
        if float(np.abs(size * step).max(initial=0.0)) < CLOSE:
            break
    return coefficients


def log_loss(chances: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float:
    """Mean negative log of the probability given to the outcome; probabilities are clipped at 1e-6."""
    bounded = np.clip(chances, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(outcomes > 0, np.log(bounded), np.log1p(-bounded))))


def _loss(
    coefficients: NDArray[np.float64],
    rows: NDArray[np.float64],
    outcomes: NDArray[np.float64],
    prior_log_odds: NDArray[np.float64],
    row_weights: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> float:
    odds = prior_log_odds + rows @ coefficients
    return float(np.sum(row_weights * (np.logaddexp(0.0, odds) - outcomes * odds)) + 0.5 * np.sum(precision * coefficients**2))


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))
