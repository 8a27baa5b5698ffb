"""Reports that are almost one that was seen: variants of the same bug, and near misses of another.

Short stacks are where a mistake is easiest: an error type, a message and the entry point can be common to many bugs of a
product. A near miss has the type, message and outermost frame of a report with the inner frames of another bug, or fails in
another function of the same module; a variant has the same culprit, reached by another path, or another word in its message.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.fingerprint.normalisation import words
from graph.matching.comparable import ComparableSignature, describe
from matcher.streams import LabelledSignature

SHORTEST = 2
INNER = 3
FILLER = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty", "knoll", "larch")


@dataclass(frozen=True, slots=True)
class Variant:
    """A made-up report, the shortened original that it is compared with, and whether both are one bug."""

    report: ComparableSignature
    report_text: str
    original: ComparableSignature
    original_text: str
    same: bool


def variants(item: LabelledSignature, others: Sequence[LabelledSignature], chance: random.Random) -> Iterator[Variant]:
    """Variants and near misses of a report, with parts of other bugs of its product."""
    frames, error_type, cause = item.comparable.frames, item.comparable.error_type, item.fingerprint.cause
    donors = [
        other.comparable.frames
        for other in others
        if other.group != item.group
        and len(other.comparable.frames) >= SHORTEST
        and other.comparable.frames[0] not in frames
        and len(frames) >= SHORTEST
    ]
    if not donors:
        return
    donor = chance.choice(donors)
    inner = chance.randint(1, min(INNER, len(frames) - 1, len(donor) - 1))
    original = (*frames[:inner], frames[-1])
    yield _variant(error_type, cause, original, cause, (*donor[:inner], frames[-1]), same=False)
    sibling = f"{frames[0].rpartition('.')[0]}.{donor[0].rpartition('.')[2]}"
    yield _variant(error_type, cause, original, cause, (sibling, *frames[1:inner], frames[-1]), same=False)
    yield _variant(error_type, cause, original, cause, (*frames[:1], donor[-1]), same=True)
    changed = _another_word(cause, len(error_type) + 2, chance)
    if changed != cause:
        yield _variant(error_type, cause, original, changed, original, same=True)


def _variant(
    error_type: str, cause: str, frames: tuple[str, ...], changed: str, moved: tuple[str, ...], *, same: bool
) -> Variant:
    return Variant(
        describe(error_type, changed, moved),
        _text(changed, moved),
        describe(error_type, cause, frames),
        _text(cause, frames),
        same,
    )


def _another_word(cause: str, start: int, chance: random.Random) -> str:
    """The cause with one word of its message, of several, replaced."""
    parts = cause[start:].split(" ")
    places = [place for place, part in enumerate(parts) if part.isalpha()]
    if len(places) < INNER:
        return cause
    parts[chance.choice(places)] = chance.choice(FILLER)
    return cause[:start] + " ".join(parts)


def _text(cause: str, frames: Sequence[str]) -> str:
    return "\n".join([words(cause) or cause, *(words(frame) or frame for frame in frames)])
