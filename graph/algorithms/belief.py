"""Confidence from counts of successes and failures: the posterior mean, its decay with time, and the interval of a share."""

from __future__ import annotations

import math

PRIOR_YES = 1.0
PRIOR_NO = 1.0
"""The uniform prior Beta(1, 1), with mean 1/2."""
PRIOR_MEAN = PRIOR_YES / (PRIOR_YES + PRIOR_NO)

HALF_LIFE_DAYS = 180.0
"""Half-life of the distance between a confidence and the prior mean, in days without use."""


def posterior_mean(yes: float, no: float) -> float:
    """Mean of the Beta posterior after ``yes`` successes and ``no`` failures (0 or more), in 0..1.

    ``(yes + 1) / (yes + no + 2)``, Laplace's rule of succession: 1/2 without data, never exactly 0 or 1.
    """
    return (yes + PRIOR_YES) / (yes + no + PRIOR_YES + PRIOR_NO)


def faded(confidence: float, idle_days: float, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Confidence after ``idle_days`` without use: its distance from the prior mean halves every ``half_life_days``."""
    return PRIOR_MEAN + (confidence - PRIOR_MEAN) * math.exp2(-max(idle_days, 0.0) / half_life_days)


def share_interval(yes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval (1927) of a share, 95 % by default; (0, 1) for ``total`` 0."""
    if total == 0:
        return 0.0, 1.0
    share = yes / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def running_mean(mean: float | None, count: int, value: float) -> float:
    """Mean after adding ``value`` to ``count`` values of the given ``mean`` (``None`` without any)."""
    return value if mean is None or count == 0 else mean + (value - mean) / (count + 1)
