"""Rate limits per principal, or per address of those without one; kept in memory, so each process counts for itself."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from crashgraph.settings import Settings


class Use(StrEnum):
    """What is counted separately."""

    QUERY = "query"
    MUTATION = "mutation"
    REPORT = "report"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a use. ``reset`` is in seconds."""

    limit: int
    remaining: int
    reset: int
    exceeded: str = ""
    """Why the use is refused."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer (draft-ietf-httpapi-ratelimit-headers, up to version 7)."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RateLimits:
    """Counts uses in sliding windows."""

    def __init__(self, settings: Settings) -> None:
        """The limits of the settings; ``InvalidInputError`` for one that is not such as ``600/minute``."""
        self._limits = {use: _limit(f"rate_{use.value}", getattr(settings, f"rate_{use.value}")) for use in Use}
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, use: Use, who: str) -> Allowance:
        """Count one use of a principal or an address, unless there were too many."""
        limit = self._limits[use]
        allowed = self._counter.hit(limit, use.value, who)
        window = self._counter.get_window_stats(limit, use.value, who)
        reset = max(1, math.ceil(window.reset_time - time.time()))
        exceeded = "" if allowed else f"more than {limit.amount} {_PLURAL[use]} {_per(limit)}; slow down"
        return Allowance(limit.amount, max(0, window.remaining) if allowed else 0, reset, exceeded)


_PLURAL = {Use.QUERY: "queries", Use.MUTATION: "mutations", Use.REPORT: "requests with reports", Use.LOGIN: "logins"}


def _per(limit: RateLimitItem) -> str:
    name = limit.GRANULARITY.name
    return f"per {name}" if limit.multiples == 1 else f"in {limit.multiples} {name}s"


def _limit(name: str, text: str) -> RateLimitItem:
    try:
        return parse(text)
    except ValueError:
        raise InvalidInputError(
            f"CRASHGRAPH_{name.upper()}: {quoted(text)} is not a rate; write one such as 600/minute or 20 per 10 seconds"
        ) from None
