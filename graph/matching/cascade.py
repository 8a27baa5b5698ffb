"""The matching cascade: verdict, exact, structural, semantic, fuzzy, new.

A person's verdict has precedence. A known hash matches at once. Otherwise the graph's indexes return candidates, the ranking
model gives the probability of each of their patterns, and a match is made if it costs less on average than founding a new
pattern. Its stage is the index that found the deciding signature. Without a model each stage proposes a pattern with its own
confidence, which must exceed the threshold of the stage. Nothing here scans the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from graph.algorithms.evidence import Rarity
from graph.algorithms.similarity import Likeness, overlap, stack_similarity, vote
from graph.fingerprint.normalisation import tokens
from graph.matching.candidates import Candidate, IncomingSignature, KnownSignature, Neighbours
from graph.matching.ranking_model import MatchModel
from graph.matching.rulings import STRATEGY, Ruling
from graph.matching.scoring import ScoredPattern, score_patterns
from graph.matching.wording import explain_candidate

EXACT_CONFIDENCE = 0.99
"""Below 1, as two bugs can share the cause and three frames; a model supplies the measured value."""

PATTERN_ID_LENGTH = 16
"""Digits of the founding signature's exact hash in the id of a pattern."""
STRUCTURAL_BASE = 0.60
VOTERS = 5
EXPLAINED_PATTERNS = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Without a model, the confidence that a stage must exceed, each in 0..1."""

    exact: float = 0.95
    structural: float = 0.85
    semantic: float = 0.75
    fuzzy: float = 0.70


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of wrong decisions, each above 0; only their ratio matters."""

    merge: float = 1.0
    """A crash placed in a pattern it does not belong to."""
    split: float = 1.0
    """A crash that founds a pattern although one exists for it."""

    @property
    def threshold(self) -> float:
        """The probability above which a match costs less on average than a new pattern: ``merge / (merge + split)``."""
        return self.merge / (self.merge + self.split)


@dataclass(frozen=True, slots=True)
class Policy:
    """How to decide: by ``model`` and ``costs``, or without a model by ``thresholds``."""

    thresholds: Thresholds = Thresholds()
    costs: Costs = Costs()
    model: MatchModel | None = None

    @property
    def exact(self) -> float:
        """The probability that a match by hash is right."""
        return self.model.exact if self.model else EXACT_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Decision:
    """The pattern of a signature. ``pattern_id`` is ``None`` if it founds a new one.

    ``explanation`` has one line per stage tried; ``candidates`` are ordered best first.
    """

    strategy: str
    confidence: float
    pattern_id: str | None
    pattern_name: str | None
    explanation: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()
    incoming: IncomingSignature | None = None
    """The signature, if it is new to the graph and must be stored."""
    by_hash: float = EXACT_CONFIDENCE
    """The probability that the pattern is right for another report with the same hash."""

    @property
    def founds(self) -> bool:
        """Whether the signature founds the pattern."""
        return self.incoming is not None and self.pattern_id == self.incoming.fingerprint.exact[:PATTERN_ID_LENGTH]

    def moved_to(self, pattern_id: str, pattern_name: str) -> Decision:
        """The decision with the pattern that was stored, as another writer may have been first."""
        return replace(self, pattern_id=pattern_id, pattern_name=pattern_name)


@dataclass(slots=True)
class _Trail:
    """The stages tried so far."""

    lines: list[str] = field(default_factory=list)

    def accept(self, stage: str, confidence: float, threshold: float, why: str) -> bool:
        accepted = confidence > threshold
        self.lines.append(f"{stage}: {confidence:.3f} {'>' if accepted else '≤'} {threshold:.2f}, {why}")
        return accepted


def decide(
    incoming: IncomingSignature, near: Neighbours, policy: Policy, rarity: Rarity, ruling: Ruling | None = None
) -> Decision:
    """Run the cascade for one signature; ``ruling`` has the verdicts on it, which have precedence."""
    trail = _Trail()
    if ruling is not None:
        trail.lines.append(f"verdict: {ruling.why}")
        near = _allowed(near, ruling.forbidden)
    if policy.model is None:
        decision = _by_thresholds(incoming, near, policy.thresholds, trail)
    else:
        decision = replace(_by_model(incoming, near, policy, policy.model, rarity, trail), by_hash=policy.exact)
    return decision if ruling is None or ruling.pattern_id is None else _ruled(decision, ruling, ruling.pattern_id)


