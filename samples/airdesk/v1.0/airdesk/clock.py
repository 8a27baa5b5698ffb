"""The station clock. It can be set, so that a rehearsal may run at any time of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

_read: Callable[[], datetime] = datetime.now


def use(read: Callable[[], datetime]) -> None:
    """Take the time from ``read`` from now on."""
    global _read
    _read = read


def now() -> datetime:
    """The station's local time."""
    return _read()
