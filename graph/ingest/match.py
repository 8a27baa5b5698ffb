"""The matching cascade: exact, structural, semantic, fuzzy, new.

Each stage proposes a pattern with a confidence and is believed above its threshold (document 1's defaults).
Candidates come from the graph's own indexes and from signatures that are about to be stored in the same
batch; nothing here scans the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from graph.algorithms.similarity import Likeness, overlap, stack_similarity, vote
from graph.ingest.fingerprint import Fingerprint
from graph.ingest.normalisation import tokens
from graph.ingest.receipt import Candidate

EXACT_CONFIDENCE = 0.99
"""A hash of cause and three frames leaves a little doubt: two bugs can share them."""

STRUCTURAL_BASE = 0.60
VOTERS = 5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A stage is believed when its confidence is above its threshold, each in 0..1."""

    exact: float = 0.95
    structural: float = 0.85
    semantic: float = 0.75
    fuzzy: float = 0.70


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


@dataclass(frozen=True, slots=True)
class Question:
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


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a signature belongs. ``pattern_id`` is ``None`` when it founds a pattern of its own.

    ``explanation`` has one line per stage tried; ``candidates`` come best first.
    """

    strategy: str
    confidence: float
    pattern_id: str | None
    pattern_name: str | None
    explanation: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()
    question: Question | None = None
    """The question it answers, when the signature is new to the graph and must be stored."""

    def moved_to(self, pattern_id: str, pattern_name: str) -> Decision:
        """The same decision with the pattern that the graph really has for it: another writer may have been first."""
        return replace(self, pattern_id=pattern_id, pattern_name=pattern_name)


@dataclass(slots=True)
class _Trail:
    """The stages tried so far."""

    lines: list[str] = field(default_factory=list)

    def tried(self, stage: str, confidence: float, threshold: float, why: str) -> bool:
        believed = confidence > threshold
        self.lines.append(f"{stage}: {confidence:.3f} {'>' if believed else '≤'} {threshold:.2f}, {why}")
        return believed


def decide(question: Question, near: Neighbours, thresholds: Thresholds) -> Decision:
    """Run the cascade for one question."""
    trail = _Trail()
    candidates = rank(question, near)
    found = (
        _exact(near, thresholds, trail)
        or _structural(question, near, thresholds, trail)
        or _voted("semantic", question, near.semantic, thresholds.semantic, trail)
        or _voted("fuzzy", question, near.fuzzy, thresholds.fuzzy, trail)
    )
    if found is None:
        best = candidates[0].score if candidates else 0.0
        trail.lines.append(f"new: no stage was sure, the best candidate scored {best:.3f}")
        return Decision("new", 1.0 - best, None, None, tuple(trail.lines), candidates)
    strategy, confidence, signature = found
    return Decision(strategy, confidence, signature.pattern_id, signature.pattern_name, tuple(trail.lines), candidates)


_Found = tuple[str, float, KnownSignature]


def _exact(near: Neighbours, thresholds: Thresholds, trail: _Trail) -> _Found | None:
    if near.exact is None:
        trail.lines.append("exact: no signature with this cause and these first frames")
        return None
    believed = trail.tried("exact", EXACT_CONFIDENCE, thresholds.exact, "same cause and first frames")
    return ("exact", EXACT_CONFIDENCE, near.exact) if believed else None


def _structural(question: Question, near: Neighbours, thresholds: Thresholds, trail: _Trail) -> _Found | None:
    """Same error type and function names: the rest of message and stack says how sure that is."""
    if not near.structural or not question.fingerprint.frames:
        trail.lines.append("structural: no signature with this error type and these functions")
        return None
    scored = [(_structural_confidence(likeness(question, known)), known) for known in near.structural]
    confidence, best = max(scored, key=lambda pair: (pair[0], pair[1].pattern_id))
    why = f"same error type and functions as {best.pattern_name}"
    return ("structural", confidence, best) if trail.tried("structural", confidence, thresholds.structural, why) else None


def _structural_confidence(alike: Likeness) -> float:
    return min(0.98, STRUCTURAL_BASE + 0.26 * alike.message + 0.13 * alike.frames)


def _voted(
    stage: str, question: Question, neighbours: Sequence[KnownSignature], threshold: float, trail: _Trail
) -> _Found | None:
    """The ensemble vote of the nearest neighbours."""
    if not neighbours:
        trail.lines.append(f"{stage}: no candidates")
        return None
    scored = sorted(((likeness(question, known).combined(), known) for known in neighbours), key=lambda pair: -pair[0])
    voters = scored[:VOTERS]
    winner, confidence = vote([score for score, _ in voters], [known.pattern_id for _, known in voters])
    best = next(known for _, known in voters if known.pattern_id == winner)
    return (stage, confidence, best) if trail.tried(stage, confidence, threshold, _why(question, best)) else None


def _why(question: Question, known: KnownSignature) -> str:
    alike = likeness(question, known)
    return (
        f"nearest {known.pattern_name}: type {alike.error_type:.2f}, message {alike.message:.2f}, "
        f"frames {alike.frames:.2f}, meaning {alike.meaning:.2f}"
    )


def likeness(question: Question, known: KnownSignature) -> Likeness:
    """The evidence that a question and a known signature are one bug."""
    mine = question.fingerprint
    return Likeness(
        error_type=1.0 if mine.error_type == known.error_type else 0.0,
        message=overlap(_message_words(mine.cause, mine.error_type), _message_words(known.cause, known.error_type)),
        frames=stack_similarity(question.frames, known.frames),
        meaning=1.0 if mine.exact == known.exact else known.meaning,
    )


def _message_words(cause: str, error_type: str) -> frozenset[str]:
    """The words of a message without its error type, which is compared by itself."""
    return tokens(cause.removeprefix(error_type))


def rank(question: Question, near: Neighbours) -> tuple[Candidate, ...]:
    """All patterns among the neighbours with their best score, best first; the exact one leads."""
    best: dict[str, float] = {}
    for known in _distinct(near):
        score = likeness(question, known).combined()
        if near.exact is not None and known.exact == near.exact.exact:
            score = max(score, EXACT_CONFIDENCE)
        best[known.pattern_id] = max(best.get(known.pattern_id, 0.0), score)
    ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(pattern_id, score) for pattern_id, score in ordered)


def _distinct(near: Neighbours) -> Iterable[KnownSignature]:
    listed = (*near.structural, *near.semantic, *near.fuzzy, *([near.exact] if near.exact else []))
    return {known.exact: known for known in listed}.values()
