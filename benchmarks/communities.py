"""Where Graph Data Science is faster than doing without: families and influence by GDS, here (igraph) and by networkx.

Patterns in planted families of about 40 with five ties each inside and one outside, and as many causes as patterns, in a real
graph. ``gds`` is projection, algorithm and answer, as the jobs do it; ``here`` and ``networkx`` work on the columns that the
jobs read in any case (``read``), so that is told apart. ``job`` is a whole run of the job as it is set.

    .venv/bin/python benchmarks/communities.py
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
from _bench import own_graph, report
from numpy.typing import NDArray

from graph.algorithms.communities import Ties, leiden, modularity
from graph.algorithms.influence import DirectedNetwork, betweenness, page_rank
from graph.cypher import query
from graph.model.statement import Statement
from graph.ports import Ports
from graph.store import Neo4jGraph
from jobs.discover.communities import CommunitiesParams, tie_params
from jobs.discover.influence import InfluenceParams
from jobs.runner import run_now

SIZES = (100, 2_000, 20_000)
NETWORKX_UP_TO = 2_000
"""Patterns up to which networkx counts paths; beyond that it takes minutes."""
FAMILY, INSIDE, OUTSIDE = 40, 5, 1
BATCH = 10_000
PATTERNS = "UNWIND $rows AS row CREATE (p:Pattern) SET p = row"
TIES = """
CYPHER 25
UNWIND $rows AS row
MATCH (a:Pattern {pattern_id: row.a}) MATCH (b:Pattern {pattern_id: row.b})
CREATE (a)-[r:$(row.type)]->(b) SET r = row.r
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