def _ruled(decision: Decision, ruling: Ruling, pattern_id: str) -> Decision:
    """The decision by verdict; candidates and explanation are those of the other stages."""
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
    incoming: IncomingSignature, near: Neighbours, policy: Policy, model: MatchModel, rarity: Rarity, trail: _Trail
) -> Decision:
    scored = score_patterns(incoming, near, rarity, model)
    candidates = _candidates(scored, near, policy)
    known = near.exact
    if known is not None:
        trail.lines.append(f"exact: same cause and first frames as {known.pattern_name}")
        return Decision("exact", policy.exact, known.pattern_id, known.pattern_name, tuple(trail.lines), candidates)
    trail.lines.append("exact: no signature with this cause and these first frames")
    trail.lines += (_retrieved(stage, known) for stage, known in _stages(near))
    trail.lines += (_explained(incoming, one) for one in scored[:EXPLAINED_PATTERNS])
    best, threshold = scored[0] if scored else None, policy.costs.threshold
    if best is not None and best.probability >= threshold:
        stage = _stage(best, near)
        why = "the threshold at which matching costs less than founding a new pattern"
        trail.lines.append(f"{stage}: {best.probability:.3f} ≥ {threshold:.2f}, {why}")
        return Decision(stage, best.probability, best.pattern_id, best.pattern_name, tuple(trail.lines), candidates)
    highest = best.probability if best else 0.0
    trail.lines.append(f"new: {highest:.3f} < {threshold:.2f}, no pattern is likely enough")
    # Competing candidates exclude each other, so this is the probability that none is right.
    none_right = max(0.0, 1.0 - sum(one.probability for one in scored if one.competes))
    is_new = model.novelty.probability(none_right, rarity.novelty)
    return Decision("new", is_new, None, None, tuple(trail.lines), candidates)


def _allowed(near: Neighbours, forbidden: Collection[str]) -> Neighbours:
    """The neighbours without signatures of forbidden patterns."""
    if not forbidden:
        return near

    def allowed(signatures: Sequence[KnownSignature]) -> tuple[KnownSignature, ...]:
        return tuple(known for known in signatures if known.pattern_id not in forbidden)

    exact = near.exact if near.exact and near.exact.pattern_id not in forbidden else None
    return Neighbours(exact, allowed(near.structural), allowed(near.semantic), allowed(near.fuzzy))


def _candidates(scored: Sequence[ScoredPattern], near: Neighbours, policy: Policy) -> tuple[Candidate, ...]:
    """All scored patterns, best first; the pattern of a known hash comes first."""
    candidates = [one.candidate() for one in scored]
    if near.exact is None:
        return tuple(candidates)
    own = next((one for one in candidates if one.pattern_id == near.exact.pattern_id), Candidate(near.exact.pattern_id, 0.0))
    first = replace(own, score=max(own.score, policy.exact))
    return (first, *(one for one in candidates if one.pattern_id != first.pattern_id))


def _stages(near: Neighbours) -> tuple[tuple[str, tuple[KnownSignature, ...]], ...]:
    return (("structural", near.structural), ("semantic", near.semantic), ("fuzzy", near.fuzzy))


def _stage(best: ScoredPattern, near: Neighbours) -> str:
    """The first stage with the deciding signature among its candidates."""
    return next((stage for stage, known in _stages(near) if any(one.exact == best.nearest.exact for one in known)), "fuzzy")


def _retrieved(stage: str, signatures: Sequence[KnownSignature]) -> str:
    patterns = len({known.pattern_id for known in signatures})
    return f"{stage}: {len(signatures)} candidates of {patterns} patterns" if signatures else f"{stage}: no candidates"


def _explained(incoming: IncomingSignature, one: ScoredPattern) -> str:
    return f"candidate {one.pattern_name}, {one.probability:.0%}; {explain_candidate(incoming, one.nearest, one.evidence)}"


