"""Mutual nearest neighbours, and the threshold of similarity by chance."""

from __future__ import annotations

import numpy as np
import pytest

from graph.algorithms.nearest import Neighbour, both_ways, chance_of, floor_among, random_pairs


def test_a_pair_is_listed_once_with_its_mutuality() -> None:
    neighbours = [Neighbour("b", "a", 0.8), Neighbour("a", "b", 0.9), Neighbour("c", "a", 0.7)]
    assert both_ways(neighbours) == {("a", "b"): (0.9, True), ("a", "c"): (0.7, False)}


def test_the_floor_rises_with_what_is_usual_and_not_with_a_few_near_pairs() -> None:
    rng = np.random.default_rng(0)
    usual = rng.normal(0.6, 0.05, 2000)
    floor = floor_among(0.5, usual.tolist(), 3.0)
    assert floor == pytest.approx(0.73, abs=0.01)
    assert floor_among(0.5, [*usual.tolist(), *[0.99] * 60], 3.0) == pytest.approx(floor, abs=0.01)
    assert floor_among(0.9, usual.tolist(), 3.0) == 0.9
    assert floor_among(0.5, [], 3.0) == 0.5
    wide = rng.normal(0.5, 0.2, 2000).clip(-1, 1)
    assert 0.8 < floor_among(0.5, wide.tolist(), 3.0) < 0.95, "however wide, there is room above"


def test_chance_is_the_share_of_random_pairs_that_are_as_near() -> None:
    assert chance_of(0.9, [0.1, 0.95, 0.9, 0.2]) == pytest.approx(3 / 5)
    assert chance_of(0.9, []) is None


def test_random_pairs_are_of_two_and_the_same_for_one_seed() -> None:
    ids = [f"p{n}" for n in range(7)]
    pairs = random_pairs(ids, 500, 1)
    assert pairs == random_pairs(ids, 500, 1) != random_pairs(ids, 500, 2)
    assert all(a != b for a, b in pairs)
    assert {id for pair in pairs for id in pair} == set(ids)
    assert random_pairs(["only"], 5, 0) == []
