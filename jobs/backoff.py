"""How long to wait before trying again: exponential back-off with jitter."""

from __future__ import annotations

import random

LONGEST_SECONDS = 600.0


def wait_seconds(failures: int, first: float, longest: float = LONGEST_SECONDS) -> float:
    """The wait after so many failures in a row, from 1: ``first``, twice that, and so on up to ``longest``.

    Between half of it and the whole is taken at random, so that workers that failed together do not come back together.
    """
    whole = min(longest, first * 2.0 ** min(max(failures, 1) - 1, 60))
    return whole * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, guards nothing
