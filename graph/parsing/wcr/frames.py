"""Frames of VisualWorks Smalltalk in its runtime diagnostic dumps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from graph.model.report import StackFrame
from graph.parsing.text.smalltalk_frames import parse_frame, split_name

NUMBERED = re.compile(r"\s*\[(\d{1,7})\]\s*(.*)", re.DOTALL)


def numbered_frames(lines: Iterable[str]) -> tuple[tuple[StackFrame, ...], str]:
    """The frames of the first context stack in the lines, innermost first, and the receiver of the innermost one.

    The stack ends at the first line that is not the next frame. Recursion is folded.
    """
    frames: list[StackFrame] = []
    receiver = ""
    expected = 0
    for line in lines:
        match = NUMBERED.match(line)
        if not match or (expected and int(match[1]) < expected):
            if expected:
                break
            continue
        expected = int(match[1]) + 1
        frame = parse_frame(match[2])
        if not frames:
            receiver = split_name(match[2])[0]
        if frames and (frames[-1].module, frames[-1].function) == (frame.module, frame.function):
            frames[-1] = replace(frames[-1], repeated=frames[-1].repeated + 1)
        else:
            frames.append(frame)
    return tuple(frames), receiver
