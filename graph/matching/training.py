"""What people's decisions teach about matching: verdicts and validations as labelled evidence, and what follows from it.

Every decision about a signature is put again as the question it was: the indexes offer candidates, and the pattern that
people spoke of is right or wrong. What is learned starts from the model as shipped and leaves it only as far as the decisions
say, so a few of them do little and many do much.
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
from graph.matching.retrieval import RetrievedNeighbours, known_signatures, offers
from graph.matching.scoring import compared
from graph.ports import Reader

ADJUSTED = (*(f"best_{part}" for part in PAIR_PARTS), "lead")
"""Parts whose weight is learned."""
SPREAD = np.array([0.3, 1.0, *[1.0] * len(ADJUSTED)])
"""How far slope, shift and weights are expected to move: standard deviations of their priors."""
UNDISPUTED_EACH = 5
"""Signatures that nobody spoke of, for each decision; together they weigh what the decisions weigh."""
UNDISPUTED_MOST = 500
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LabelledDecision:
    """One decision: whether a signature belongs to the pattern of another signature, or to a pattern."""

    decision: str
    at: datetime
    right: bool
    signature: Mapping[str, Any]
    other: str | None = None
    """Exact hash of a signature whose pattern it is."""
    pattern_id: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """The evidence for one pattern and whether it was right; the examples of one decision weigh 1 together."""

    decision: str
    at: datetime
    row: NDArray[np.float64]
    right: bool
    weight: float


async def decisions(graph: Reader) -> list[LabelledDecision]:
    """What people said about signatures that were placed by likeness, first said first."""
    said = [
        LabelledDecision(f"Verdict:{one.verdict_id}", one.at, one.same, one.b, other=str(one.a["exact"]))
        for one in await verdict_pairs(graph)
    ]
    for row in await graph.read(query("models/validated_signatures", after=BEGINNING)):
        told = (f"Validation:{row['validation_id']}", row["at"])
        said.append(LabelledDecision(*told, row["correct"], row["signature"], pattern_id=row["pattern_id"]))
        if row["belongs_to"]:
            said.append(LabelledDecision(*told, True, row["signature"], pattern_id=row["belongs_to"]))
    return sorted(said, key=lambda one: (one.at, one.decision))


async def examples(graph: Reader, said: Sequence[LabelledDecision], rarity: Rarity) -> list[TrainingExample]:
    """The decisions as labelled evidence; those are left out whose pattern the indexes do not offer."""
    questions = {str(one.signature["exact"]): _question(one.signature) for one in said}
    offered = await offers(graph, list(questions.values()), rarity)
    homes = await known_signatures(graph, (one.other for one in said if one.other))
    rows = {exact: _rows(question, offered, rarity) for exact, question in questions.items()}
    found: dict[str, list[tuple[LabelledDecision, NDArray[np.float64]]]] = {}
    for one in said:
        pattern = homes[one.other].pattern_id if one.other in homes else one.pattern_id
        row = rows[str(one.signature["exact"])].get(pattern or "")
        if row is not None:
            found.setdefault(one.decision, []).append((one, row))
    return [
        TrainingExample(one.decision, one.at, row, one.right, 1 / len(all_of_it))
        for all_of_it in found.values()
        for one, row in all_of_it
    ]


async def undisputed(
    graph: Reader, found: Sequence[TrainingExample], said: Sequence[LabelledDecision], rarity: Rarity
) -> list[NDArray[np.float64]]:
    """The evidence for each candidate of signatures that nobody spoke of: shape ``(candidates, parts)`` for each signature.

    People are asked where the service is least sure, so their answers alone say little of where it is sure.
    """
    limit = min(UNDISPUTED_EACH * count(found), UNDISPUTED_MOST)
    known = sorted({str(one.signature["exact"]) for one in said} | {one.other for one in said if one.other})
    rows = await graph.read(query("models/undisputed_signatures", said=known, limit=limit)) if limit else []
    questions = [_question(row["signature"]) for row in rows]
    offered = await offers(graph, questions, rarity)
    made = (list(_rows(question, offered, rarity).values()) for question in questions)
    return [np.array(one) for one in made if one]


def learned(
    model: MatchModel, found: Sequence[TrainingExample], quiet: Sequence[NDArray[np.float64]] = ()
) -> LearnedAdjustment:
    """What the examples say beyond the trees of the model; nothing where there are none.

    Of ``quiet`` (:func:`undisputed`) the model is to go on saying what it says.
    """
    if not found:
        return LearnedAdjustment()
    rows, right, weights = _columns(found)
    if quiet:
        same, each = np.concatenate(quiet), np.concatenate([np.full(len(one), 1 / len(one)) for one in quiet])
        rows, right = np.concatenate([rows, same]), np.concatenate([right, _chance(model.believed(same))])
        weights = np.concatenate([weights, each * min(1.0, weights.sum() / len(quiet))])
    believed = model.believed(rows)
    which = [model.trees.parts.index(part) for part in ADJUSTED]
    basis = np.column_stack([believed, np.ones(len(rows)), rows[:, which] - MIDDLE])
    slope, shift, *parts = adjusted(basis, right, believed, SPREAD, weights).tolist()
    return LearnedAdjustment(slope, shift, dict(zip(ADJUSTED, parts, strict=True)))


def _chance(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-odds))
    return chances


def loss(model: MatchModel, found: Sequence[TrainingExample]) -> float:
    """Logarithmic loss of the model on examples; 0 where there are none."""
    if not found:
        return 0.0
    rows, right, weights = _columns(found)
    each = [log_loss(np.array([chance]), np.array([was])) for chance, was in zip(model.probability(rows), right, strict=True)]
    return float(np.average(each, weights=weights))


def split(found: Sequence[TrainingExample], share: float) -> tuple[list[TrainingExample], list[TrainingExample]]:
    """The earlier examples, and those of the latest ``share`` of all decisions."""
    order = list(dict.fromkeys(one.decision for one in sorted(found, key=lambda one: one.at)))
    late = set(order[len(order) - round(share * len(order)) :])
    return [one for one in found if one.decision not in late], [one for one in found if one.decision in late]


def count(found: Iterable[TrainingExample]) -> int:
    """Number of decisions."""
    return len({one.decision for one in found})


def _question(stored: Mapping[str, Any]) -> IncomingSignature:
    frames = tuple(FrameKey(key, "", "") for key in stored["frames"] or ())
    exact, structural, cause = str(stored["exact"]), str(stored["structural"]), str(stored["cause"])
    mine = Fingerprint(
        exact, structural, cause, stored["error_type"] or "", cause, frames, int(stored["blamed"] or 0), str(stored["text"])
    )
    return IncomingSignature(mine, tuple(stored["embedding"]))


def _rows(question: IncomingSignature, offered: RetrievedNeighbours, rarity: Rarity) -> dict[str, NDArray[np.float64]]:
    """The evidence for each likely pattern, as if the signature were new."""
    exact = question.fingerprint.exact
    listed = (*offered.structural.get(exact, ()), *offered.semantic.get(exact, ()), *offered.fuzzy.get(exact, ()))
    known: dict[str, KnownSignature] = {one.exact: one for one in listed if one.exact != exact}
    _, keys, rows = compared(question, known.values(), rarity)
    return dict(zip(keys, rows, strict=True))


def _columns(found: Sequence[TrainingExample]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rows = np.array([one.row for one in found])
    return rows, np.array([float(one.right) for one in found]), np.array([one.weight for one in found])
