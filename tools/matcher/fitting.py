"""Fit the choice among patterns (:mod:`graph.algorithms.choice`) to labelled examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from graph.algorithms.choice import Choice
from graph.algorithms.evidence import PAIR_PARTS, QUERY_PARTS
from graph.matching.scoring import CONSIDERED_PATTERNS

PENALTY, OUTSIDE_PENALTY = 5.0, 0.1
"""Half the precision of the normal priors around 0: strong for the weights, so that they share the work and none is extreme."""
TAUGHT_PENALTY = 0.5
TAUGHT = ("elsewhere",)
"""Parts with a weight that may grow by variants and near misses; real reports alone teach all others."""
ROUNDS = 4
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: features of the candidate signatures, their groups, and which group is right, if any."""

    pairs: Floats
    groups: tuple[str, ...]
    question: Floats
    right: str | None
    product: str
    language: str
    weight: float


class Examples:
    """Examples as columns: one row per candidate signature."""

    def __init__(self, examples: Sequence[Example]) -> None:
        """Number the questions and their groups."""
        self.count = len(examples)
        self.pairs = np.concatenate([one.pairs.reshape(-1, len(PAIR_PARTS)) for one in examples])
        self.question = np.array([one.question for one in examples])
        self.weight = np.array([one.weight for one in examples])
        self.of = np.repeat(np.arange(self.count), [len(one.groups) for one in examples])
        names = [f"{number}\n{group}" for number, one in enumerate(examples) for group in one.groups]
        self.group = np.unique(names, return_inverse=True)[1] if names else np.zeros(0, dtype=np.int64)
        self.right = np.array([group == one.right for one in examples for group in one.groups], dtype=float)

    def nearest(self, weights: Floats) -> NDArray[np.int64]:
        """The best signature of each of the likeliest groups of each question."""
        values = self.pairs @ weights
        order = np.lexsort((-values, self.group))
        best = order[np.append(True, np.diff(self.group[order]) != 0)] if len(order) else order
        best = best[np.lexsort((-values[best], self.of[best]))]
        starts = np.searchsorted(self.of[best], np.arange(self.count))
        rank = np.arange(len(best)) - starts[self.of[best]]
        return best[rank < CONSIDERED_PATTERNS]


def fit(examples: Sequence[Example], variants: Sequence[Example] = ()) -> Choice:
    """The most likely weights given the examples and the priors; no weight of a likeness is negative.

    Variants and near misses then raise the weights of :data:`TAUGHT` alone: as many as wanted can be made, so they must not
    say how often bugs are new or how alike the reports of one bug are.
    """
    width = len(PAIR_PARTS)
    free = [(0.0, None)] * width + [(None, None)] * (len(QUERY_PARTS) + 1)
    free[PAIR_PARTS.index("elsewhere")] = (0.0, 0.0)
    start = np.concatenate([np.ones(width), np.zeros(len(QUERY_PARTS)), [5.0]])
    start[PAIR_PARTS.index("elsewhere")] = 0.0
    parameters = _minimised(start, free, Examples(examples), PENALTY)
    if variants:
        fixed = [(value, value) for value in parameters]
        for part in TAUGHT:
            fixed[PAIR_PARTS.index(part)] = (parameters[PAIR_PARTS.index(part)], None)
        parameters = _minimised(parameters, fixed, Examples([*examples, *variants]), TAUGHT_PENALTY)
    return Choice(PAIR_PARTS, QUERY_PARTS, parameters[:width], parameters[width:-1], float(parameters[-1]))


def _minimised(
    parameters: Floats, bounds: Sequence[tuple[float | None, float | None]], columns: Examples, penalty: float
) -> Floats:
    for _ in range(ROUNDS):
        # Which signature speaks for its group depends on the weights.
        chosen = columns.nearest(parameters[: len(PAIR_PARTS)])
        arguments = (columns, chosen, penalty)
        parameters = minimize(_loss, parameters, args=arguments, jac=True, bounds=bounds, method="L-BFGS-B").x
    return parameters


def calibrated(choice: Choice, slope: float, shift: float) -> Choice:
    """The model with all values multiplied by ``slope``, and ``shift`` added to the outside option."""
    return Choice(
        choice.alternative, choice.question, choice.weights * slope, choice.outside * slope, choice.bias * slope + shift
    )


def calibration(examples: Sequence[Example], models: Sequence[Choice]) -> tuple[float, float]:
    """Slope and shift that make the answers of models true, each to an example that it was not trained on."""
    questions = []
    for one, model in zip(examples, models, strict=True):
        values: dict[str, float] = {}
        for group, value in zip(one.groups, model.value(one.pairs).tolist() if one.groups else [], strict=True):
            values[group] = max(values.get(group, -np.inf), value)
        outside = float(one.question @ model.outside + model.bias)
        questions.append((np.array([outside, *values.values()]), [None, *values].index(one.right), one.weight))

    def loss(parameters: Floats) -> float:
        slope, shift = parameters
        total = 0.0
        for values, right, weight in questions:
            scaled = values * slope
            scaled[0] += shift
            total -= weight * (scaled[right] - np.logaddexp.reduce(scaled))
        return total

    slope, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(shift)


def _loss(parameters: Floats, columns: Examples, chosen: NDArray[np.int64], penalty: float) -> tuple[float, Floats]:
    """Negative log likelihood with the priors, and its gradient."""
    width = len(PAIR_PARTS)
    weights, outside, bias = parameters[:width], parameters[width:-1], parameters[-1]
    pairs, of, right = columns.pairs[chosen], columns.of[chosen], columns.right[chosen]
    values, none = pairs @ weights, columns.question @ outside + bias
    highest = none.copy()
    np.maximum.at(highest, of, values)
    shares, none_shares = np.exp(values - highest[of]), np.exp(none - highest)
    sums = none_shares + np.bincount(of, shares, columns.count)
    shares, none_shares = shares / sums[of], none_shares / sums
    none_right = 1 - np.bincount(of, right, columns.count)
    likelihood = np.bincount(of, right * values, columns.count) + none_right * none - highest - np.log(sums)
    miss, none_miss = columns.weight[of] * (shares - right), columns.weight * (none_shares - none_right)
    loss = -columns.weight @ likelihood + penalty / 2 * weights @ weights + OUTSIDE_PENALTY / 2 * outside @ outside
    gradient = np.concatenate(
        [pairs.T @ miss + penalty * weights, columns.question.T @ none_miss + OUTSIDE_PENALTY * outside, [none_miss.sum()]]
    )
    return float(loss), gradient
