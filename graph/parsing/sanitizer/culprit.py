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


def culprit_of(error_type: str, frames: Sequence[StackFrame]) -> StackFrame | None:
    """The culprit by ``rules/native.toml``.

    What the compiler put into a function that is never to blame is not to blame either. Where the stack overflowed, the
    innermost function of the recursion is blamed, not the one that happened to find no room.
    """
    candidates = _without_inlined(frames)
    if error_type == "Stack-overflow":
        often = Counter[str]()
        for frame in candidates:
            often[frame.function] += frame.repeated
        candidates = [frame for frame in candidates if often[frame.function] >= RECURSION] or candidates
    return culprit(candidates or frames, "native")


@lru_cache(maxsize=8_192)
def _is_skipped(name: str, file: str | None) -> bool:
    return frame_rules("native").is_skipped(name, file)


def _without_inlined(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    candidates: list[StackFrame] = []
    pending: list[StackFrame] = []
    for frame in frames:
        pending.append(frame)
        if frame.inlined:
            continue
        if not _is_skipped(frame.qualified, frame.file):
            candidates.extend(pending)
        pending = []
    return [*candidates, *pending]
