"""Folding of repeated frames, and the recursive part of an overflowed stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph.model.report import StackFrame

MIN_RECURSION = 5
"""Minimum occurrences of a function for a stack to count as overflowed by its recursion."""


def fold_native_frames(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """Fold consecutive frames with the same function, module, file and line into one, with their number in ``repeated``.

    Frames without a known function, and inlined ones, are not folded: they may be different functions.
    """
    fold_native_frames: list[StackFrame] = []
    for frame in frames:
        last = fold_native_frames[-1] if fold_native_frames else None
        if last and _is_repeated(last, frame):
            fold_native_frames[-1] = replace(last, repeated=last.repeated + frame.repeated)
        else:
            fold_native_frames.append(frame)
    return tuple(fold_native_frames)


def _is_repeated(frame: StackFrame, other: StackFrame) -> bool:
    return (
        (frame.function, frame.module, frame.file, frame.line) == (other.function, other.module, other.file, other.line)
        and frame.function not in {"??", "<unknown>"}
        and not (frame.inlined or other.inlined)
    )


def recursive_part(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    """Return the frames of an overflowed stack from its most frequent function on; all frames if none is frequent.

    The innermost call at the moment of the overflow is arbitrary; the recursive function is the fault.
    """
    count: Counter[str] = Counter()
    for frame in frames:
        count[frame.qualified] += frame.repeated
    function, times = count.most_common(1)[0] if count else ("", 0)
    if times < MIN_RECURSION:
        return frames
    return frames[next(place for place, frame in enumerate(frames) if frame.qualified == function) :]
