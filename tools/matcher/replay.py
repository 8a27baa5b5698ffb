"""Replay a stream with the model's own decisions, right and wrong ones alike, as what later reports are compared with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

from graph.algorithms.agreement import bcubed
from graph.algorithms.choice import Choice
from graph.algorithms.evidence import PAIR_PARTS, ComparableSignature, Rarity
from graph.matching.ranking_model import LEAST_CHANCE, NoveltyCalibration
from graph.matching.scoring import CONSIDERED_PATTERNS, competitors
from matcher.streams import Query, TrainingStream

MEANING = PAIR_PARTS.index("meaning")


@dataclass(frozen=True, slots=True)
class Placement:
    """The decision on one report. ``best`` is the probability of the first candidate, right or not.

    ``novelty`` is the log odds that a signature founded a pattern, before this report.
    """

    pattern: str
    joined: bool
    right: bool
    known: bool
    first: bool
    confidence: float
    best: float
    novelty: float


def replay(
    stream: TrainingStream, asked: Sequence[Query], models: Mapping[str, Choice], threshold: float, exact: float
) -> list[Placement]:
    """Place each report by the model for its product."""
    members: dict[str, Counter[str]] = defaultdict(Counter)
    patterns: dict[int, str] = {}
    seen: set[str] = set()
    placements, counted = [], Rarity()
    signatures = [item.comparable for item in stream.items]
    for query in asked:
        item = stream.items[query.position]
        found = list(dict.fromkeys(patterns[one] for one in query.candidates))
        question = query.comparer.alone(len(query.candidates), len(found))
        ranked, none = rank(query, signatures, models[item.product], patterns, question)
        if query.known is not None:
            home = patterns[query.known]
            ranked = {home: exact, **{pattern: chance for pattern, chance in ranked.items() if pattern != home}}
        first = next(iter(ranked), "")
        best = ranked.get(first, 0.0)
        first_right = bool(first) and members[first].most_common(1)[0][0] == item.group
        joined, known = best >= threshold, item.group in seen
        pattern = first if joined else f"new {query.position}"
        right = first_right if joined else not known
        placements.append(
            Placement(pattern, joined, right, known, first_right, best if joined else none, best, counted.novelty)
        )
        if query.known is None:
            counted.signatures += 1
            counted.patterns += not joined
        members[pattern][item.group] += 1
        seen.add(item.group)
        patterns[query.position] = pattern
    return placements


def rank(
    query: Query,
    known: Sequence[ComparableSignature],
    model: Choice,
    patterns: Mapping[int, str],
    question: NDArray[np.float64],
) -> tuple[dict[str, float], float]:
    """The probability of each likely pattern, best first, and that of none. ``known`` are all signatures of the stream."""
    if not query.candidates:
        return {}, 1.0
    values = model.value(query.pairs)
    best: dict[str, int] = {}
    for place in np.argsort(-values, kind="stable").tolist():
        best.setdefault(patterns[query.candidates[place]], place)
    considered = list(best.values())[:CONSIDERED_PATTERNS]
    nearest = [(known[query.candidates[place]], float(query.pairs[place, MEANING])) for place in considered]
    competing = competitors(query.comparer, nearest, float(values[considered[0]]), model)
    odds = model.log_odds(model.rows(query.pairs[considered], question, competing))
    chances = 1 / (1 + np.exp(-odds))
    return dict(zip(best, chances.tolist(), strict=False)), max(0.0, 1 - float(chances[competing].sum()))


def calibrated(placements: Sequence[Placement], calibration: NoveltyCalibration) -> list[Placement]:
    """The placements with what is said of new patterns calibrated."""
    return [
        one if one.joined else replace(one, confidence=calibration.probability(one.confidence, one.novelty))
        for one in placements
    ]


def novelty_calibration(replays: Sequence[tuple[Sequence[Placement], float]]) -> NoveltyCalibration:
    """The calibration that makes what was said of new patterns true, from replays and their weights."""
    rows, right, weights = list[list[float]](), list[bool](), list[float]()
    for placements, weight in replays:
        for one in placements:
            if not one.joined:
                chance = float(np.clip(one.confidence, LEAST_CHANCE, 1 - LEAST_CHANCE))
                rows.append([np.log(chance / (1 - chance)), one.novelty])
                right.append(one.right)
                weights.append(weight)
    fitted = LogisticRegression(C=10.0).fit(rows, right, sample_weight=weights)
    slope, rate = fitted.coef_[0].tolist()
    return NoveltyCalibration(round(slope, 4), round(rate, 4), round(float(fitted.intercept_[0]), 4))


def figures(placements: Sequence[Placement], groups: Sequence[str]) -> dict[str, float]:
    """Quality of a replay. AUC is of the best candidate's probability, for telling known bugs from new ones."""
    agreed = bcubed([one.pattern for one in placements], groups)
    joins, news = [one for one in placements if one.joined], [one for one in placements if not one.joined]
    return {
        "assign": float(np.mean([one.right for one in placements])),
        "precision": agreed.precision,
        "recall": agreed.recall,
        "F1": agreed.f1,
        "RR@1": float(np.mean([one.first for one in placements if one.known])),
        "AUC": area([one.best for one in placements], [one.known for one in placements]),
        "ECE joins": calibration_error(joins),
        "ECE new": calibration_error(news),
    }


def area(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Probability that a positive scores higher than a negative (Hanley and McNeil 1982)."""
    ranks, mask = rankdata(scores), np.array(positive)
    count = int(mask.sum())
    return float((ranks[mask].sum() - count * (count + 1) / 2) / (count * (len(mask) - count)))


def calibration_error(placements: Sequence[Placement]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini, Cooper and Hauskrecht 2015)."""
    if not placements:
        return 0.0
    said = np.array([one.confidence for one in placements])
    right = np.array([one.right for one in placements], dtype=float)
    bins = np.clip((said * 10).astype(int), 0, 9)
    return float(sum(abs(said[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())))
