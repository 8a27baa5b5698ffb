"""False discovery rates, also over tests of which most were never carried out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def q_values(p_values: NDArray[np.float64], tests: int) -> NDArray[np.float64]:
    """Benjamini-Hochberg q-values of ``p_values`` among ``tests`` tests, in the same order, each in 0..1.

    The ``tests - len(p_values)`` tests that are not listed count as p = 1, so a pair that was skipped
    because it could not be significant still weighs on those that are. With ``tests == len(p_values)``
    this is the ordinary procedure (Benjamini and Hochberg 1995, section 3). ``ValueError`` if ``tests``
    is smaller than the number of p-values.
    """
    if tests < len(p_values):
        raise ValueError(f"{len(p_values)} p-values cannot come from {tests} tests")
    order = np.argsort(p_values, kind="stable")
    ranked = p_values[order] * tests / np.arange(1, len(p_values) + 1)
    monotone = np.minimum.accumulate(ranked[::-1])[::-1]
    result = np.empty_like(monotone)
    result[order] = np.minimum(monotone, 1.0)
    return result


def adaptive_q_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Q-values with the share of true null hypotheses estimated from the p-values above .5, in the same order.

    Storey 2002, "A direct approach to false discovery rates", section 2, with the correction for small numbers of Storey,
    Taylor and Siegmund 2004, which doubles the p-value of a single test. If hardly any p-value is large, hardly any null
    hypothesis is true, and all are kept.
    """
    count = len(p_values)
    nulls = (1.0 + float((p_values > 0.5).sum())) / max(0.5 * count, 0.5)
    return np.minimum(nulls * q_values(p_values, count), 1.0)
