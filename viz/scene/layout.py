"""Positions of nodes, computed on the server so that the page has no physics to wait for.

Each connected component is laid out with igraph (Kamada and Kawai 1989 up to 300 nodes, Fruchterman and Reingold 1991
above), rotated so that its long axis is horizontal, and freed of overlaps; components are packed in rows. Nodes without
relationships fill a grid. Deterministic: every layout starts from fixed coordinates, and randomness is seeded.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from threading import Lock

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Points = NDArray[np.float64]

ASPECT = 1.45
"""Target ratio of width to height: a landscape screen less its panels."""
EDGE_LENGTH = 120.0
GAP = 22.0
"""Minimum clear space between two nodes, in px."""
SPACE = 70.0
"""Clear space between two components, in px."""
KAMADA_KAWAI_UP_TO = 300
GOLDEN_ANGLE = 2.399963
RANDOMNESS = Lock()
TOLERANCE = 1e-6
FEW = 100
"""Up to this many lone nodes are spaced for their captions."""
CAPTION_WIDTH, CAPTION_HEIGHT = 160.0, 52.0


def positions(radii: Sequence[float], links: Sequence[tuple[int, int]]) -> Points:
    """Centres of shape (len(radii), 2) in px, around the origin; any two are at least their radii plus the gap apart.

    ``links`` are pairs of indices into ``radii``; loops and duplicates are ignored.
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
    width, height = pack(boxes, placed)
    if alone:
        placed[alone] = beside(sizes[alone], width, height)
    return placed - middle(placed, sizes)


@dataclass(slots=True)
class Box:
    """A laid-out component: its members and their centres inside a box from (0, 0) to (width, height)."""

    members: list[int]
    points: Points
    width: float
    height: float


def boxed(members: list[int], points: Points, radii: NDArray[np.float64]) -> Box:
    """The component, moved into a box that starts at the origin."""
    low, high = (points - radii[:, None]).min(axis=0), (points + radii[:, None]).max(axis=0)
    return Box(members, points - low, float(high[0] - low[0]), float(high[1] - low[1]))


def component(graph: igraph.Graph, radii: NDArray[np.float64]) -> Points:
    """Centres of one connected component, in px. Edges between nodes with common neighbours are shorter, so groups show."""
    start = spiral(graph.vcount()).tolist()
    shared = np.array(graph.similarity_jaccard(pairs=graph.get_edgelist()))
    lengths = 1.6 - 1.2 * np.minimum(1.0, 2.5 * shared)
    if graph.vcount() <= KAMADA_KAWAI_UP_TO:
        drawn = graph.layout_kamada_kawai(seed=start, maxiter=60 * graph.vcount(), weights=lengths.tolist())
    else:
        drawn = forces(graph, start, (1 / lengths).tolist())
    points = np.array(drawn.coords, dtype=np.float64)
    ends = np.array(graph.get_edgelist())
    drawn_lengths = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
    points *= EDGE_LENGTH / max(float(np.median(drawn_lengths)), 1e-9)
    return separated(flat(points), radii)


def forces(graph: igraph.Graph, start: list[list[float]], weights: list[float]) -> igraph.Layout:
    """Fruchterman-Reingold from given coordinates. It adds random jolts, so igraph's global generator is seeded meanwhile."""
    with RANDOMNESS:
        igraph.set_random_number_generator(random.Random(0))  # noqa: S311  (not for secrets)
        try:
            return graph.layout_fruchterman_reingold(seed=start, niter=300, grid=False, weights=weights)
        finally:
            igraph.set_random_number_generator(random)


def spiral(number: int) -> Points:
    """Distinct starting points on a sunflower spiral."""
    index = np.arange(number)
    radius, angle = np.sqrt(index + 0.5), index * GOLDEN_ANGLE
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))


