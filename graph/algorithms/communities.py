"""Families in a weighted network or among embeddings, their quality, and ids that persist across runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

ITERATIONS = 10
"""Most rounds of Leiden, as in GDS; it ends earlier where a round gains nothing."""
NONE = -1
"""Label of what is in no family."""
COMPONENTS = 50
"""Dimensions that embeddings are reduced to, since in hundreds of them all distances are nearly alike."""


@dataclass(frozen=True, slots=True)
class Ties:
    """A network without direction: tie i joins the nodes ``source[i]`` and ``target[i]`` of 0..nodes-1."""

    nodes: int
    source: Ints
    target: Ints
    weight: Floats


def leiden(ties: Ties, resolution: float, seed: int) -> Ints:
    """The family of each node: Leiden for modularity (Traag, Waltman and van Eck 2019), the same for the same seed."""
    import igraph  # noqa: PLC0415  # slow to import, and needed by two jobs only

    edges = np.column_stack((ties.source, ties.target))
    network = igraph.Graph(n=ties.nodes, edges=edges, directed=False)
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311  # no secret is made of it
    try:
        found = network.community_leiden(
            objective_function="modularity", weights=ties.weight.tolist(), resolution=resolution, n_iterations=ITERATIONS
        )
    finally:
        igraph.set_random_number_generator(random)
    return np.array(found.membership, dtype=np.int64)


def modularity(ties: Ties, labels: Ints, resolution: float = 1.0) -> float:
    """Modularity (Newman 2004, eq. 5, with resolution); 0 without ties."""
    total = float(ties.weight.sum())
    if total <= 0:
        return 0.0
    inside = float(ties.weight[labels[ties.source] == labels[ties.target]].sum())
    _, dense = np.unique(labels, return_inverse=True)
    degree = np.bincount(dense, weights=_degrees(ties), minlength=1)
    return inside / total - resolution * float(np.square(degree / (2 * total)).sum())


def strengths(ties: Ties, labels: Ints) -> Floats:
    """Share of each node's tie weight inside its family, 0..1; 0 without ties."""
    inside = np.where(labels[ties.source] == labels[ties.target], ties.weight, 0.0)
    kept = np.bincount(ties.source, inside, ties.nodes) + np.bincount(ties.target, inside, ties.nodes)
    degree = _degrees(ties)
    share: Floats = np.divide(kept, degree, out=np.zeros(ties.nodes), where=degree > 0)
    return np.minimum(share, 1.0)


def _degrees(ties: Ties) -> Floats:
    both = np.bincount(ties.source, ties.weight, ties.nodes) + np.bincount(ties.target, ties.weight, ties.nodes)
    return np.asarray(both, dtype=np.float64)


def dense_regions(embeddings: NDArray[np.float32], least: int, floor: float) -> tuple[Ints, Floats]:
    """Families of embeddings, shape (n, d), and how sure each place is, 0..1; ``NONE`` is in no family.

    HDBSCAN (Campello, Moulavi and Sander 2013) on the leading principal components of the unit vectors, families of ``least``
    members at least. HDBSCAN compares densities, so an outlier may join the nearest family; members whose
    cosine with their family's centroid is below ``floor`` are removed afterwards. Time is quadratic in n.
    """
    count = len(embeddings)
    if count < max(least, 2):
        return np.full(count, NONE, dtype=np.int64), np.zeros(count)
    from sklearn.cluster import HDBSCAN  # type: ignore[import-untyped]  # noqa: PLC0415  # no types, and slow to import

    vectors = _unit(np.asarray(embeddings, dtype=np.float64))
    found = HDBSCAN(min_cluster_size=max(least, 2), copy=True).fit(_reduced(vectors))
    labels = np.asarray(found.labels_, dtype=np.int64)
    for label in np.unique(labels[labels != NONE]):
        mine = labels == label
        middle = _unit(vectors[mine].mean(axis=0, keepdims=True))[0]
        labels[mine & (vectors @ middle < floor)] = NONE
    return labels, np.nan_to_num(np.asarray(found.probabilities_, dtype=np.float64))


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def _reduced(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    largest = axes[:, np.argsort(-values, kind="stable")[:COMPONENTS]]
    return np.asarray(centred @ largest, dtype=np.float64)


def grouped(names: Sequence[str], labels: Ints, least: int) -> list[list[str]]:
    """The names of each family of at least ``least``, sorted; the largest family first."""
    families: dict[int, list[str]] = {}
    for name, label in zip(names, labels.tolist(), strict=True):
        if label != NONE:
            families.setdefault(label, []).append(name)
    return sorted((sorted(one) for one in families.values() if len(one) >= least), key=lambda one: (-len(one), one))


def keep_ids(families: Sequence[Collection[str]], before: Mapping[str, Collection[str]], overlap: float) -> list[str]:
    """An id per family: that of the earlier family it continues, or a new one derived from its members.

    A family continues an earlier one at a Jaccard index of ``overlap`` or more; best matches first, each id used once.
    """
    home = {member: id for id, members in before.items() for member in members}
    alike = []
    for place, family in enumerate(families):
        for id, shared in Counter(home[member] for member in family if member in home).items():
            alike.append((-shared / (len(family) + len(before[id]) - shared), id, place))
    kept: dict[int, str] = {}
    taken: set[str] = set()
    for score, id, place in sorted(alike):
        if -score >= overlap and place not in kept and id not in taken:
            kept[place] = id
            taken.add(id)
    taken |= before.keys()
    ids = []
    for place, family in enumerate(families):
        ids.append(kept.get(place) or _new_id(family, taken))
        taken.add(ids[-1])
    return ids


def _new_id(family: Collection[str], taken: Collection[str]) -> str:
    """An unused id; the same members get the same id if it is free."""
    text = "\n".join(sorted(family))
    ids = ("c-" + sha256(f"{number}\n{text}".encode("utf-8", "replace")).hexdigest()[:16] for number in range(len(taken) + 1))
    return next(id for id in ids if id not in taken)
