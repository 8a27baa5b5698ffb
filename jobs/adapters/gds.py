"""Graph Data Science through its own client.

The client is synchronous, opens a connection of its own and takes a second to import, so it is imported and connected at the
first call, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from graph.model.errors import GraphError, QueryError
from graph.ports import Centrality, Projection
from graph.store.failures import translated

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # it has no types
    from graphdatascience import GraphDataScience

T = TypeVar("T")

KEY = "pattern_id"
NAME = "graph data science"


class GdsClient:
    """Fills :class:`graph.ports.DataScience`."""

    def __init__(self, uri: str, user: str, password: str, *, database: str = "neo4j") -> None:
        """Nothing is imported or connected before the first call."""
        self._uri, self._auth, self._database = uri, (user, password), database

    async def communities(self, projection: Projection, *, resolution: float, seed: int) -> Mapping[str, int]:
        """Leiden, or Louvain on a server without it."""

        def work(gds: GraphDataScience, network: Any) -> dict[str, int]:
            options: dict[str, Any] = {"relationship_weight_property": "weight", "log_progress": False, "concurrency": 1}
            try:
                with translated(NAME):
                    gds.leiden.mutate(network, "community", gamma=resolution, random_seed=seed, **options)
            except GraphError:
                gds.louvain.mutate(network, "community", **options)
            rows = _properties(gds, network, "community")
            return dict(zip(rows[KEY].tolist(), rows["community"].tolist(), strict=True))

        return await self._with_network(projection, work)

    async def centrality(self, projection: Projection, *, damping: float, sources: int, seed: int) -> Centrality:
        """PageRank to convergence; betweenness exact for at most ``sources`` nodes, else sampled."""

        def work(gds: GraphDataScience, network: Any) -> Centrality:
            gds.page_rank.mutate(
                network,
                "rank",
                damping_factor=damping,
                max_iterations=200,
                tolerance=1e-10,
                relationship_types=["TO_CAUSE"],
                relationship_weight_property="weight",
                log_progress=False,
            )
            gds.betweenness.mutate(
                network,
                "betweenness",
                relationship_types=["TO_EFFECT"],
                sampling_size=min(sources, network.node_count()),
                sampling_seed=seed,
                log_progress=False,
            )
            rows = _properties(gds, network, "rank", "betweenness")
            ids = rows[KEY].tolist()
            return Centrality(*(dict(zip(ids, rows[name].tolist(), strict=True)) for name in ("rank", "betweenness")))

        return await self._with_network(projection, work)

    async def _with_network(self, projection: Projection, work: Callable[[GraphDataScience, Any], T]) -> T:
        """Project, work on the projected network, and drop it."""
        return await asyncio.to_thread(self._blocking, projection(f"crashgraph-{uuid4().hex}"), work)

    def _blocking(self, statement: Any, work: Callable[[GraphDataScience, Any], T]) -> T:
        from graphdatascience import GraphDataScience
        from graphdatascience.error.gds_not_installed import GdsNotFound

        try:
            with translated(NAME):
                gds = GraphDataScience(self._uri, self._auth, database=self._database, arrow=False, show_progress=False)
                with closing(gds), gds.graph.project.cypher(statement.text, **statement.params).graph as network:
                    return work(gds, network)
        except GdsNotFound as error:
            raise QueryError(f"{NAME}: the library is not installed on this Neo4j") from error


def _properties(gds: GraphDataScience, network: Any, *names: str) -> pd.DataFrame:
    return gds.graph.node_properties.stream(network, list(names), db_node_properties=[KEY])