def _by_thresholds(incoming: IncomingSignature, near: Neighbours, thresholds: Thresholds, trail: _Trail) -> Decision:
    candidates = rank(incoming, near)
    match = (
        _exact(near, thresholds, trail)
        or _structural(incoming, near, thresholds, trail)
        or _voted("semantic", incoming, near.semantic, thresholds.semantic, trail)
        or _voted("fuzzy", incoming, near.fuzzy, thresholds.fuzzy, trail)
    )
    if match is None:
        best = candidates[0].score if candidates else 0.0
        trail.lines.append(f"new: no stage was confident enough; the best candidate scored {best:.3f}")
        return Decision("new", 1.0 - best, None, None, tuple(trail.lines), candidates)
    strategy, confidence, signature = match
    return Decision(strategy, confidence, signature.pattern_id, signature.pattern_name, tuple(trail.lines), candidates)


_StageMatch = tuple[str, float, KnownSignature]


def _exact(near: Neighbours, thresholds: Thresholds, trail: _Trail) -> _StageMatch | None:
    if near.exact is None:
        trail.lines.append("exact: no signature with this cause and these first frames")
        return None
    accepted = trail.accept("exact", EXACT_CONFIDENCE, thresholds.exact, "same cause and first frames")
    return ("exact", EXACT_CONFIDENCE, near.exact) if accepted else None


def _structural(incoming: IncomingSignature, near: Neighbours, thresholds: Thresholds, trail: _Trail) -> _StageMatch | None:
    """Same error type and function names; message and stack give the confidence."""
    if not near.structural or not incoming.fingerprint.frames:
        trail.lines.append("structural: no signature with this error type and these functions")
        return None
    scored = [(_structural_confidence(likeness(incoming, known)), known) for known in near.structural]
    confidence, best = max(scored, key=lambda pair: (pair[0], pair[1].pattern_id))
    why = f"same error type and functions as {best.pattern_name}"
    return ("structural", confidence, best) if trail.accept("structural", confidence, thresholds.structural, why) else None


def _structural_confidence(alike: Likeness) -> float:
    return min(0.98, STRUCTURAL_BASE + 0.26 * alike.message + 0.13 * alike.frames)


def _voted(
    stage: str, incoming: IncomingSignature, neighbours: Sequence[KnownSignature], threshold: float, trail: _Trail
) -> _StageMatch | None:
    """Ensemble vote of the nearest neighbours."""
    if not neighbours:
        trail.lines.append(f"{stage}: no candidates")
        return None
    scored = sorted(((likeness(incoming, known).combined(), known) for known in neighbours), key=lambda pair: -pair[0])
    voters = scored[:VOTERS]
    winner, confidence = vote([score for score, _ in voters], [known.pattern_id for _, known in voters])
    best = next(known for _, known in voters if known.pattern_id == winner)
    return (stage, confidence, best) if trail.accept(stage, confidence, threshold, _why(incoming, best)) else None


def _why(incoming: IncomingSignature, known: KnownSignature) -> str:
    alike = likeness(incoming, known)
    return (
        f"nearest {known.pattern_name}: type {alike.error_type:.2f}, message {alike.message:.2f}, "
        f"frames {alike.frames:.2f}, meaning {alike.meaning:.2f}"
    )


def likeness(incoming: IncomingSignature, known: KnownSignature) -> Likeness:
    """The evidence that two signatures are the same bug."""
    fingerprint = incoming.fingerprint
    return Likeness(
        error_type=1.0 if fingerprint.error_type == known.error_type else 0.0,
        message=overlap(
            _message_words(fingerprint.cause, fingerprint.error_type), _message_words(known.cause, known.error_type)
        ),
        frames=stack_similarity(incoming.frames, known.frames),
        meaning=1.0 if fingerprint.exact == known.exact else known.meaning,
    )


def _message_words(cause: str, error_type: str) -> frozenset[str]:
    """The words of a message without the error type, which is compared separately."""
    return tokens(cause.removeprefix(error_type))


def rank(incoming: IncomingSignature, near: Neighbours) -> tuple[Candidate, ...]:
    """All patterns of the neighbours with their best score, best first; an exact match comes first."""
    best: dict[str, float] = {}
    for known in near.distinct():
        score = likeness(incoming, known).combined()
        if near.exact is not None and known.exact == near.exact.exact:
            score = max(score, EXACT_CONFIDENCE)
        best[known.pattern_id] = max(best.get(known.pattern_id, 0.0), score)
    ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Candidate(pattern_id, score) for pattern_id, score in ordered)
