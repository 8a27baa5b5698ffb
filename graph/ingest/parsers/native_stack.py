"""Stacks of native code: equal neighbours folded into one frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graph.model.report import StackFrame


def folded(frames: Iterable[StackFrame]) -> tuple[StackFrame, ...]:
    """The frames, each that follows itself counted there: same function, module, file and line.

    Frames of which nothing is known but that they are there are not folded: they need not be the same function.
    """
    found: list[StackFrame] = []
    for frame in frames:
        last = found[-1] if found else None
        if last and _same(last, frame):
            found[-1] = replace(last, repeated=last.repeated + frame.repeated)
        else:
            found.append(frame)
    return tuple(found)


def _same(one: StackFrame, other: StackFrame) -> bool:
    return (
        (one.function, one.module, one.file, one.line) == (other.function, other.module, other.file, other.line)
        and one.function not in {"??", "<unknown>"}
        and not (one.inlined or other.inlined)
    )