def flat(points: Points) -> Points:
    """The points rotated to spread most from left to right (principal axes; sign fixed by the first point)."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned: Points = centred @ axes.T
    signs = np.where(turned[0] > 0, -1.0, 1.0)
    return turned * signs


def separated(points: Points, radii: NDArray[np.float64], rounds: int = 400) -> Points:
    """The points pushed apart until no two nodes overlap; both ends of a pair move, and all spread every 20 rounds."""
    points = points.copy()
    for turn in range(rounds):
        pairs, short, way = overlaps(points, radii)
        if not len(pairs):
            break
        move = way * (0.55 * short)[:, None]
        np.add.at(points, pairs[:, 0], move)
        np.subtract.at(points, pairs[:, 1], move)
        if turn % 20 == 19:
            points *= 1.08
    while len(overlaps(points, radii)[0]):
        points *= 1.15
    return points


def overlaps(points: Points, radii: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64], Points]:
    """Pairs of nodes that are too close, the missing distance, and the unit vector from the second to the first."""
    pairs = cKDTree(points).query_pairs(2 * float(radii.max()) + GAP, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    offset = points[pairs[:, 0]] - points[pairs[:, 1]]
    distance = np.hypot(offset[:, 0], offset[:, 1])
    short = radii[pairs[:, 0]] + radii[pairs[:, 1]] + GAP - distance
    near = short > TOLERANCE
    pairs, offset, distance, short = pairs[near], offset[near], distance[near], short[near]
    angle = GOLDEN_ANGLE * pairs[:, 1]
    separate = (distance > TOLERANCE)[:, None]
    way = np.where(separate, offset, np.column_stack((np.cos(angle), np.sin(angle))))
    return pairs, short, way / np.maximum(np.hypot(way[:, 0], way[:, 1]), TOLERANCE)[:, None]


def pack(boxes: list[Box], placed: Points) -> tuple[float, float]:
    """Write components into ``placed`` in centred rows, the tallest first; returns the total width and height."""
    area = sum((box.width + SPACE) * (box.height + SPACE) for box in boxes)
    width = max([sqrt(area * ASPECT), *(box.width for box in boxes)]) if len(boxes) > 1 else boxes[0].width if boxes else 0.0
    waiting = sorted(boxes, key=lambda box: (-box.height, -box.width, box.members[0]))
    top = 0.0
    while waiting:
        row, used = next_row(waiting, width)
        left = (width - used) / 2
        for box in row:
            placed[box.members] = box.points + np.array([left, top + (row[0].height - box.height) / 2])
            left += box.width + SPACE
        top += row[0].height + SPACE
    return width, max(0.0, top - SPACE)


def next_row(waiting: list[Box], width: float) -> tuple[list[Box], float]:
    """Removes the first component and all later ones that fit beside it from ``waiting``; returns them and their width."""
    row = [waiting.pop(0)]
    used = row[0].width
    for box in list(waiting):
        if used + SPACE + box.width <= width:
            row.append(box)
            waiting.remove(box)
            used += SPACE + box.width
    return row, used


def beside(radii: NDArray[np.float64], width: float, height: float) -> Points:
    """Centres of lone nodes in a grid below or right of a picture of this size, whichever fits the screen at a larger scale."""
    options = []
    for columns in range(1, len(radii) + 1):
        points, across, down = grid(radii, columns)
        gap = SPACE if width else 0.0
        options.append((room(max(width, across), height + gap + down), points, (width / 2, height + gap)))
        if width:
            corner = (width + SPACE + across / 2, max(0.0, (height - down) / 2))
            options.append((room(width + SPACE + across, max(height, down)), points, corner))
    _, points, corner = min(options, key=lambda option: option[0])
    moved: Points = points + np.array(corner)
    return moved


def room(width: float, height: float) -> float:
    """Height of the smallest screen of the target ratio that holds a picture of this width and height."""
    return max(width / ASPECT, height)


def grid(radii: NDArray[np.float64], columns: int) -> tuple[Points, float, float]:
    """Nodes in rows centred on x = 0, from y = 0 down, in the given order; and the grid's width and height.

    A row is as high as its largest node; while nodes are few, cells have room for a caption.
    """
    number = len(radii)
    few = number <= FEW
    rows = ceil(number / columns)
    columns = ceil(number / rows)
    across = max(2 * float(radii.max()) + GAP, CAPTION_WIDTH if few else 0.0)
    row = np.arange(number) // columns
    down = np.array([2 * radii[row == r].max() + (CAPTION_HEIGHT if few else GAP) for r in range(rows)])
    in_row = np.where(row == rows - 1, number - columns * (rows - 1), columns)
    x = (np.arange(number) % columns - (in_row - 1) / 2) * across
    tops = np.concatenate(([0.0], np.cumsum(down)))
    return np.column_stack((x, tops[row] + down[row] / 2)), columns * across, float(tops[-1])


def middle(points: Points, radii: NDArray[np.float64]) -> Points:
    """The centre of the bounding box of all nodes."""
    low, high = (points - radii[:, None]).min(axis=0), (points + radii[:, None]).max(axis=0)
    centre: Points = (low + high) / 2
    return centre
