"""Replay a stream with the model's own decisions, right and wrong ones alike, as what later reports are compared with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from graph.algorithms.agreement import bcubed
from graph.algorithms.choice import Choice
from graph.matching.scoring import CONSIDERED_PATTERNS
from matcher.streams import Query, TrainingStream


@dataclass(frozen=True, slots=True)
class Placement:
    """The decision on one report. ``best`` is the probability of the first candidate, right or not."""

    pattern: str
    joined: bool
    right: bool
    known: bool
    first: bool
    confidence: float
    best: float


def replay(
    stream: TrainingStream, asked: Sequence[Query], models: Mapping[str, Choice], threshold: float, exact: float
) -> list[Placement]:
    """Place each report by the model for its product."""
    members: dict[str, Counter[str]] = defaultdict(Counter)
    patterns: dict[int, str] = {}
    seen: set[str] = set()
    placements = []
    for query in asked:
        item = stream.items[query.position]
        ranked = rank(query, models[item.product], patterns)
        total = sum(ranked.values())
        if query.known is not None:
            home = patterns[query.known]
            ranked = {home: exact, **{pattern: chance for pattern, chance in ranked.items() if pattern != home}}
        first = next(iter(ranked), "")
        best = ranked.get(first, 0.0)
        first_right = bool(first) and members[first].most_common(1)[0][0] == item.group
        joined, known = best >= threshold, item.group in seen
        pattern = first if joined else f"new {query.position}"
        right = first_right if joined else not known
        placements.append(Placement(pattern, joined, right, known, first_right, best if joined else 1 - total, best))
        members[pattern][item.group] += 1
        seen.add(item.group)
        patterns[query.position] = pattern
    return placements


def rank(query: Query, model: Choice, patterns: Mapping[int, str]) -> dict[str, float]:
    """The probability of each likely pattern, best first."""
    if not query.candidates:
        return {}
    values = model.value(query.pairs)
    best: dict[str, int] = {}
    for place in np.argsort(-values, kind="stable").tolist():
        best.setdefault(patterns[query.candidates[place]], place)
    considered = list(best.values())[:CONSIDERED_PATTERNS]
    question = query.comparer.alone(len(query.candidates), len(best))
    odds = model.log_odds(model.rows(query.pairs[considered], question))
    return dict(zip(best, (1 / (1 + np.exp(-odds))).tolist(), strict=False))


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
