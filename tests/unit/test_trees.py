"""Contributions of the parts add up to the prediction of the trees and have the right sign."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graph.algorithms.trees import Trees
from graph.matching.ranking_model import shipped_model

PARTS = ("a", "b", "c", "d")
SMALL = Trees(
    parts=PARTS,
    roots=np.array([0, 7, 10], dtype=np.int32),
    part=np.array([0, 1, -1, -1, 2, -1, -1, 3, -1, -1, -1], dtype=np.int32),
    threshold=np.array([0.5, 0.3, 0, 0, 0.7, 0, 0, 0.5, 0, 0, 0]),
    below=np.array([1, 2, 0, 0, 5, 0, 0, 8, 0, 0, 0], dtype=np.int32),
    above=np.array([4, 3, 0, 0, 6, 0, 0, 9, 0, 0, 0], dtype=np.int32),
    value=np.array([0, 0, -3.0, -1.0, 0, 0.5, 4.0, 0, -0.25, 0.75, 0.125]),
    bias=-1.0,
)
"""Three trees: of three parts, of one, and a leaf alone."""


def by_definition(trees: Trees, row: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """The mean over all orders in which the parts take the values of the row."""
    moved = np.zeros(len(trees.parts))
    orders = list(permutations(range(len(trees.parts))))
    for order in orders:
        at = usual.copy()
        for part in order:
            before = trees.log_odds(at[None])[0]
            at[part] = row[part]
            moved[part] += (trees.log_odds(at[None])[0] - before) / len(orders)
    return moved


@given(arrays(np.float64, (3, 4), elements=st.floats(0, 1)), arrays(np.float64, 4, elements=st.floats(0, 1)))
@pytest.mark.slow
def test_contributions_are_shapley_values(rows: np.ndarray, usual: np.ndarray) -> None:
    found = SMALL.contributions(rows, usual)
    for row, moved in zip(rows, found, strict=True):
        assert moved == pytest.approx(by_definition(SMALL, row, usual))


def test_contributions_of_the_shipped_model_add_up_and_similarity_is_monotone() -> None:
    model = shipped_model()
    assert model is not None
    rows = np.random.default_rng(0).uniform(-0.5, 1.5, (50, len(model.trees.parts)))
    moved = model.contributions(rows)
    usual = model.base_log_odds(model.usual[None])[0]
    assert moved.sum(axis=1) == pytest.approx(model.base_log_odds(rows) - usual)
    alike = [at for at, part in enumerate(model.trees.parts) if part.startswith(("best_", "most_", "mean_", "like", "lead"))]
    assert len(alike) > 20
    for at in alike:
        assert (moved[rows[:, at] >= model.usual[at], at] >= -1e-9).all()
        assert (moved[rows[:, at] <= model.usual[at], at] <= 1e-9).all()