async def fill(graph: Neo4jGraph, patterns: int, seed: int) -> None:
    """An own graph of patterns, ties and causes."""
    await graph.run_implicit(Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"))
    rng = np.random.default_rng(seed)
    told = {"severity": "high", "status": "open", "error_type": "KeyError"}
    rows = [{"pattern_id": f"p{at:06}", "name": f"pattern {at}", **told} for at in range(patterns)]
    first = np.repeat(np.arange(patterns), INSIDE + OUTSIDE)
    inside = np.tile(np.arange(INSIDE + OUTSIDE) < INSIDE, patterns)
    near = np.minimum(first // FAMILY * FAMILY + rng.integers(0, FAMILY, len(first)), patterns - 1)
    ties = _edges("RELATED_TO", first, np.where(inside, near, rng.integers(0, patterns, len(first))), rng)
    # Causes mostly run from few to many, as failures spread from what others stand on.
    source = (patterns * rng.power(0.3, patterns)).astype(np.int64) % patterns
    causes = _edges("CAUSES", source, rng.integers(0, patterns, patterns), rng)
    for text, items in ((PATTERNS, rows), (TIES, ties), (TIES, causes)):
        for at in range(0, len(items), BATCH):
            await graph.write(Statement(text, {"rows": items[at : at + BATCH]}))


def _edges(type_: str, source: NDArray[np.int64], target: NDArray[np.int64], rng: np.random.Generator) -> list[dict[str, Any]]:
    score = rng.uniform(0.3, 1.0, len(source)).tolist()
    also = {"state": "supported"} if type_ == "CAUSES" else {}
    pairs = dict(zip(zip(source.tolist(), target.tolist(), strict=True), score, strict=True))
    return [
        {"a": f"p{a:06}", "b": f"p{b:06}", "type": type_, "r": {"score": score, "branching_ratio": score, **also}}
        for (a, b), score in pairs.items()
        if a != b
    ]


async def timed(work: Callable[[], Awaitable[Any]], rounds: int = 3) -> tuple[float, Any]:
    """The median of so many seconds, and what came out."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        found = await work()
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds)[len(seconds) // 2], found


def here(function: Callable[..., Any], *given: Any) -> Callable[[], Awaitable[Any]]:
    """The same as something to wait for."""

    async def work() -> Any:
        return await asyncio.to_thread(function, *given)

    return work


async def families(graph: Neo4jGraph, ports: Ports, patterns: int) -> dict[str, object]:
    params = CommunitiesParams()
    given = tie_params(params, {})
    read, [row] = await timed(lambda: graph.read(query("jobs/communities/ties", **given)))
    names = sorted({*row["source"], *row["target"]})
    place = {name: at for at, name in enumerate(names)}
    ends = [np.array([place[one] for one in row[side]], dtype=np.int64) for side in ("source", "target")]
    ties = Ties(len(names), *ends, np.array(row["weight"]))
    science = ports.data_science
    assert science

    def project(name: str) -> Statement:
        return query("jobs/communities/project", graph_name=name, **given)

    by_gds, told = await timed(lambda: science.communities(project, resolution=1.0, seed=0))
    by_us, labels = await timed(here(leiden, ties, 1.0, 0))
    network = nx.Graph()
    network.add_weighted_edges_from(zip(*(end.tolist() for end in ends), row["weight"], strict=True))
    theirs, parts = await timed(here(partial(nx.community.louvain_communities, network, seed=0)), 1)
    part = {node: number for number, nodes in enumerate(parts) for node in nodes}
    job, _ = await timed(lambda: run_now(graph, "communities", {"max_by_text": 0}, ports=ports), 1)
    return {
        "what": "families",
        "patterns": patterns,
        "links": len(row["weight"]),
        "read s": read,
        "gds s": by_gds,
        "here s": by_us,
        "networkx s": theirs,
        "gds / here": by_gds / by_us,
        "gds / networkx": by_gds / theirs,
        "q gds": modularity(ties, np.array([told[name] for name in names])),
        "q here": modularity(ties, labels),
        "q networkx": modularity(ties, np.array([part[at] for at in range(len(names))])),
        "job s": job,
    }


async def influence(graph: Neo4jGraph, ports: Ports, patterns: int) -> dict[str, object]:
    params = InfluenceParams()
    read, [row] = await timed(lambda: graph.read(query("jobs/influence/links", distinct={})))
    names = sorted({*row["causes"], *row["effects"]})
    place = {name: at for at, name in enumerate(names)}
    cause, effect = (np.array([place[one] for one in row[side]], dtype=np.int64) for side in ("causes", "effects"))
    links = DirectedNetwork(len(names), cause, effect, np.array(row["weight"]))
    science = ports.data_science
    assert science

    def project(name: str) -> Statement:
        return query("jobs/influence/project", graph_name=name, distinct={})

    given = {"damping": params.damping, "sources": params.sources, "seed": 0}
    by_gds, told = await timed(lambda: science.centrality(project, **given))

    def ours() -> Any:
        return page_rank(DirectedNetwork(links.nodes, effect, cause, links.weight)), betweenness(links, params.sources, 0)

    by_us, (rank, _) = await timed(here(ours))
    network = nx.DiGraph()
    network.add_weighted_edges_from(zip(effect.tolist(), cause.tolist(), row["weight"], strict=True))

    def theirs() -> Any:
        return nx.pagerank(network), nx.betweenness_centrality(network, k=min(params.sources, len(network)), seed=0)

    slow = patterns > NETWORKX_UP_TO
    by_them = float("nan") if slow else (await timed(here(theirs), 1))[0]
    job, _ = await timed(lambda: run_now(graph, "influence", ports=ports), 1)
    total = sum(told.rank.values())
    return {
        "what": "influence",
        "patterns": patterns,
        "links": len(cause),
        "read s": read,
        "gds s": by_gds,
        "here s": by_us,
        "networkx s": "-" if slow else by_them,
        "gds / here": by_gds / by_us,
        "gds / networkx": "-" if slow else by_gds / by_them,
        "largest difference of ranks": f"{max(abs(told.rank[name] / total - rank[place[name]]) for name in names):.1e}",
        "job s": job,
    }


async def main() -> None:
    given = arguments()
    parted, weighed = [], []
    async with own_graph() as container:
        for patterns in given.sizes:
            await fill(container.graph, patterns, given.seed)
            parted.append(await families(container.graph, container.ports, patterns))
            weighed.append(await influence(container.graph, container.ports, patterns))
    report("communities", parted)
    report("influence", weighed)


if __name__ == "__main__":
    asyncio.run(main())
