"""Which frame to blame: the first one that is not a wrapper, an assertion, an error-raising or a runtime frame."""

from __future__ import annotations

from collections.abc import Sequence

from graph.ingest.rules import frame_rules
from graph.model.report import StackFrame


def culprit(frames: Sequence[StackFrame], platform: str = "") -> StackFrame | None:
    """The frame to blame, of frames given innermost first.

    Frames that the platform's rules skip are passed over. Of the rest the innermost is blamed, unless it is library
    code and an in-app frame lies at most ``near`` frames further out. When the rules skip every frame, the innermost
    is blamed. ``None`` only for no frames. An unknown platform has no rules, only ``in_app`` counts.
    """
    rules = frame_rules(platform)
    first: int | None = None
    for position, frame in enumerate(frames):
        if first is not None and position - first > rules.near:
            break
        if rules.is_skipped(frame.qualified, frame.file):
            continue
        if frame.in_app is not False:
            return frame
        if first is None:
            first = position
    if first is not None:
        return frames[first]
    return frames[0] if frames else None
