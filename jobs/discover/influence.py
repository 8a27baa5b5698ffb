"""The job ``influence``: PageRank and betweenness of patterns in the network of causes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import numpy as np

from graph.algorithms.communities import Floats
from graph.algorithms.influence import DAMPING, DirectedNetwork, betweenness, page_rank, scaled
from graph.cypher import query
from graph.model.errors import QueryError
from jobs.discover.distinct_pairs import distinct_pairs
from jobs.params import param
from jobs.spec import JobSpec, NodeUpdate, Work

GDS_FROM = 1_000_000
"""Number of causes from which Graph Data Science is faster; see ``benchmarks/communities.py``."""


@dataclass(frozen=True, slots=True)
class InfluenceParams:
    """Parameters of the job."""

    damping: float = param(
        "PageRank's damping factor: share of its weight that an effect passes to its causes.",
        default=DAMPING,
        minimum=0.01,
        maximum=0.99,
    )
    sources: int = param(
        "Maximum source patterns for brokerage, sampled at random if there are more.",
        default=2000,
        minimum=1,
    )
    gds_from: int = param(
        "Number of causes from which Graph Data Science is used; 0 for always, -1 for never.", default=GDS_FROM, minimum=-1
    )
    seed: int = param("Seed of the sampling.", default=0, minimum=0)


async def run(work: Work[InfluenceParams]) -> AsyncIterator[Sequence[NodeUpdate]]:
    """Weigh the patterns that take part in causes; the others lose what an earlier run gave them."""
    distinct = await distinct_pairs(work.graph)
    [row] = await work.graph.read(query("jobs/influence/links", distinct=distinct))
    names = sorted({*row["causes"], *row["effects"]})
    place = {name: at for at, name in enumerate(names)}
    cause = np.array([place[name] for name in row["causes"]], dtype=np.int64)
    effect = np.array([place[name] for name in row["effects"]], dtype=np.int64)
    links = DirectedNetwork(len(names), cause, effect, np.array(row["weight"], dtype=np.float64))
    work.progress(0, 2, "weighing")
    rank, between = await _weigh(work, names, links, distinct)
    work.progress(1, 2, "writing")
    work.counts |= {
        "patterns": len(names),
        "causes": len(cause),
        "brokers": int((between > 0).sum()),
        "sources": min(work.params.sources, len(names)),
        "largest_influence": float(rank.max(initial=0.0)),
    }
    [weighed] = await work.graph.read(query("jobs/influence/weighed"))
    yield [_update(pattern_id, None, None) for pattern_id in sorted(set(weighed["ids"]) - set(names))]
    yield [_update(*values) for values in zip(names, rank.tolist(), between.tolist(), strict=True)]


def _update(pattern_id: str, influence: float | None, brokerage: float | None) -> NodeUpdate:
    return NodeUpdate("Pattern", pattern_id, {"influence": influence, "brokerage": brokerage})


async def _weigh(
    work: Work[InfluenceParams], names: Sequence[str], links: DirectedNetwork, distinct: dict[str, bool]
) -> tuple[Floats, Floats]:
    """PageRank from effect to cause, summing to 1, and the share of causal chains through each pattern."""
    params, science = work.params, work.ports.data_science
    work.counts["by_gds"] = 0
    if science is not None and len(links.source) >= max(params.gds_from, 1) and params.gds_from >= 0:
        try:
            weights = await science.centrality(
                lambda name: query("jobs/influence/project", graph_name=name, distinct=distinct),
                damping=params.damping,
                sources=params.sources,
                seed=params.seed,
            )
        except QueryError:
            work.counts["gds_refused"] = 1
        else:
            work.counts["by_gds"] = 1
            rank = np.array([weights.rank.get(name, 0.0) for name in names])
            paths = np.array([weights.betweenness.get(name, 0.0) for name in names])
            return rank / max(rank.sum(), 1e-300), scaled(paths, len(names), min(params.sources, len(names)))
    backwards = DirectedNetwork(links.nodes, links.target, links.source, links.weight)
    rank = await asyncio.to_thread(page_rank, backwards, params.damping)
    return rank, await asyncio.to_thread(betweenness, links, params.sources, params.seed)


SPEC = JobSpec(
    name="influence",
    version="2026-11-21",
    help="Patterns that most others originate from, and patterns that lie between others, along causes.",
    schedule="25 * * * *",
    params=InfluenceParams,
    reads=("Pattern", "Signature", "OF_PATTERN", "CAUSES", "NOT_CAUSED_BY", "DISTINCT_FROM"),
    writes=(),
    updates=("Pattern.influence", "Pattern.brokerage"),
    run=run,
    limitations=(
        "The causes of `causation` are taken as they are, without refuted and denied ones; patterns without causes have no "
        "influence. Influence is relative to the graph: it is not a number of crashes, and it shrinks as patterns are added. A "
        "pattern without brokerage may still be the only path between two that the sampled sources did not reach."
    ),
)
