"""Assert that running time grows linearly with the size of the input."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

DOUBLINGS = 3
GROWTH_PER_DOUBLING = 2.7
"""Upper bound; linear time grows by 2 per doubling, quadratic time by 4."""
NEGLIGIBLE_SECONDS = 0.02
"""The largest input takes longer than this if it is of a few hundred kilobytes and the time is quadratic."""
ATTEMPTS = 5


def assert_linear(work: Callable[[str], object], text_of: Callable[[int], str], count: int) -> None:
    """Fail if the CPU time of ``work`` grows faster than its input.

    Measures ``text_of(n)`` at n = ``count`` / 8, / 4, / 2 and ``count``. Other processes only ever add to a measurement, so
    each size counts with its fastest run, and an excess fails only if it persists.
    """
    texts = [text_of(max(count >> doubling, 1)) for doubling in range(DOUBLINGS, -1, -1)]
    work(texts[0])  # fill caches
    fastest = [min(_seconds(work, texts[0]) for _ in range(3)), *(_seconds(work, text) for text in texts[1:])]
    for _ in range(ATTEMPTS - 1):
        if _is_linear(fastest):
            return
        fastest = [min(before, _seconds(work, text)) for before, text in zip(fastest, texts, strict=True)]
    rows = ", ".join(f"{len(text)} characters in {seconds:.4f} s" for text, seconds in zip(texts, fastest, strict=True))
    assert _is_linear(fastest), f"superlinear growth: {rows}"


def _is_linear(seconds: list[float]) -> bool:
    return seconds[-1] <= max(NEGLIGIBLE_SECONDS, seconds[0] * GROWTH_PER_DOUBLING**DOUBLINGS)


def _seconds(work: Callable[[str], object], text: str) -> float:
    """CPU time without garbage collection, like ``timeit``: a collection scans the heap of all tests before."""
    gc.disable()
    try:
        begin = time.process_time()
        work(text)
        return time.process_time() - begin
    finally:
        gc.enable()
