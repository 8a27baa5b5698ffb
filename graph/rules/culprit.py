"""The culprit: the first frame that is not a wrapper, an assertion, an error-raising or a runtime frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from graph.model.report import StackFrame
from graph.rules import FrameRules, frame_rules

CACHED_LENGTH = 500
"""Maximum length of a cached name and file, so that hostile input cannot fill the memory."""


def culprit(frames: Sequence[StackFrame], platform: str = "", kind: str = "") -> StackFrame | None:
    """The frame to blame, of frames given innermost first. ``kind`` is a kind of error in the platform's rules.

    Frames skipped by the rules are passed over. Of the others the innermost is blamed, unless it is library code and an
    in-app frame is at most ``near`` frames further out. If the rules skip every frame, the innermost in-app frame with a file
    is blamed, as the program can be changed and the runtime cannot; without one, the innermost frame. ``None`` only without
    frames. An unknown platform has no rules; then only ``in_app`` counts.
    """
    if not frames:
        return None
    own = (frame for frame in frames if frame.in_app and frame.file)
    return blamed(frames, platform, kind) or next(own, frames[0])


def blamed(frames: Sequence[StackFrame], platform: str, kind: str = "") -> StackFrame | None:
    """The frame to blame as in :func:`culprit`, or ``None`` if the rules skip every frame."""
    rules = frame_rules(platform, kind)
    if kind:
        frames = _interrupted(frames, rules)
        named = _named(frames, rules)
        if named:
            return named
    first: int | None = None
    for position, frame in enumerate(frames):
        if first is not None and position - first > rules.near:
            break
        if is_skipped(frame, platform, kind):
            continue
        if frame.in_app is not False:
            return frame
        if first is None:
            first = position
    return frames[first] if first is not None else None


def is_skipped(frame: StackFrame, platform: str, kind: str = "") -> bool:
    """Whether the rules never blame the frame while there is another."""
    name, file = frame.qualified, frame.file
    if len(name) + len(file or "") > CACHED_LENGTH:
        return frame_rules(platform, kind).is_skipped(name, file)
    return _cached(platform, kind, name, file)


@lru_cache(maxsize=16_384)
def _cached(platform: str, kind: str, name: str, file: str | None) -> bool:
    return frame_rules(platform, kind).is_skipped(name, file)


def _interrupted(frames: Sequence[StackFrame], rules: FrameRules) -> Sequence[StackFrame]:
    """The frames interrupted by the innermost interrupt; all frames without one."""
    for position, frame in enumerate(frames[:-1]):
        if rules.interrupt_names.fullmatch(frame.qualified):
            return frames[position + 1 :]
    return frames


def _named(frames: Sequence[StackFrame], rules: FrameRules) -> StackFrame | None:
    """The innermost frame that is always to blame, or else the one called by a known entry."""
    for frame in frames:
        if rules.blame_names.fullmatch(frame.qualified):
            return frame
    for position, frame in enumerate(frames):
        if rules.entry_names.fullmatch(frame.qualified):
            return frames[max(position - 1, 0)]
    return None
