"""A signature as input of the similarity features: its words, and its frames without those that only run code."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from graph.algorithms.evidence import ComparableSignature
from graph.fingerprint.compute import Fingerprint
from graph.fingerprint.normalisation import informative_frames, words

COMPARED_FRAMES = 12
"""Frames compared; a dozen separates bugs better than whole stacks, as outer frames are all alike."""
DEPTH_DECAY = 0.6
"""A word of the frame at depth ``i`` weighs ``(1 + i) ** -0.6`` in the inner words: inner frames weigh most."""
CACHED_SIGNATURES = 20_000
_NAME = re.compile(r"\w+")
_OFFSET = re.compile(r"(?:^|\.)\+0x[0-9a-f]+$")


def describe_fingerprint(fingerprint: Fingerprint) -> ComparableSignature:
    """The input of the similarity features for a fingerprint."""
    frames = tuple(frame.key for frame in fingerprint.frames[fingerprint.blamed :])
    return describe(fingerprint.error_type, fingerprint.cause, frames)


@lru_cache(maxsize=CACHED_SIGNATURES)
def describe(error_type: str, cause: str, frames: tuple[str, ...]) -> ComparableSignature:
    """The input of the similarity features. ``frames`` are normalised keys from the culprit on, innermost first."""
    message = cause[len(error_type) + 2 :] if cause.startswith(f"{error_type}: ") else ""
    compared = informative_frames(frames)[:COMPARED_FRAMES]
    message_words = words(message).split()
    counts = Counter(words(error_type).split())
    counts.update(message_words)
    inner = dict.fromkeys(counts, 1.0)
    by_frame = [words(frame).split() for frame in compared]
    for depth, in_frame in enumerate(by_frame):
        counts.update(in_frame)
        weight = (1 + depth) ** -DEPTH_DECAY
        for word in in_frame:
            inner.setdefault(word, weight)
    return ComparableSignature(
        error_type=error_type,
        message=message,
        message_words=frozenset(message_words),
        frames=compared,
        modules=tuple(frame.rpartition(".")[0] for frame in compared),
        words=dict(counts),
        inner_words=inner,
        culprit_words=frozenset(by_frame[0] if by_frame else ()),
        function_words=tuple(words(_function(compared[0])).split() if compared else ()),
    )


def _function(frame: str) -> str:
    """The last name of a frame: ``Nest::count()`` → ``count``. An offset in a module is no name."""
    if _OFFSET.search(frame):
        return ""
    names = _NAME.findall(frame)
    return names[-1] if names else frame
