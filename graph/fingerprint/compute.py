"""The three-level fingerprint of a parsed report.

Level 1, ``exact``: SHA-256 of the normalised cause and the first three frames to blame.
Level 2, ``structural``: SHA-256 of the error type and the function names of those frames, inlined ones left out.
Level 3, semantic: the text that the sentence embedding and the full-text index are made from.

Frames count from the culprit on: runtime, assertion and error-raising frames above it say how the error
was raised, not what failed, and three of those would make one signature of unrelated bugs.

The versions of all this, and what each brought, are in :mod:`graph.fingerprint.normalisation`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from graph.fingerprint.normalisation import VERSION, FrameKey, normalise_message, normalise_stack, normalise_symbol, words
from graph.model.report import ParsedReport

__all__ = ["VERSION", "Fingerprint", "FrameKey", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a report is recognised by. ``frames`` are normalised, innermost first, at most ``STORED_FRAMES``."""

    exact: str
    structural: str
    title: str
    error_type: str
    cause: str
    frames: tuple[FrameKey, ...]
    blamed: int
    """Index in ``frames`` of the first frame to blame."""
    text: str
    version: str = VERSION
    """Of the normalisation that made it."""


def fingerprint(report: ParsedReport) -> Fingerprint:
    """The fingerprint of a report."""
    error_type = normalise_symbol(report.error_type) or "Error"
    message = normalise_message(report.message)
    stack = normalise_stack(report.frames, report.culprit)
    frames = stack.keys
    first = [frames[index] for index in stack.exact]
    cause = f"{error_type}: {message}" if message else error_type
    return Fingerprint(
        exact=_sha256("exact", cause, *(frame.key for frame in first)),
        structural=_sha256("structural", error_type, *(frames[index].function for index in stack.structural)),
        title=_title(error_type, message, first),
        error_type=error_type,
        cause=cause,
        frames=frames,
        blamed=stack.blamed,
        text=_text(cause, [frames[index] for index in stack.text]),
    )


def _title(error_type: str, message: str, frames: Sequence[FrameKey]) -> str:
    """``KeyError in shop.cart.add``; without a stack the message stands in for the place."""
    if frames:
        return f"{error_type} in {frames[0].key}"
    return f"{error_type}: {message}"[:200] if message else error_type


def _text(cause: str, frames: Sequence[FrameKey]) -> str:
    return "\n".join([words(cause) or cause, *(words(frame.key) or frame.key for frame in frames)])


def _sha256(*parts: str) -> str:
    # A separator that no normalised part holds keeps ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256("\x1f".join((VERSION, *parts)).encode("utf-8", "surrogatepass")).hexdigest()
