"""Which frame of a native stack is to blame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from graph.model.report import StackFrame
from graph.rules import frame_rules
from graph.rules.culprit import culprit

RECURSION = 3
"""How often a function must stand in a stack to count as recursive."""


def blamed(error_type: str, frames: Sequence[StackFrame]) -> StackFrame | None:
    """The culprit by ``rules/native.toml``.

    What the compiler put into a function that is never to blame is not to blame either. Where the stack overflowed, the
    innermost function of the recursion is blamed, not the one that happened to find no room.
    """
    kept = _without_inlined(frames)
    if error_type == "Stack-overflow":
        often = Counter[str]()
        for frame in kept:
            often[frame.function] += frame.repeated
        kept = [frame for frame in kept if often[frame.function] >= RECURSION] or kept
    return culprit(kept or frames, "native")


@lru_cache(maxsize=8_192)
def _is_skipped(name: str, file: str | None) -> bool:
    return frame_rules("native").is_skipped(name, file)


def _without_inlined(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    kept: list[StackFrame] = []
    waiting: list[StackFrame] = []
    for frame in frames:
        waiting.append(frame)
        if frame.inlined:
            continue
        if not _is_skipped(frame.qualified, frame.file):
            kept.extend(waiting)
        waiting = []
    return [*kept, *waiting]
