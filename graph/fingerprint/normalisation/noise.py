"""Noise frames, which only run other code: runners, reflection, threads, event loops."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from graph.rules import expression, table


def informative_frames(frames: tuple[str, ...]) -> tuple[str, ...]:
    """The frames without noise; all of them if there are no others."""
    kept = tuple(frame for frame in frames if not is_noise(frame))
    return kept or frames


@lru_cache(maxsize=65_536)
def is_noise(frame: str) -> bool:
    """Whether a normalised frame is noise by ``rules/noise.toml``."""
    return _noise().fullmatch(frame) is not None


@cache
def _noise() -> re.Pattern[str]:
    return expression("noise", table("noise"), "names")
