"""The delay of logins after wrong passwords, per name and address; kept in memory, per process.

A few attempts are free; then each wrong one doubles the wait, up to a minute. There is no permanent lockout, and guesses
from one address do not delay the owner of the name at another.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graph.model.errors import BusyError

FREE = 5
"""Wrong attempts without a wait."""
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
FORGET_SECONDS = 3_600.0
"""Time without an attempt after which wrong ones are forgotten."""
MOST_REMEMBERED = 20_000
"""Pairs of name and address; the oldest is forgotten for a new one."""


@dataclass(slots=True)
class _Attempts:
    wrong: int = 0
    free_at: float = 0.0
    last: float = 0.0
    running: int = 0


@dataclass(slots=True)
class Attempt:
    """One attempt to log in; ``right`` is whether the password was right, ``None`` if it was not compared."""

    right: bool | None = None


class LoginDelays:
    """The attempts at each pair of name and address. ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """No attempts yet."""
        self._clock = clock
        self._pairs: OrderedDict[tuple[str, str], _Attempts] = OrderedDict()

    @contextmanager
    def attempt(self, name: str, address: str | None) -> Iterator[Attempt]:
        """One attempt: ``BusyError`` if it comes too early, or while another one runs after the free ones.

        The caller sets ``right``.
        """
        pair = self._pair(name, address or "")
        now = self._clock()
        if now < pair.free_at or (pair.wrong >= FREE and pair.running):
            wait = max(1, math.ceil(pair.free_at - now))
            raise BusyError(f"too many wrong passwords for this name from this address; try again in {wait} s", wait)
        pair.running += 1
        attempt = Attempt()
        try:
            yield attempt
        finally:
            pair.running -= 1
            pair.last = self._clock()
            if attempt.right:
                pair.wrong, pair.free_at = 0, 0.0
            elif attempt.right is False:
                pair.wrong += 1
                pair.free_at = pair.last + _wait(pair.wrong)

    def _pair(self, name: str, address: str) -> _Attempts:
        key = (name, address)
        pair = self._pairs.get(key)
        if pair is None:
            while len(self._pairs) >= MOST_REMEMBERED:
                self._pairs.popitem(last=False)
            pair = self._pairs[key] = _Attempts(last=self._clock())
        self._pairs.move_to_end(key)
        if not pair.running and self._clock() - pair.last > FORGET_SECONDS:
            pair.wrong, pair.free_at = 0, 0.0
        return pair


def _wait(wrong: int) -> float:
    """Seconds after that many wrong attempts in a row."""
    return 0.0 if wrong < FREE else min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(wrong - FREE, 30))
