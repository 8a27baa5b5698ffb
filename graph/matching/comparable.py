"""A signature as input of the similarity features: its words, and its frames without those that only run code."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from graph.algorithms.evidence import ComparableSignature
from graph.fingerprint.compute import Fingerprint
from graph.fingerprint.normalisation import informative_frames, words

COMPARED_FRAMES = 12
"""Frames compared; a dozen separates bugs better than whole stacks, as outer frames are all alike."""
CACHED_SIGNATURES = 20_000


def describe_fingerprint(fingerprint: Fingerprint) -> ComparableSignature:
    """The input of the similarity features for a fingerprint."""
    frames = tuple(frame.key for frame in fingerprint.frames[fingerprint.blamed :])
    return describe(fingerprint.error_type, fingerprint.cause, frames, fingerprint.blamed > 0)


@lru_cache(maxsize=CACHED_SIGNATURES)
def describe(error_type: str, cause: str, frames: tuple[str, ...], raised_by_helper: bool = False) -> ComparableSignature:
    """The input of the similarity features. ``frames`` are normalised keys from the culprit on, innermost first."""
    message = cause[len(error_type) + 2 :] if cause.startswith(f"{error_type}: ") else ""
    compared = informative_frames(frames)[:COMPARED_FRAMES]
    message_words = words(message).split()
    counts = Counter(words(error_type).split())
    counts.update(message_words)
    for frame in compared:
        counts.update(words(frame).split())
    modules = tuple(frame.rpartition(".")[0] for frame in compared)
    return ComparableSignature(error_type, message, frozenset(message_words), compared, modules, dict(counts), raised_by_helper)
