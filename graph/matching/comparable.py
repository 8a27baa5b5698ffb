"""A signature as it is compared by likeness: its words and its frames without those that only run code."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from graph.algorithms.evidence import Described
from graph.fingerprint.compute import Fingerprint
from graph.fingerprint.normalisation import telling, words

COMPARED_FRAMES = 12
"""Frames whose words are compared; a dozen separates bugs better than whole stacks, whose outer frames are all alike."""
REMEMBERED = 20_000


def described(fingerprint: Fingerprint) -> Described:
    """A fingerprint as it is compared."""
    frames = tuple(frame.key for frame in fingerprint.frames[fingerprint.blamed :])
    return describe(fingerprint.error_type, fingerprint.cause, frames, fingerprint.blamed > 0)


@lru_cache(maxsize=REMEMBERED)
def describe(error_type: str, cause: str, frames: tuple[str, ...], raised_by_helper: bool = False) -> Described:
    """A signature as it is compared. ``frames`` are normalised keys from the first to blame on, innermost first."""
    message = cause[len(error_type) + 2 :] if cause.startswith(f"{error_type}: ") else ""
    told = telling(frames)[:COMPARED_FRAMES]
    message_words = words(message).split()
    found = Counter(words(error_type).split())
    found.update(message_words)
    for frame in told:
        found.update(words(frame).split())
    modules = tuple(frame.rpartition(".")[0] for frame in told)
    return Described(error_type, message, frozenset(message_words), told, modules, dict(found), raised_by_helper)
