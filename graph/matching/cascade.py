"""The matching cascade: verdict, exact, structural, semantic, fuzzy, new.

A person's verdict counts before everything. A known hash answers at once. Otherwise the graph's own indexes offer candidates,
a trained model says how likely each of their patterns is the right one, and the match is made where that is worth its
risk. The stage is named after the index that led to it. Without a model each stage proposes a pattern with a confidence of its
own and is believed above its threshold (document 1's defaults). Nothing here scans the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from graph.algorithms.evidence import Rarity
from graph.algorithms.similarity import Likeness, overlap, stack_similarity, vote
from graph.fingerprint.normalisation import tokens
from graph.matching.candidates import Candidate, IncomingSignature, KnownSignature, Neighbours
from graph.matching.ranking_model import MatchModel
from graph.matching.rulings import STRATEGY, Ruling
from graph.matching.scoring import ScoredPattern, weigh

__all__ = ["Costs", "Decision", "IncomingSignature", "KnownSignature", "Neighbours", "Policy", "Thresholds", "decide"]

EXACT_CONFIDENCE = 0.99
"""A hash of cause and three frames leaves a little doubt, which a model measures: two bugs can share them."""

STRUCTURAL_BASE = 0.60
VOTERS = 5
EXPLAINED_PATTERNS = 3
LEAST_TOLD = 0.05
"""Parts that move the log odds by less are not told in words."""
EXPLAINED_PARTS = 6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Without a model, a stage is believed when its confidence is above its threshold, each in 0..1."""

    exact: float = 0.95
    structural: float = 0.85
    semantic: float = 0.75
    fuzzy: float = 0.70


@dataclass(frozen=True, slots=True)
class Costs:
    """What being wrong costs, each above 0; only their ratio counts. Merging unrelated crashes is the worse error."""

    merge: float = 1.1
    """A crash that is put to a pattern it does not belong to."""
    split: float = 1.0
    """A crash that founds a pattern although there is one for it."""

    @property
    def threshold(self) -> float:
        """The probability from which on a match costs less on average than none: ``merge / (merge + split)``."""
        return self.merge / (self.merge + self.split)


@dataclass(frozen=True, slots=True)
class Policy:
    """How decisions are made. Without ``model`` the ``thresholds`` decide."""

    thresholds: Thresholds = Thresholds()
    costs: Costs = Costs()
    model: MatchModel | None = None

    @property
    def exact(self) -> float:
        """How sure it is that a signature's own pattern is right for a report with its hash."""
        return self.model.exact if self.model else EXACT_CONFIDENCE


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
    question: IncomingSignature | None = None
    """The question it answers, when the signature is new to the graph and must be stored."""
    by_hash: float = EXACT_CONFIDENCE
    """How sure it is that the pattern is right for another report with the same hash."""

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


def decide(
    question: IncomingSignature, near: Neighbours, policy: Policy, rarity: Rarity, ruling: Ruling | None = None
) -> Decision:
    """Run the cascade for one question; ``ruling`` is what people said about it, which counts before everything."""
    trail = _Trail()
    if ruling is not None:
        trail.lines.append(f"verdict: {ruling.why}")
        near = _allowed(near, ruling.forbidden)
    if policy.model is None:
        decision = _by_thresholds(question, near, policy.thresholds, trail)
    else:
        decision = replace(_by_model(question, near, policy, policy.model, rarity, trail), by_hash=policy.exact)
    return decision if ruling is None or ruling.pattern_id is None else _ruled(decision, ruling, ruling.pattern_id)


def _ruled(decision: Decision, ruling: Ruling, pattern_id: str) -> Decision:
    """What a person said, with what the other stages found for whoever asks why."""
    own = next((one for one in decision.candidates if one.pattern_id == pattern_id), Candidate(pattern_id, 0.0))
    others = (one for one in decision.candidates if one.pattern_id != pattern_id)
    candidates = (replace(own, score=max(own.score, ruling.confidence)), *others)
    name = ruling.pattern_name or decision.pattern_name
    return replace(
        decision,
        strategy=STRATEGY,
        confidence=ruling.confidence,
        pattern_id=pattern_id,
        pattern_name=name,
        candidates=candidates,
        by_hash=ruling.confidence,
    )


