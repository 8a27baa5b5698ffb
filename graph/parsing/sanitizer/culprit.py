"""Selection of the culprit frame in a native stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from graph.model.report import StackFrame
from graph.rules import frame_rules
from graph.rules.culprit import culprit

RECURSION = 3
"""Occurrences from which a function counts as recursive."""


def culprit_of(error_type: str, frames: Sequence[StackFrame]) -> StackFrame | None:
    """Select the culprit by ``rules/native.toml``.

    Calls inlined into a function that is never a culprit are skipped as well. In an overflowed stack, the innermost recursive
    function is the culprit, not the call that happened to exceed the stack.
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
