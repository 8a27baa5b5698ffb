"""Whether crashes really stopped: how likely none would be seen if nothing had changed.

A place had crashes of a pattern on ``crash_days`` different days within ``window_days`` before a fix, and none in
``exposed_days`` after it. Days are counted rather than crashes, because crashes come in bursts and a burst is one event.
If the rate were the same, each of the days with a crash would lie anywhere in the whole time with equal probability, so all of
them lie before the fix with probability ``(window / (window + exposed)) ** crash_days``. This is the conditional test of two
Poisson rates (Przyborowski and Wilenski, 1940) with none in the second; unlike ``exp(-expected)`` it knows that the earlier
rate is itself only estimated, and it nears that value as the earlier record grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PROVEN_CHANCE = 0.05
"""A fix counts as proven when none would be seen by chance less often than this."""
LEAST_EXPECTED = 3.0
"""And when at least so many days with a crash would have been expected."""
LOOK_BACK_DAYS = 90.0
"""How far before a fix its place is looked at; older rates say little about the present."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How long a fix has been put to the test at one place, without recurrence so far."""

    crash_days: int
    window_days: float
    exposed_days: float

    @property
    def expected(self) -> float:
        """Days with a crash that the earlier rate would have brought; 0 where nothing is known of it."""
        return self.crash_days / self.window_days * max(self.exposed_days, 0.0) if self.window_days > 0 else 0.0

    @property
    def chance(self) -> float:
        """Probability of none at the earlier rate, 0..1; 1 where nothing was to be expected."""
        if self.crash_days <= 0 or self.window_days <= 0 or self.exposed_days <= 0:
            return 1.0
        return float((self.window_days / (self.window_days + self.exposed_days)) ** self.crash_days)

    @property
    def proven(self) -> bool:
        """Whether enough crashes failed to come."""
        return self.chance <= PROVEN_CHANCE and self.expected >= LEAST_EXPECTED


def exposure_of(crash_days: int, window_days: float, applied_at: datetime, lost_at: datetime | None, now: datetime) -> Exposure:
    """The exposure of a fix applied then; none at all once a crash came back."""
    exposed = (now - applied_at) / timedelta(days=1) if lost_at is None else 0.0
    return Exposure(crash_days, window_days, exposed)
