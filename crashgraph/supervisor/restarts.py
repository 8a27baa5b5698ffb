"""When a child that ended is started again, and when it is given up."""

from __future__ import annotations

import time
from collections.abc import Callable

from graph.model.errors import StartError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STABLE_SECONDS = 60.0
"""After a life as long as this, the pause is the first one again."""
FAILURES = 5
"""Starts in a row without success that make a crash loop."""


class Restarts:
    """The starts of one child."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        """``name`` is for messages; ``clock`` is in seconds."""
        self.name = name
        self._clock = clock
        self._pause = FIRST_PAUSE_SECONDS
        self._failures = 0
        self._succeeded = False
        self._began = clock()

    def began(self) -> None:
        """A start begins."""
        self._began = self._clock()
        self._failures += 1

    def works(self) -> None:
        """The start led to a child that runs, so that it is no failure."""
        self._failures = 0

    def succeeded(self) -> None:
        """The child does all its work, so that later ends are no fault of a setting."""
        self.works()
        self._succeeded = True

    def pause(self, last_words: str, *, own_fault: bool = True) -> float:
        """Seconds to wait before the next start.

        Raises ``StartError`` with ``last_words`` in a crash loop, and when the very first start ended by its ``own_fault``
        rather than by a signal: what is wrong at the first start, such as a setting, does not mend itself.
        """
        if self._failures >= FAILURES:
            raise StartError(f"{self.name} failed at {self._failures} starts in a row; {last_words}")
        if own_fault and not self._succeeded:
            raise StartError(f"{self.name} did not start; {last_words}")
        if self._clock() - self._began > STABLE_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return pause
