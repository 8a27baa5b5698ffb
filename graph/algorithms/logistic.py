"""Logistic regression that starts from what is believed already and leaves it only as far as the data say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 50
CLOSE = 1e-8


def adjusted(
    rows: NDArray[np.float64],
    right: NDArray[np.float64],
    believed: NDArray[np.float64],
    spread: NDArray[np.float64],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Coefficients to add to the log odds that are believed, shape ``(k,)`` for rows of shape ``(n, k)``.

    The most likely ones given the data and independent normal priors around 0 with the standard deviations ``spread``
    (maximum a posteriori; Bishop 2006, section 4.5.1), by Newton's method with halved steps. Without rows they are all 0.
    """
    found = np.zeros(rows.shape[1])
    each = np.ones(len(rows)) if weights is None else weights
    precision = 1.0 / spread**2
    loss = _loss(found, rows, right, believed, each, precision)
    for _ in range(STEPS):
        chance = _sigmoid(believed + rows @ found)
        gradient = rows.T @ (each * (chance - right)) + precision * found
        hessian = (rows * (each * chance * (1 - chance))[:, None]).T @ rows + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > CLOSE and _loss(found - size * step, rows, right, believed, each, precision) > loss:
            size /= 2
        found = found - size * step
        loss = _loss(found, rows, right, believed, each, precision)
        if float(np.abs(size * step).max(initial=0.0)) < CLOSE:
            break
    return found


def log_loss(chances: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Mean negative logarithm of the probability given to what was so; infinity is kept off by a bound of 1e-6."""
    bounded = np.clip(chances, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(right > 0, np.log(bounded), np.log1p(-bounded))))


def _loss(
    found: NDArray[np.float64],
    rows: NDArray[np.float64],
    right: NDArray[np.float64],
    believed: NDArray[np.float64],
    each: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> float:
    odds = believed + rows @ found
    return float(np.sum(each * (np.logaddexp(0.0, odds) - right * odds)) + 0.5 * np.sum(precision * found**2))


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500)))
