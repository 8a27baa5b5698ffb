"""The three-level fingerprint of a parsed report.

Level 1, ``exact``: SHA-256 of the normalised cause and the first three frames to blame.
Level 2, ``structural``: SHA-256 of the error type and the function names of those frames.
Level 3, semantic: the text that the sentence embedding and the full-text index are made from.

Frames count from the culprit on: runtime, assertion and error-raising frames above it say how the error
was raised, not what failed, and three of those would make one signature of unrelated bugs.

Versions
    ``2026-11-21``  first version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graph.ingest.normalise import normalise_message, normalise_symbol, words
from graph.model.report import ParsedReport, StackFrame

VERSION = "2026-11-21"
HASHED_FRAMES = 3
TEXT_FRAMES = 12
"""Frames in the semantic text; a dozen separates bugs better than whole stacks, whose outer frames are all alike."""
STORED_FRAMES = 64


@dataclass(frozen=True, slots=True)
class FrameKey:
    """A normalised frame: ``key`` is ``module.function``."""

    key: str
    module: str
    function: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a report is recognised by. ``frames`` are normalised, innermost first, at most :data:`STORED_FRAMES`."""

    exact: str
    structural: str
    title: str
    error_type: str
    cause: str
    frames: tuple[FrameKey, ...]
    blamed: int
    """Index in ``frames`` of the first frame to blame."""
    text: str


def fingerprint(report: ParsedReport) -> Fingerprint:
    """The fingerprint of a report."""
    error_type = normalise_symbol(report.error_type) or "Error"
    message = normalise_message(report.message)
    frames = _folded(report.frames)
    blamed = _blamed(frames, report.culprit)
    first = frames[blamed : blamed + HASHED_FRAMES]
    cause = f"{error_type}: {message}" if message else error_type
    return Fingerprint(
        exact=_sha256("exact", cause, *(frame.key for frame in first)),
        structural=_sha256("structural", error_type, *(frame.function for frame in first)),
        title=_title(error_type, message, first),
        error_type=error_type,
        cause=cause,
        frames=frames,
        blamed=blamed,
        text=_text(cause, frames[blamed : blamed + TEXT_FRAMES]),
    )


def frame_key(frame: StackFrame) -> FrameKey:
    """The normalised form of a frame."""
    module, function = normalise_symbol(frame.module), normalise_symbol(frame.function)
    return FrameKey(f"{module}.{function}" if module else function, module, function)


def _folded(frames: tuple[StackFrame, ...]) -> tuple[FrameKey, ...]:
    """Normalised frames, a frame that follows itself once: depth of recursion is chance."""
    found: list[FrameKey] = []
    for frame in frames:
        key = frame_key(frame)
        if not found or found[-1] != key:
            found.append(key)
            if len(found) == STORED_FRAMES:
                break
    return tuple(found)


def _blamed(frames: tuple[FrameKey, ...], culprit: StackFrame | None) -> int:
    if culprit is None:
        return 0
    wanted = frame_key(culprit)
    return next((index for index, frame in enumerate(frames) if frame == wanted), 0)


def _title(error_type: str, message: str, frames: tuple[FrameKey, ...]) -> str:
    """``KeyError in shop.cart.add``; without a stack the message stands in for the place."""
    if frames:
        return f"{error_type} in {frames[0].key}"
    return f"{error_type}: {message}"[:200] if message else error_type


def _text(cause: str, frames: tuple[FrameKey, ...]) -> str:
    return "\n".join([words(cause) or cause, *(words(frame.key) or frame.key for frame in frames)])


def _sha256(*parts: str) -> str:
    # A separator that no normalised part holds keeps ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256("\x1f".join((VERSION, *parts)).encode("utf-8", "surrogatepass")).hexdigest()
