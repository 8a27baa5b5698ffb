"""How sure one may be after so many yeses and noes, how that fades with time, and how exactly a share is known."""

from __future__ import annotations

import math

PRIOR_YES = 1.0
PRIOR_NO = 1.0
"""Before anything is known, every probability is as likely as any other: a Beta(1, 1), whose mean is one half."""
PRIOR_MEAN = PRIOR_YES / (PRIOR_YES + PRIOR_NO)

HALF_LIFE_DAYS = 180.0
"""After so many days without use, half of what was known beyond the prior is left."""


def posterior_mean(yes: float, no: float) -> float:
    """The mean of the Beta posterior after so many yeses and noes (0 or more), in 0..1.

    ``(yes + 1) / (yes + no + 2)``, Laplace's rule of succession: one half for nothing, and never quite 0 or 1.
    """
    return (yes + PRIOR_YES) / (yes + no + PRIOR_YES + PRIOR_NO)


def faded(confidence: float, idle_days: float, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """A confidence after ``idle_days`` without use: what it is above or below the prior's mean halves every half-life."""
    return PRIOR_MEAN + (confidence - PRIOR_MEAN) * math.exp2(-max(idle_days, 0.0) / half_life_days)


def share_interval(yes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval (1927) of a share, by default of 95 %; (0, 1) for nothing counted."""
    if total == 0:
        return 0.0, 1.0
    share = yes / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def running_mean(mean: float | None, count: int, value: float) -> float:
    """The mean of ``count`` values (``None`` for none) and one more."""
    return value if mean is None or count == 0 else mean + (value - mean) / (count + 1)
