"""The signature to be matched, and the known signatures that the graph's indexes return as its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.fingerprint.compute import Fingerprint


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """One feature of the evidence for or against a pattern.

    ``value`` is the feature's value, about 0..1; ``contribution`` is what it adds to the log odds that the pattern is right;
    ``meaning`` describes the feature in words.
    """

    part: str
    value: float
    contribution: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that was considered. ``score`` is the probability that it is right, 0..1."""

    pattern_id: str
    score: float
    evidence: tuple[EvidencePart, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSignature:
    """A stored signature with its pattern.

    ``frames`` start at the culprit; ``meaning`` is the cosine similarity of its embedding and the incoming one.
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
    """Number of signatures of the pattern."""
    by_verdict: bool = False
    """Whether a person placed it in the pattern."""


@dataclass(frozen=True, slots=True)
class IncomingSignature:
    """A signature to be matched, with the embedding of its text."""

    fingerprint: Fingerprint
    embedding: tuple[float, ...]

    @property
    def frames(self) -> tuple[str, ...]:
        """Normalised frames from the culprit on."""
        return tuple(frame.key for frame in self.fingerprint.frames[self.fingerprint.blamed :])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of one incoming signature, per index. A signature may be in several lists."""

    exact: KnownSignature | None = None
    structural: tuple[KnownSignature, ...] = ()
    semantic: tuple[KnownSignature, ...] = ()
    fuzzy: tuple[KnownSignature, ...] = ()

    def distinct(self) -> Iterable[KnownSignature]:
        """Each signature once."""
        listed = (*self.structural, *self.semantic, *self.fuzzy, *([self.exact] if self.exact else []))
        return {known.exact: known for known in listed}.values()