def _by_model(
    question: IncomingSignature, near: Neighbours, policy: Policy, model: MatchModel, rarity: Rarity, trail: _Trail
) -> Decision:
    weighed = weigh(question, near, rarity, model)
    candidates = _candidates(weighed, near, policy)
    known = near.exact
    if known is not None:
        trail.lines.append(f"exact: same cause and first frames as {known.pattern_name}")
        return Decision("exact", policy.exact, known.pattern_id, known.pattern_name, tuple(trail.lines), candidates)
    trail.lines.append("exact: no signature with this cause and these first frames")
    trail.lines += (_offered(stage, found) for stage, found in _stages(near))
    trail.lines += map(_explained, weighed[:EXPLAINED_PATTERNS])
    best, threshold = weighed[0] if weighed else None, policy.costs.threshold
    if best is not None and best.probability >= threshold:
        stage = _stage(best, near)
        trail.lines.append(f"{stage}: {best.probability:.3f} ≥ {threshold:.2f}, where a match costs less than none")
        return Decision(stage, best.probability, best.pattern_id, best.pattern_name, tuple(trail.lines), candidates)
    chance = best.probability if best else 0.0
    trail.lines.append(f"new: {chance:.3f} < {threshold:.2f}, no pattern is likely enough")
    # That it is none of them: each is wrong, and they are many. Nearer to how often that is so than the best one alone.
    none_of_them = prod(1.0 - one.probability for one in weighed)
    return Decision("new", none_of_them, None, None, tuple(trail.lines), candidates)


def _allowed(near: Neighbours, forbidden: Collection[str]) -> Neighbours:
    """Without the signatures of forbidden patterns."""
    if not forbidden:
        return near

    def kept(found: Sequence[KnownSignature]) -> tuple[KnownSignature, ...]:
        return tuple(known for known in found if known.pattern_id not in forbidden)

    exact = near.exact if near.exact and near.exact.pattern_id not in forbidden else None
    return Neighbours(exact, kept(near.structural), kept(near.semantic), kept(near.fuzzy))


def _candidates(weighed: Sequence[ScoredPattern], near: Neighbours, policy: Policy) -> tuple[Candidate, ...]:
    """All patterns that were weighed, best first; the one whose hash is known leads."""
    found = [one.candidate() for one in weighed]
    if near.exact is None:
        return tuple(found)
    own = next((one for one in found if one.pattern_id == near.exact.pattern_id), Candidate(near.exact.pattern_id, 0.0))
    first = replace(own, score=max(own.score, policy.exact))
    return (first, *(one for one in found if one.pattern_id != first.pattern_id))


def _stages(near: Neighbours) -> tuple[tuple[str, tuple[KnownSignature, ...]], ...]:
    return (("structural", near.structural), ("semantic", near.semantic), ("fuzzy", near.fuzzy))


def _stage(best: ScoredPattern, near: Neighbours) -> str:
    """The first stage whose index led to the signature that decided."""
    return next((stage for stage, found in _stages(near) if any(one.exact == best.nearest.exact for one in found)), "fuzzy")


def _offered(stage: str, found: Sequence[KnownSignature]) -> str:
    patterns = len({known.pattern_id for known in found})
    return f"{stage}: {len(found)} candidates of {patterns} patterns" if found else f"{stage}: no candidates"


def _explained(one: ScoredPattern) -> str:
    told = [e for e in one.evidence[:EXPLAINED_PARTS] if abs(e.contribution) >= LEAST_TOLD]
    parts = "; ".join(f"{e.meaning} {e.value:.2f} ({e.contribution:+.1f})" for e in told) or "like a usual wrong candidate"
    return f"candidate {one.pattern_name}: {one.probability:.3f}; {parts}"


def _by_thresholds(question: IncomingSignature, near: Neighbours, thresholds: Thresholds, trail: _Trail) -> Decision:
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


def _structural(question: IncomingSignature, near: Neighbours, thresholds: Thresholds, trail: _Trail) -> _Found | None:
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
    stage: str, question: IncomingSignature, neighbours: Sequence[KnownSignature], threshold: float, trail: _Trail
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


def _why(question: IncomingSignature, known: KnownSignature) -> str:
    alike = likeness(question, known)
    return (
        f"nearest {known.pattern_name}: type {alike.error_type:.2f}, message {alike.message:.2f}, "
        f"frames {alike.frames:.2f}, meaning {alike.meaning:.2f}"
    )


def likeness(question: IncomingSignature, known: KnownSignature) -> Likeness:
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


def rank(question: IncomingSignature, near: Neighbours) -> tuple[Candidate, ...]:
    """All patterns among the neighbours with their best score, best first; the exact one leads."""
    best: dict[str, float] = {}
    for known in near.distinct():
        score = likeness(question, known).combined()
        if near.exact is not None and known.exact == near.exact.exact:
            score = max(score, EXACT_CONFIDENCE)
        best[known.pattern_id] = max(best.get(known.pattern_id, 0.0), score)
    ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(pattern_id, score) for pattern_id, score in ordered)
