"""Positions: no overlaps, deterministic, groups separate, lone nodes in a grid."""

from __future__ import annotations

import random

import numpy as np
import pytest

from viz.scene.layout import GAP, positions


def made(number: int, links: int, seed: int = 1) -> tuple[list[float], list[tuple[int, int]]]:
    draw = random.Random(seed)
    radii = [8 + 26 * draw.random() ** 4 for _ in range(number)]
    linked = max(1, int(number * 0.8))
    return radii, [(int(linked * draw.random() ** 2), draw.randrange(linked)) for _ in range(links)]


def clearances(radii: list[float], points: np.ndarray) -> np.ndarray:
    distance = np.linalg.norm(points[:, None] - points[None], axis=2) - np.add.outer(radii, radii)
    return distance[~np.eye(len(radii), dtype=bool)]


@pytest.mark.parametrize(("number", "links"), [(1, 0), (2, 1), (8, 6), (60, 80), (150, 300), (500, 900)])
def test_no_two_nodes_are_nearer_than_the_gap_and_equal_input_gives_equal_positions(number: int, links: int) -> None:
    radii, pairs = made(number, links)
    points = positions(radii, pairs)
    assert points.shape == (number, 2)
    assert np.isfinite(points).all()
    assert (clearances(radii, points) >= GAP - 1e-3).all()
    assert (positions(radii, pairs) == points).all()


def test_an_empty_network_has_no_positions() -> None:
    assert positions([], []).shape == (0, 2)


def test_a_star_with_many_leaves_stays_readable() -> None:
    points = positions([34.0] + [12.0] * 80, [(0, leaf) for leaf in range(1, 81)])
    assert (clearances([34.0] + [12.0] * 80, points) >= GAP - 1e-3).all()
    assert np.ptp(points, axis=0).max() < 1500


def test_two_components_do_not_interleave() -> None:
    ring = [(i, (i + 1) % 6) for i in range(6)]
    points = positions([10.0] * 12, ring + [(a + 6, b + 6) for a, b in ring])
    first, second = points[:6], points[6:]
    assert (
        first[:, 0].max() < second[:, 0].min()
        or first[:, 0].min() > second[:, 0].max()
        or (first[:, 1].max() < second[:, 1].min() or first[:, 1].min() > second[:, 1].max())
    )


def test_lone_nodes_fill_a_grid_the_biggest_first() -> None:
    points = positions([10.0, 30.0, 20.0, 10.0, 10.0, 10.0], [])
    assert len({round(float(y)) for y in points[:, 1]}) < 4
    order = sorted(range(6), key=lambda i: (points[i, 1], points[i, 0]))
    assert order[:2] == [1, 2]


@pytest.mark.parametrize("number", [40, 150])
def test_the_whole_is_roughly_as_wide_as_a_screen(number: int) -> None:
    radii, pairs = made(number, number)
    width, height = np.ptp(positions(radii, pairs), axis=0)
    assert 0.8 < width / height < 2.6
