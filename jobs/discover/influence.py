"""The job ``influence``: which patterns most of the others go back to, and which stand between them, along causes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from graph.algorithms.communities import Floats
from graph.algorithms.influence import DAMPING, Links, betweenness, page_rank, scaled
from graph.cypher import query
from graph.model.errors import QueryError
from jobs.discover.apart import apart
from jobs.spec import Edge, JobSpec, Work, param

BATCH = 1000
"""Patterns written with one statement."""
GDS_FROM = 1_000_000
"""Causes from which on Graph Data Science is faster; see ``benchmarks/communities.py``."""


@dataclass(frozen=True, slots=True)
class InfluenceParams:
    """Parameters of the job."""

    damping: float = param(
        "Share of its weight that an effect hands on to its causes; PageRank's damping factor.",
        default=DAMPING,
        minimum=0.01,
        maximum=0.99,
    )
    sources: int = param(
        "Brokerage counts the chains that begin at so many patterns, drawn at random where there are more.",
        default=2000,
        minimum=1,
    )
    gds_from: int = param(
        "Causes from which on Graph Data Science does the work; 0 for always, -1 for never.", default=GDS_FROM, minimum=-1
    )
    seed: int = param("Seed of that drawing.", default=0, minimum=0)


async def run(work: Work[InfluenceParams]) -> AsyncIterator[Sequence[Edge]]:
    """Weigh the patterns that have a part in causes; there are no edges."""
    pairs = await apart(work.graph)
    [row] = await work.graph.read(query("jobs/influence_links", apart=pairs))
    names = sorted({*row["causes"], *row["effects"]})
    place = {name: at for at, name in enumerate(names)}
    cause = np.array([place[name] for name in row["causes"]], dtype=np.int64)
    effect = np.array([place[name] for name in row["effects"]], dtype=np.int64)
    links = Links(len(names), cause, effect, np.array(row["weight"], dtype=np.float64))
    work.progress(0, 2, "weighing")
    rank, between = await _weighed(work, names, links, pairs)
    work.progress(1, 2, "keeping")
    work.also.append(query("jobs/influence_forget"))
    rows = [
        {"id": name, "influence": influence, "brokerage": brokerage}
        for name, influence, brokerage in zip(names, rank.tolist(), between.tolist(), strict=True)
    ]
    work.also += [query("jobs/influence_keep", rows=rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]
    work.counts |= {
        "patterns": len(names),
        "causes": len(cause),
        "brokers": int((between > 0).sum()),
        "sources": min(work.params.sources, len(names)),
        "largest_influence": float(rank.max(initial=0.0)),
    }
    yield ()


async def _weighed(
    work: Work[InfluenceParams], names: Sequence[str], links: Links, pairs: dict[str, bool]
) -> tuple[Floats, Floats]:
    """PageRank from effect to cause, summing to 1, and the share of chains through each."""
    params = work.params
    work.counts["by_gds"] = 0
    if len(links.source) >= max(params.gds_from, 1) and params.gds_from >= 0:
        project = partial(query, "jobs/influence_project", apart=pairs)
        from jobs.adapters import gds  # slow to import, and seldom needed

        try:
            found = await gds.influence(work.graph, project, params.damping, params.sources, params.seed)
        except QueryError:
            work.counts["gds_refused"] = 1
        else:
            work.counts["by_gds"] = 1
            rank = np.array([found.rank.get(name, 0.0) for name in names])
            paths = np.array([found.between.get(name, 0.0) for name in names])
            return rank / max(rank.sum(), 1e-300), scaled(paths, len(names), min(params.sources, len(names)))
    backwards = Links(links.nodes, links.target, links.source, links.weight)
    rank = await asyncio.to_thread(page_rank, backwards, params.damping)
    return rank, await asyncio.to_thread(betweenness, links, params.sources, params.seed)


SPEC = JobSpec(
    name="influence",
    version="2026-11-21",
    help="Which patterns most of the others go back to, and which stand between them, along causes.",
    schedule="25 * * * *",
    params=InfluenceParams,
    reads=("Pattern", "Signature", "OF_PATTERN", "CAUSES", "NOT_CAUSED_BY", "DISTINCT_FROM"),
    writes=(),
    keeps=("Pattern.influence", "Pattern.brokerage"),
    run=run,
    refuses=(
        "It takes the causes that `causation` found as they are, refuted ones and those that people denied left out, and says "
        "nothing of patterns without any. Influence compares patterns of one graph with each other: it is no number of "
        "crashes, and it shrinks as patterns are added. A pattern without brokerage may still be the only way between two that "
        "the drawn sources did not reach."
    ),
)
