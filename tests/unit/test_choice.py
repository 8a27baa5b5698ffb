"""Probabilities of alternatives exclude each other, and the contributions of their parts add up."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graph.algorithms.choice import Choice, from_json
from graph.matching.ranking_model import shipped_model

SMALL = Choice(("a", "b"), ("c", "d"), np.array([2.0, 1.0]), np.array([0.5, -1.0]), 0.25)
VALUES = st.floats(-2, 2)


def sigmoid(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-odds))


@given(arrays(np.float64, (4, 2), elements=VALUES), arrays(np.float64, 2, elements=VALUES))
def test_the_probabilities_and_that_of_none_sum_to_one(alternatives: np.ndarray, question: np.ndarray) -> None:
    chances = sigmoid(SMALL.log_odds(SMALL.rows(alternatives, question)))
    values = np.exp(alternatives @ SMALL.weights)
    none = np.exp(question @ SMALL.outside + SMALL.bias)
    assert chances == pytest.approx(values / (values.sum() + none))


def test_a_single_alternative_competes_with_none_alone() -> None:
    (odds,) = SMALL.log_odds(SMALL.rows(np.array([[1.0, 1.0]]), np.array([0.0, 0.0])))
    assert odds == pytest.approx(3.0 - 0.25)


@given(arrays(np.float64, 5, elements=VALUES), arrays(np.float64, 5, elements=VALUES))
def test_contributions_are_shapley_values(row: np.ndarray, usual: np.ndarray) -> None:
    """The mean over all orders in which alternative, question and rivals take the values of the row."""
    players = (slice(0, 1), slice(1, 2), slice(2, 4), slice(4, 5))
    gained = np.zeros(len(players))
    orders = list(permutations(range(len(players))))
    for order in orders:
        at = usual.copy()
        for player in order:
            before = SMALL.log_odds(at[None])[0]
            at[players[player]] = row[players[player]]
            gained[player] += (SMALL.log_odds(at[None])[0] - before) / len(orders)
    (contributions,) = SMALL.contributions(row[None], usual)
    # What the question's parts add to the outside option can cancel out; then nothing is left to divide.
    assert [contributions[player].sum() for player in players] == pytest.approx(gained, abs=1e-6)


def test_a_model_survives_json() -> None:
    restored = from_json(SMALL.to_json())
    row = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]])
    assert restored.parts == SMALL.parts
    assert restored.log_odds(row) == pytest.approx(SMALL.log_odds(row))


@pytest.mark.parametrize("change", [{"alternative": [1]}, {"bias": "x"}])
def test_another_document_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"alternative|x"):
        from_json({**SMALL.to_json(), **change})


def test_the_shipped_model_counts_no_likeness_against_a_match_and_explains_all_of_its_answer() -> None:
    model = shipped_model()
    assert model is not None
    assert (model.choice.weights >= 0).all()
    rows = np.random.default_rng(0).uniform(-0.5, 1.5, (50, len(model.choice.parts)))
    gained = model.contributions(rows)
    assert gained.sum(axis=1) == pytest.approx(model.base_log_odds(rows) - model.base_log_odds(model.usual[None])[0])
