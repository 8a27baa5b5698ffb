"""Root patterns: those that explain most crashes along chains of causes."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from graph.algorithms.causation.roots import roots_of


def test_a_chain_multiplies_its_shares_and_its_head_comes_first() -> None:
    roots = roots_of(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.8]), np.array([100.0, 40.0, 50.0]))
    assert roots.explains.tolist() == pytest.approx([0.5 * 40 + 0.5 * 0.8 * 50, 0.8 * 50, 0.0])
    assert roots.explained.tolist() == pytest.approx([0.0, 0.5, 0.8])
    assert roots.reached.tolist() == [2, 1, 0]
    # The link in the middle explains as much as the head, but half of it is explained itself.
    assert np.argsort(-roots.weight).tolist() == [0, 1, 2]


def test_all_chains_are_summed_as_the_inverse_says() -> None:
    rng = np.random.default_rng(1)
    size = 12
    cause, effect = np.nonzero(np.triu(rng.random((size, size)) < 0.4, 1))
    share, count = rng.uniform(0, 0.1, len(cause)), rng.integers(1, 500, size).astype(float)
    matrix = np.zeros((size, size))
    matrix[cause, effect] = share
    roots = roots_of(cause, effect, share, count)
    np.testing.assert_allclose(roots.explains, np.linalg.inv(np.eye(size) - matrix) @ count - count, rtol=1e-9)
    graph = nx.DiGraph(list(zip(cause.tolist(), effect.tolist(), strict=True)))
    assert roots.reached.tolist() == [len(nx.descendants(graph, n)) if n in graph else 0 for n in range(size)]


def test_circles_and_shares_beyond_the_whole_come_to_an_end() -> None:
    roots = roots_of(
        np.array([0, 1, 2, 0]), np.array([1, 2, 0, 2]), np.array([0.9, 1.0, 1.0, 0.9]), np.array([10.0, 10.0, 10.0])
    )
    assert np.isfinite(roots.explains).all()
    assert roots.explained.max() <= 1.0
    assert roots.reached.tolist() == [2, 2, 2]


def test_without_causes_there_are_no_roots() -> None:
    none = np.empty(0, dtype=np.int64)
    assert roots_of(none, none, np.empty(0), np.empty(0)).weight.tolist() == []
    assert roots_of(none, none, np.empty(0), np.array([5.0])).weight.tolist() == [0.0]
