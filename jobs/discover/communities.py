"""The job ``communities``: named families of patterns, as ``Community`` nodes and ``MEMBER_OF``.

Patterns joined by relationships of other jobs are clustered by Leiden, here or in Graph Data Science, whichever is faster for
their number; patterns without such relationships by HDBSCAN on their embeddings.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.communities import (
    NONE,
    Floats,
    Ints,
    Ties,
    dense_regions,
    grouped,
    keep_ids,
    leiden,
    modularity,
    strengths,
)
from graph.algorithms.community_names import FamilyDescription, Traits, describe
from graph.cypher import query
from graph.model.errors import QueryError
from graph.ports import Reader, Row
from jobs.discover.distinct_pairs import distinct_pairs
from jobs.params import param
from jobs.spec import JobEdge, JobNode, JobSpec, Work

T = TypeVar("T")

BATCH = 1000
"""Patterns per query."""
TYPES = ("CO_OCCURS_WITH", "CAUSES", "EVOLVES_FROM", "SIMILAR_FIX", "RELATED_TO")
GDS_FROM = 750_000
"""Number of ties from which Graph Data Science is faster; see ``benchmarks/communities.py``."""


@dataclass(frozen=True, slots=True)
class CommunitiesParams:
    """Parameters of the job."""

    resolution: float = param(
        "Leiden resolution: larger values make more and smaller families.", default=1.0, minimum=0.01, maximum=100
    )
    min_size: int = param("Minimum patterns per family.", default=3, minimum=2)
    co_occurs_with: float = param("Weight of `CO_OCCURS_WITH`, times its score; 0 leaves it out.", default=0.5, minimum=0)
    causes: float = param("Weight of `CAUSES`, times its score.", default=1.0, minimum=0)
    evolves_from: float = param("Weight of `EVOLVES_FROM`, times its score.", default=1.0, minimum=0)
    similar_fix: float = param("Weight of `SIMILAR_FIX`, times its score.", default=0.75, minimum=0)
    related_to: float = param("Weight of `RELATED_TO`, times its score.", default=0.5, minimum=0)
    max_by_text: int = param(
        "Maximum patterns without relationships that are clustered by text, most recently seen first; 0 for none.",
        default=5000,
        minimum=0,
        maximum=50_000,
    )
    likeness: float = param("Minimum cosine of such a text with the centre of its family.", default=0.7, minimum=-1, maximum=1)
    overlap: float = param(
        "Minimum Jaccard overlap of members for a family to keep the id of an earlier run.",
        default=0.3,
        minimum=0.01,
        maximum=1,
    )
    frames: int = param("Frames per pattern, from the culprit on, that a name is built from.", default=3, minimum=1, maximum=50)
    gds_from: int = param(
        "Number of relationships from which Graph Data Science is used; 0 for always, -1 for never.",
        default=GDS_FROM,
        minimum=-1,
    )
    seed: int = param("Seed of the clustering.", default=0, minimum=0)


@dataclass(frozen=True, slots=True)
class Family:
    """Patterns that belong together, with the strength of each, 0..1."""

    method: str
    members: Sequence[str]
    strength: Mapping[str, float]


async def run(work: Work[CommunitiesParams]) -> AsyncIterator[Sequence[JobNode | JobEdge]]:
    """Cluster the patterns, and name the families; a family that continues keeps its id."""
    params = work.params
    names, ties = await _ties(work)
    work.progress(0, 4, "clustering by relationships")
    labels = await _labels(work, names, ties)
    strong = await asyncio.to_thread(strengths, ties, labels)
    tied = _families("ties", names, labels, strong, params.min_size)
    work.counts |= {"ties": len(ties.source), "tied": len(names), "modularity": modularity(ties, labels, params.resolution)}
    work.progress(1, 4, "clustering the rest by text")
    texts = await _by_texts(work, set(names))
    families = [*tied, *texts]
    work.progress(2, 4, "naming")
    before = await _previous(work.graph)
    ids = keep_ids([family.members for family in families], before, params.overlap)
    described = describe([family.members for family in families], await _traits(work.graph, families, params.frames))
    work.progress(3, 4, "writing")
    work.counts |= {
        "families_by_ties": len(tied),
        "families_by_texts": len(texts),
        "in_families": sum(len(family.members) for family in families),
        "families_that_go_on": len(set(ids) & before.keys()),
        "families_that_ended": len(before.keys() - set(ids)),
    }
    yield list(_outputs(families, ids, described, work.ports.clock.now()))


def tie_params(params: CommunitiesParams, distinct: Mapping[str, bool]) -> dict[str, Any]:
    """Parameters of the two queries that read the ties."""
    return {"weights": {type_: float(getattr(params, type_.lower())) for type_ in TYPES}, "distinct": distinct}


async def _ties(work: Work[CommunitiesParams]) -> tuple[list[str], Ties]:
    """The tied patterns, sorted, and their ties."""
    [row] = await work.graph.read(query("jobs/communities/ties", **tie_params(work.params, await distinct_pairs(work.graph))))
    names = sorted({*row["source"], *row["target"]})
    place = {name: at for at, name in enumerate(names)}
    source = np.array([place[name] for name in row["source"]], dtype=np.int64)
    target = np.array([place[name] for name in row["target"]], dtype=np.int64)
    # Neo4j returns them in no particular order, and the same network must be clustered alike.
    order = np.lexsort((target, source))
    return names, Ties(len(names), source[order], target[order], np.array(row["weight"], dtype=np.float64)[order])


async def _labels(work: Work[CommunitiesParams], names: Sequence[str], ties: Ties) -> Ints:
    params, science = work.params, work.ports.data_science
    work.counts["by_gds"] = 0
    if science is not None and len(ties.source) >= max(params.gds_from, 1) and params.gds_from >= 0:
        given = tie_params(params, await distinct_pairs(work.graph))
        try:
            communities = await science.communities(
                lambda name: query("jobs/communities/project", graph_name=name, **given),
                resolution=params.resolution,
                seed=params.seed,
            )
        except QueryError:
            work.counts["gds_refused"] = 1
        else:
            work.counts["by_gds"] = 1
            return np.array([communities.get(name, NONE) for name in names], dtype=np.int64)
    return await asyncio.to_thread(leiden, ties, params.resolution, params.seed)


async def _by_texts(work: Work[CommunitiesParams], tied: set[str]) -> list[Family]:
    """Families of patterns without ties."""
    [row] = await work.graph.read(query("jobs/patterns_to_compare", limit=2**31 - 1))
    alone: list[str] = [id for id in row["ids"] if id not in tied]
    looked = alone[: work.params.max_by_text]
    names, embeddings = await _embeddings(work.graph, looked)
    work.counts |= {"patterns": row["total"], "left_out": len(alone) - len(looked), "without_text": len(looked) - len(names)}
    if not names:
        return []
    order = sorted(range(len(names)), key=names.__getitem__)
    labels, sure = await asyncio.to_thread(dense_regions, embeddings[order], work.params.min_size, work.params.likeness)
    return _families("texts", [names[at] for at in order], labels, sure, work.params.min_size)


async def _embeddings(graph: Reader, ids: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
    names: list[str] = []
    embeddings: list[list[float]] = []
    for some in _batches(ids):
        [row] = await graph.read(query("jobs/communities/embeddings", ids=some))
        names += row["ids"]
        embeddings += row["embeddings"]
    # Another model may have made some of them; only embeddings of the most common size can be compared.
    sizes = [len(one) for one in embeddings]
    usual = max(set(sizes), key=lambda size: (sizes.count(size), size), default=0)
    kept = [at for at, size in enumerate(sizes) if size == usual]
    return [names[at] for at in kept], np.array([embeddings[at] for at in kept], dtype=np.float32)


def _families(method: str, names: Sequence[str], labels: Ints, strength: Floats, least: int) -> list[Family]:
    strength_of = dict(zip(names, strength.tolist(), strict=True))
    return [Family(method, members, {one: strength_of[one] for one in members}) for members in grouped(names, labels, least)]


async def _previous(graph: Reader) -> dict[str, list[str]]:
    [row] = await graph.read(query("jobs/communities/previous"))
    before: dict[str, list[str]] = {}
    for member, community in zip(row["members"], row["communities"], strict=True):
        before.setdefault(community, []).append(member)
    return before


async def _traits(graph: Reader, families: Sequence[Family], frames: int) -> dict[str, Traits]:
    traits: dict[str, Traits] = {}
    for some in _batches([member for family in families for member in family.members]):
        [row] = await graph.read(query("jobs/communities/traits", ids=some, frames=frames))
        traits |= {one["id"]: _trait(one) for one in row["rows"]}
    return traits


def _trait(row: Row) -> Traits:
    return Traits(row["error_type"], tuple(row["modules"] or ()), tuple(row["functions"] or ()))


def _outputs(
    families: Sequence[Family], ids: Sequence[str], described: Sequence[FamilyDescription], founded_at: datetime
) -> Iterator[JobNode | JobEdge]:
    """The families and their members."""
    for id, family, description in zip(ids, families, described, strict=True):
        yield JobNode(
            "Community",
            {
                "community_id": id,
                "name": description.name,
                "method": family.method,
                "size": len(family.members),
                "cohesion": float(np.mean([family.strength[member] for member in family.members])),
                "error_types": tuple(description.error_types),
                "modules": tuple(description.modules),
            },
            on_create={"founded_at": founded_at},
        )
    for id, family in zip(ids, families, strict=True):
        for member in family.members:
            yield JobEdge("MEMBER_OF", member, id, {"strength": family.strength[member]})


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, BATCH)):
        yield some


SPEC = JobSpec(
    name="communities",
    version="2026-11-21",
    help="Families of related patterns, named after what their members have in common.",
    schedule="10 4 * * *",
    params=CommunitiesParams,
    reads=(
        *("Pattern", "Signature", "Frame", "Module", "Community"),
        *("OF_PATTERN", "HAS_SIGNATURE", "HAS_FRAME", "IN_MODULE", "MEMBER_OF", "DISTINCT_FROM"),
        *TYPES,
    ),
    writes=("Community", "MEMBER_OF"),
    run=run,
    limitations=(
        "A family is neither a bug nor a common cause: its members are only more related to each other than to the rest. Each "
        "pattern belongs to one family or none; one between two families belongs to the more strongly related one. Results of "
        "other jobs are taken as they are. Pairs that people called different, refuted causes, merged patterns and families "
        "below `min_size` are left out. A family keeps its id while it keeps most of its members; its name follows them. "
        "Families much smaller than the square root of the number of ties may be joined; see `resolution`."
    ),
)
