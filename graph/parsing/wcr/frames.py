"""Frames of VisualWorks Smalltalk in its runtime diagnostic dumps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

NUMBERED = re.compile(r"\s*\[(\d{1,7})\]\s*(.*)", re.DOTALL)
# A block counts as its home method: "optimized [] in [] in Foo>>bar" is a block of Foo>>bar.
BLOCKS = re.compile(r"(?:optimized )?(?:\[\] in )*(?:optimized )?")
CACHED_LENGTH = 512


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
            receiver = _split_name(match[2])[0]
        if frames and (frames[-1].module, frames[-1].function) == (frame.module, frame.function):
            frames[-1] = replace(frames[-1], repeated=frames[-1].repeated + 1)
        else:
            frames.append(frame)
    return tuple(frames), receiver


def parse_frame(text: str) -> StackFrame:
    """Parse one frame: its module is the class that implements the method, its function the selector."""
    return _parse_cached(text) if len(text) <= CACHED_LENGTH else _parse(text)


def _parse(text: str) -> StackFrame:
    _, implementor, selector = _split_name(text)
    module, function = implementor[:NAME_LIMIT], selector[:NAME_LIMIT]
    name = f"{module}.{function}" if module else function
    return StackFrame(function, module, in_app=not frame_rules("smalltalk").is_library(name, None))


_parse_cached = lru_cache(maxsize=8192)(_parse)


def _split_name(text: str) -> tuple[str, str, str]:
    """Receiver, implementor and selector of ``Receiver(Implementor)>>selector``."""
    body = text[BLOCKS.match(text).end() :].strip()  # type: ignore[union-attr]  # always matches, possibly the empty string
    place, arrows, selector = body.partition(">>")
    if not arrows:
        return "", "", body
    receiver, bracket, implementor = place.partition("(")
    if not bracket or not implementor.endswith(")"):
        return place, place, selector.strip()
    return receiver, implementor[:-1], selector.strip()
