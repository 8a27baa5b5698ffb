"""Proof by exposure: the probability of no crash after a fix if nothing had changed.

A place had crashes of a pattern on ``crash_days`` different days within ``window_days`` before a fix, and none in
``exposed_days`` after it. Days are counted rather than crashes, because crashes come in bursts and a burst is one event.
If the rate were the same, each of the days with a crash would lie anywhere in the whole time with equal probability, so all of
them lie before the fix with probability ``(window / (window + exposed)) ** crash_days``. This is the conditional test of two
Poisson rates (Przyborowski and Wilenski, 1940) with none in the second; unlike ``exp(-expected)`` it accounts for the
uncertainty of the earlier rate, and approaches that value as the record grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PROVEN_CHANCE = 0.05
"""Largest probability of no crash by chance for a fix to count as proven."""
LEAST_EXPECTED = 3.0
"""Least number of days with a crash expected since, for a fix to count as proven."""
LOOK_BACK_DAYS = 90.0
"""Length of the record before a fix, in days; older rates do not describe the present."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Time at risk of a fix at one place, without recurrence so far."""

    crash_days: int
    window_days: float
    exposed_days: float

    @property
    def expected(self) -> float:
        """Expected days with a crash at the earlier rate; 0 without a record."""
        return self.crash_days / self.window_days * max(self.exposed_days, 0.0) if self.window_days > 0 else 0.0

    @property
    def chance(self) -> float:
        """Probability of no crash at the earlier rate, 0..1; 1 if none was expected."""
        if self.crash_days <= 0 or self.window_days <= 0 or self.exposed_days <= 0:
            return 1.0
        return float((self.window_days / (self.window_days + self.exposed_days)) ** self.crash_days)

    @property
    def proven(self) -> bool:
        """True if enough crashes were expected and none occurred."""
        return self.chance <= PROVEN_CHANCE and self.expected >= LEAST_EXPECTED


def exposure_of(crash_days: int, window_days: float, applied_at: datetime, lost_at: datetime | None, now: datetime) -> Exposure:
    """Exposure of a fix since ``applied_at``; zero once a crash recurred."""
    exposed = (now - applied_at) / timedelta(days=1) if lost_at is None else 0.0
    return Exposure(crash_days, window_days, exposed)
