"""Selection of the culprit frame in the stack of a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graph.model.report import StackFrame
from graph.parsing.native.blame import blame

RECURSION = 3
"""Occurrences from which a function counts as recursive."""


def culprit_of(error_type: str, frames: Sequence[StackFrame]) -> StackFrame | None:
    """Select the culprit; in an overflowed stack, the innermost recursive function, not the call that exceeded the stack."""
    if error_type == "Stack-overflow":
        often = Counter[str]()
        for frame in frames:
            often[frame.function] += frame.repeated
        frames = [frame for frame in frames if often[frame.function] >= RECURSION] or frames
    return blame(frames, error_type)
