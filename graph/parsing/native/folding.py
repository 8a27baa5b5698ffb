"""Stacks of native code: equal neighbours folded into one frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph.model.report import StackFrame

MIN_RECURSION = 5
"""How often a function must be on a stack that overflowed to be what filled it."""


def fold_repeated(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames, each that follows itself counted there: same function, module, file and line.

    Frames of which nothing is known but that they are there are not folded: they need not be the same function.
    """
    fold_repeated: list[StackFrame] = []
    for frame in frames:
        last = fold_repeated[-1] if fold_repeated else None
        if last and _is_repeated(last, frame):
            fold_repeated[-1] = replace(last, repeated=last.repeated + frame.repeated)
        else:
            fold_repeated.append(frame)
    return tuple(fold_repeated)


def _is_repeated(frame: StackFrame, other: StackFrame) -> bool:
    return (
        (frame.function, frame.module, frame.file, frame.line) == (other.function, other.module, other.file, other.line)
        and frame.function not in {"??", "<unknown>"}
        and not (frame.inlined or other.inlined)
    )


def recursive_part(frames: Sequence[StackFrame]) -> Sequence[StackFrame]:
    """Of a stack that overflowed the part from the function on that is there most often; all of it where none stands out.

    What was called last when the stack was full is chance; the function that calls itself is the error.
    """
    count: Counter[str] = Counter()
    for frame in frames:
        count[frame.qualified] += frame.repeated
    function, times = count.most_common(1)[0] if count else ("", 0)
    if times < MIN_RECURSION:
        return frames
    return frames[next(place for place, frame in enumerate(frames) if frame.qualified == function) :]
