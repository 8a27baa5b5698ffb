"""Frames that only say how code came to be run: runners, reflection, threads, event loops."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from graph.rules import expression, table


def telling(frames: tuple[str, ...]) -> tuple[str, ...]:
    """The frames that say what failed; all of them when none does."""
    kept = tuple(frame for frame in frames if not is_noise(frame))
    return kept or frames


@lru_cache(maxsize=65_536)
def is_noise(frame: str) -> bool:
    """Whether a normalised frame only says how code came to be run, by ``rules/noise.toml``."""
    return _noise().fullmatch(frame) is not None


@cache
def _noise() -> re.Pattern[str]:
    return expression("noise", table("noise"), "names")
