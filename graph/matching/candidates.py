"""What a signature is compared with: the question, and what the graph's indexes offer for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.fingerprint.compute import Fingerprint


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """One part of what spoke for or against a pattern.

    ``value`` is what was found, about 0..1; ``contribution`` what it added to the log odds of the pattern being right;
    ``meaning`` says in words what the part is.
    """

    part: str
    value: float
    contribution: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that was considered. ``score`` is the probability that it is the right one, 0..1."""

    pattern_id: str
    score: float
    evidence: tuple[EvidencePart, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSignature:
    """A signature that has a pattern, as candidates are compared with it.

    ``frames`` are those from the first one to blame on; ``meaning`` is the cosine of its embedding and the question's.
    """

    exact: str
    structural: str
    error_type: str
    cause: str
    frames: tuple[str, ...]
    pattern_id: str
    pattern_name: str
    meaning: float = 0.0
    size: int = 1
    """Signatures of the pattern."""
    by_verdict: bool = False
    """Whether a person put it there."""


@dataclass(frozen=True, slots=True)
class IncomingSignature:
    """A signature to be placed, with the embedding of its text."""

    fingerprint: Fingerprint
    embedding: tuple[float, ...]

    @property
    def frames(self) -> tuple[str, ...]:
        """Normalised frames from the first one to blame on."""
        return tuple(frame.key for frame in self.fingerprint.frames[self.fingerprint.blamed :])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the indexes offer for one question. A signature may stand in several lists."""

    exact: KnownSignature | None = None
    structural: tuple[KnownSignature, ...] = ()
    semantic: tuple[KnownSignature, ...] = ()
    fuzzy: tuple[KnownSignature, ...] = ()

    def distinct(self) -> Iterable[KnownSignature]:
        """Each signature once."""
        listed = (*self.structural, *self.semantic, *self.fuzzy, *([self.exact] if self.exact else []))
        return {known.exact: known for known in listed}.values()
