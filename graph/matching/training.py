"""Train the adjustment of the ranking model on human verdicts and validations.

Each decision becomes training examples: the candidates for its signature are retrieved again, and the pattern of the decision
is labelled right or wrong. The adjustment is a regularised correction of the shipped model, so that few decisions change
little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.evidence import PAIR_PARTS, Rarity
from graph.algorithms.logistic import adjusted, log_loss
from graph.cypher import query
from graph.fingerprint.compute import Fingerprint, FrameKey
from graph.knowledge.verdicts.pairs import verdict_pairs
from graph.matching.candidates import IncomingSignature, KnownSignature
from graph.matching.ranking_model import MIDDLE, LearnedAdjustment, MatchModel
from graph.matching.retrieval import RetrievedNeighbours, known_signatures, retrieve_neighbours
from graph.matching.scoring import pattern_features
from graph.ports import Reader

ADJUSTED = PAIR_PARTS
"""Parts with a learned weight."""
SPREAD = np.array([0.3, 1.0, *[1.0] * len(ADJUSTED)])
"""Standard deviations of the priors of slope, shift and weights."""
UNDISPUTED_EACH = 5
"""Signatures without a decision sampled per decision; in total they weigh as much as the decisions."""
UNDISPUTED_MOST = 500
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LabelledDecision:
    """A person's decision whether a signature belongs to the pattern of another signature, or to a given pattern."""

    decision: str
    at: datetime
    right: bool
    signature: Mapping[str, Any]
    other: str | None = None
    """Exact hash of a signature in the pattern."""
    pattern_id: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """The features of one pattern and whether it was right; the weights of the examples of one decision sum to 1."""

    decision: str
    at: datetime
    row: NDArray[np.float64]
    right: bool
    weight: float


async def decisions(graph: Reader) -> list[LabelledDecision]:
    """Decisions about signatures that were placed by similarity, oldest first."""
    made = [
        LabelledDecision(f"Verdict:{one.verdict_id}", one.at, one.same, one.b, other=str(one.a["exact"]))
        for one in await verdict_pairs(graph)
    ]
    for row in await graph.read(query("models/validated_signatures", after=BEGINNING)):
        decision, at = f"Validation:{row['validation_id']}", row["at"]
        made.append(LabelledDecision(decision, at, row["correct"], row["signature"], pattern_id=row["pattern_id"]))
        if row["belongs_to"]:
            made.append(LabelledDecision(decision, at, right=True, signature=row["signature"], pattern_id=row["belongs_to"]))
    return sorted(made, key=lambda one: (one.at, one.decision))


async def examples(
    graph: Reader, labelled: Sequence[LabelledDecision], rarity: Rarity, model: MatchModel
) -> list[TrainingExample]:
    """The decisions as training examples for a model; a decision is left out if the indexes do not return its pattern."""
    incoming = {str(one.signature["exact"]): _incoming(one.signature) for one in labelled}
    retrieved = await retrieve_neighbours(graph, list(incoming.values()), rarity)
    homes = await known_signatures(graph, (one.other for one in labelled if one.other))
    rows = {exact: _rows(one, retrieved, rarity, model) for exact, one in incoming.items()}
    by_decision: dict[str, list[tuple[LabelledDecision, NDArray[np.float64]]]] = {}
    for one in labelled:
        pattern = homes[one.other].pattern_id if one.other in homes else one.pattern_id
        row = rows[str(one.signature["exact"])].get(pattern or "")
        if row is not None:
            by_decision.setdefault(one.decision, []).append((one, row))
    return [
        TrainingExample(one.decision, one.at, row, one.right, 1 / len(group))
        for group in by_decision.values()
        for one, row in group
    ]


async def undisputed(
    graph: Reader,
    labelled_examples: Sequence[TrainingExample],
    labelled: Sequence[LabelledDecision],
    rarity: Rarity,
    model: MatchModel,
) -> list[NDArray[np.float64]]:
    """Features of the candidates for signatures without a decision; shape ``(candidates, parts)`` per signature.

    Reviews are requested where the model is least certain, so human decisions alone under-represent the certain cases.
    """
    limit = min(UNDISPUTED_EACH * count(labelled_examples), UNDISPUTED_MOST)
    decided = sorted({str(one.signature["exact"]) for one in labelled} | {one.other for one in labelled if one.other})
    rows = await graph.read(query("models/undisputed_signatures", said=decided, limit=limit)) if limit else []
    incoming = [_incoming(row["signature"]) for row in rows]
    retrieved = await retrieve_neighbours(graph, incoming, rarity)
    features = (list(_rows(one, retrieved, rarity, model).values()) for one in incoming)
    return [np.array(one) for one in features if one]


