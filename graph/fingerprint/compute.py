"""The three-level fingerprint of a parsed report.

Level 1, ``exact``: SHA-256 of the normalised cause and the first three frames from the culprit on.
Level 2, ``structural``: SHA-256 of the error type and the function names of those frames, without inlined ones.
Level 3, semantic: the text for the sentence embedding and the full-text index.

All levels use the fault of a chain of exceptions (:mod:`graph.rules.fault`); its wrappers do not count.

Frames above the culprit (runtime, assertions, raising helpers) show how the error was raised, not what failed; hashing three
of them would join unrelated bugs.

:mod:`graph.fingerprint.normalisation` lists the versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from graph.fingerprint.normalisation import VERSION, FrameKey, normalise_message, normalise_stack, normalise_symbol, words
from graph.model.bounds import bounded
from graph.model.report import ParsedReport

__all__ = ["VERSION", "Fingerprint", "FrameKey", "fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The fingerprint of a report. ``frames`` are normalised, innermost first, at most ``STORED_FRAMES``."""

    exact: str
    structural: str
    title: str
    error_type: str
    cause: str
    frames: tuple[FrameKey, ...]
    blamed: int
    """Index of the culprit in ``frames``."""
    text: str
    version: str = VERSION
    """Version of the normalisation."""


def fingerprint(report: ParsedReport) -> Fingerprint:
    """The fingerprint of a report."""
    fault = report.fault
    error_type = bounded(normalise_symbol(fault.error_type)) or "Error"
    message = normalise_message(fault.message)
    stack = normalise_stack(fault.frames, fault.culprit, report.rule_set)
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
    """``KeyError in shop.cart.add``; without a stack, type and message."""
    if frames:
        return f"{error_type} in {frames[0].key}"
    return f"{error_type}: {message}"[:200] if message else error_type


def _text(cause: str, frames: Sequence[FrameKey]) -> str:
    return "\n".join([words(cause) or cause, *(words(frame.key) or frame.key for frame in frames)])


def _sha256(*parts: str) -> str:
    # A separator that no normalised part contains keeps ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256("\x1f".join((VERSION, *parts)).encode("utf-8", "surrogatepass")).hexdigest()
