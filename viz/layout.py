"""Where nodes go: computed before the page, so that the page has no physics to wait for.

Connected components are laid out one by one with igraph (Kamada and Kawai 1989 while small,
Fruchterman and Reingold 1991 above), turned so that their long axis lies flat, freed of overlaps and
packed in rows. Nodes without relationships stand in a grid below. The same input gives the same
positions: every layout starts from given coordinates and nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import igraph
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

ASPECT = 1.55
"""Width over height that a packed layout aims for: a landscape screen less its panels."""
EDGE_LENGTH = 120.0
GAP = 22.0
"""Least clear space between two nodes, in px."""
SPACE = 70.0
"""Clear space between two components, in px."""
KAMADA_KAWAI_UP_TO = 500
GOLDEN_ANGLE = 2.399963


def positions(radii: Sequence[float], links: Sequence[tuple[int, int]]) -> Points:
    """Centres of shape (len(radii), 2) in px, around the origin; no two nodes are nearer than their radii and the gap.

    ``links`` are pairs of indices into ``radii``; loops and repeats do not matter.
    """
    sizes = np.asarray(radii, dtype=np.float64)
    placed = np.zeros((len(sizes), 2))
    if not len(sizes):
        return placed
    pairs = sorted({(min(a, b), max(a, b)) for a, b in links if a != b})
    whole = igraph.Graph(n=len(sizes), edges=pairs)
    parts = [part for part in whole.connected_components() if len(part) > 1]
    alone = sorted((i for i in range(len(sizes)) if whole.degree(i) == 0), key=lambda i: (-sizes[i], i))
    boxes = [boxed(part, component(whole.induced_subgraph(part), sizes[part]), sizes[part]) for part in parts]
    width = pack(boxes, placed, row_width(boxes, sizes[alone]))
    if alone:
        placed[alone] = grid(sizes[alone], width) + np.array([0.0, bottom(boxes)])
    every = np.arange(len(sizes))
    return placed - centre(placed[every], sizes)


@dataclass(slots=True)
class Box:
    """A laid-out component: its members and their centres, which lie in a box from (0, 0) to (width, height).

    ``top`` is where the box stands once it is packed.
    """

    members: list[int]
    points: Points
    width: float
    height: float
    top: float = 0.0


def boxed(members: list[int], points: Points, radii: NDArray[np.float64]) -> Box:
    """The component in its box."""
    low, high = (points - radii[:, None]).min(axis=0), (points + radii[:, None]).max(axis=0)
    return Box(members, points - low, float(high[0] - low[0]), float(high[1] - low[1]))


def component(graph: igraph.Graph, radii: NDArray[np.float64]) -> Points:
    """Centres of one connected component, in px."""
    start = spiral(graph.vcount())
    if graph.vcount() <= KAMADA_KAWAI_UP_TO:
        drawn = graph.layout_kamada_kawai(seed=start.tolist(), maxiter=60 * graph.vcount())
    else:
        drawn = graph.layout_fruchterman_reingold(seed=start.tolist(), niter=300, grid="grid")
    points = np.array(drawn.coords, dtype=np.float64)
    ends = np.array(graph.get_edgelist())
    lengths = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
    points *= EDGE_LENGTH / max(float(np.median(lengths)), 1e-9)
    return apart(flat(points), radii)


def spiral(number: int) -> Points:
    """Distinct starting points on a sunflower spiral."""
    index = np.arange(number)
    radius, angle = np.sqrt(index + 0.5), index * GOLDEN_ANGLE
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))


def flat(points: Points) -> Points:
    """The points turned so that they spread most from left to right (principal axes; sign fixed by the first point)."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned: Points = centred @ axes.T
    signs = np.where(turned[0] > 0, -1.0, 1.0)
    return turned * signs


def apart(points: Points, radii: NDArray[np.float64], rounds: int = 400) -> Points:
    """The points pushed apart until no two nodes overlap, each pair sharing the move."""
    points = points.copy()
    need = radii[:, None] + radii[None, :] + GAP
    np.fill_diagonal(need, 0.0)
    for _ in range(rounds):
        offset = points[:, None, :] - points[None, :, :]
        distance = np.hypot(offset[..., 0], offset[..., 1])
        short = need - distance
        if not (short > 1e-6).any():
            return points
        push = np.where(short > 0, short, 0.0) / np.maximum(distance, 1e-9) * 0.55
        points += (offset * push[..., None]).sum(axis=1)
        same = (distance < 1e-6).sum(axis=1) > 1
        points[same] += spiral(len(points))[same]
        if short.max() > 0 and _ % 40 == 39:
            points *= 1.1
    while (np.linalg.norm(points[:, None] - points[None], axis=2) < need - 1e-6).any():
        points *= 1.15
    return points


def row_width(boxes: list[Box], alone: NDArray[np.float64]) -> float:
    """Width of rows that makes the whole about ``ASPECT`` wide, and never less than the widest component."""
    area = sum((box.width + SPACE) * (box.height + SPACE) for box in boxes)
    if len(alone):
        area += len(alone) * cell(alone)[0] * cell(alone)[1]
    return max([sqrt(area * ASPECT), *(box.width for box in boxes)])


def pack(boxes: list[Box], placed: Points, width: float) -> float:
    """Place components in centred rows, the tallest first, into ``placed``; returns the width used as the row width."""
    waiting = sorted(boxes, key=lambda box: (-box.height, -box.width, box.members[0]))
    top = 0.0
    while waiting:
        row, used = [waiting.pop(0)], 0.0
        used = row[0].width
        for box in list(waiting):
            if used + SPACE + box.width <= width:
                row.append(box)
                waiting.remove(box)
                used += SPACE + box.width
        left, height = (width - used) / 2, row[0].height
        for box in row:
            box.top = top + (height - box.height) / 2
            placed[box.members] = box.points + np.array([left, box.top])
            left += box.width + SPACE
        top += height + SPACE
    return width


def bottom(boxes: list[Box]) -> float:
    """Where the grid of lone nodes begins, below all components."""
    return max((box.top + box.height for box in boxes), default=-SPACE) + SPACE


def cell(radii: NDArray[np.float64]) -> tuple[float, float]:
    """Width and height of a grid cell: room for the largest node and, while they are few, for a caption."""
    side = 2 * float(radii.max()) + GAP
    return (max(side, 150.0 if len(radii) <= 60 else 96.0), max(side, 84.0))


def grid(radii: NDArray[np.float64], width: float) -> Points:
    """Centres of lone nodes in rows, in the given order, each row centred in ``width``."""
    across, down = cell(radii)
    columns = min(len(radii), max(1, int(width // across)))
    rows = ceil(len(radii) / columns)
    columns = ceil(len(radii) / rows)
    index = np.arange(len(radii))
    row = index // columns
    in_row = np.where(row == rows - 1, len(radii) - columns * (rows - 1), columns)
    x = width / 2 + (index % columns - (in_row - 1) / 2) * across
    return np.column_stack((x, row * down + float(radii.max())))


def centre(points: Points, radii: NDArray[np.float64]) -> Points:
    """The middle of the box around all nodes."""
    low, high = (points - radii[:, None]).min(axis=0), (points + radii[:, None]).max(axis=0)
    middle: Points = (low + high) / 2
    return middle