def learn_adjustment(
    model: MatchModel, labelled: Sequence[TrainingExample], unlabelled: Sequence[NDArray[np.float64]] = ()
) -> LearnedAdjustment:
    """Fit the adjustment; none without examples.

    On ``unlabelled`` (:func:`undisputed`) the model is held to its predictions.
    """
    if not labelled:
        return LearnedAdjustment()
    rows, right, weights = _columns(labelled)
    if unlabelled:
        same, each = np.concatenate(unlabelled), np.concatenate([np.full(len(one), 1 / len(one)) for one in unlabelled])
        rows, right = np.concatenate([rows, same]), np.concatenate([right, _probability(model.base_log_odds(same))])
        weights = np.concatenate([weights, each * min(1.0, weights.sum() / len(unlabelled))])
    base = model.base_log_odds(rows)
    columns = [model.choice.parts.index(part) for part in ADJUSTED]
    basis = np.column_stack([base, np.ones(len(rows)), rows[:, columns] - MIDDLE])
    slope, shift, *parts = adjusted(basis, right, base, SPREAD, weights).tolist()
    return LearnedAdjustment(slope, shift, dict(zip(ADJUSTED, parts, strict=True)))


def _probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    probability: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


def loss(model: MatchModel, labelled: Sequence[TrainingExample]) -> float:
    """Weighted logarithmic loss of the model on examples; 0 without any."""
    if not labelled:
        return 0.0
    rows, right, weights = _columns(labelled)
    each = [log_loss(np.array([chance]), np.array([was])) for chance, was in zip(model.probability(rows), right, strict=True)]
    return float(np.average(each, weights=weights))


def split(labelled: Sequence[TrainingExample], share: float) -> tuple[list[TrainingExample], list[TrainingExample]]:
    """The earlier examples, and those of the latest ``share`` of all decisions."""
    order = list(dict.fromkeys(example.decision for example in sorted(labelled, key=lambda example: example.at)))
    late = set(order[len(order) - round(share * len(order)) :])
    earlier = [example for example in labelled if example.decision not in late]
    return earlier, [example for example in labelled if example.decision in late]


def count(labelled: Iterable[TrainingExample]) -> int:
    """Number of decisions."""
    return len({example.decision for example in labelled})


def _incoming(stored: Mapping[str, Any]) -> IncomingSignature:
    frames = tuple(FrameKey(key, "", "") for key in stored["frames"] or ())
    exact, structural, cause = str(stored["exact"]), str(stored["structural"]), str(stored["cause"])
    fingerprint = Fingerprint(
        exact, structural, cause, stored["error_type"] or "", cause, frames, int(stored["blamed"] or 0), str(stored["text"])
    )
    return IncomingSignature(fingerprint, tuple(stored["embedding"]))


def _rows(
    incoming: IncomingSignature, retrieved: RetrievedNeighbours, rarity: Rarity, model: MatchModel
) -> dict[str, NDArray[np.float64]]:
    """The features of each likely pattern, as if the signature were new."""
    exact = incoming.fingerprint.exact
    listed = (*retrieved.structural.get(exact, ()), *retrieved.semantic.get(exact, ()), *retrieved.fuzzy.get(exact, ()))
    known: dict[str, KnownSignature] = {one.exact: one for one in listed if one.exact != exact}
    considered = pattern_features(incoming, known.values(), rarity, model.choice)
    return dict(zip((one.pattern_id for one in considered.nearest), considered.rows, strict=True))


def _columns(labelled: Sequence[TrainingExample]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Features, labels and weights."""
    rows = np.array([example.row for example in labelled])
    return rows, np.array([float(example.right) for example in labelled]), np.array([example.weight for example in labelled])
