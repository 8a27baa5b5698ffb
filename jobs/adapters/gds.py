"""Graph Data Science through its client, over the reads that a job has, so that there is no second connection or password.

The client is synchronous: it runs in a thread, and its calls are read in the job's own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar
from uuid import uuid4

import pandas as pd  # type: ignore[import-untyped]  # it has no types
from graphdatascience import GraphDataScience
from graphdatascience.call_parameters import CallParameters
from graphdatascience.query_runner.query_mode import QueryMode
from graphdatascience.query_runner.query_runner import QueryRunner
from graphdatascience.query_runner.query_type import QueryType
from graphdatascience.versions import ServerVersion

from graph.model.errors import GraphError
from graph.model.statement import Statement
from graph.ports import Reader

T = TypeVar("T")

STREAMED = {
    "gds.leiden.stream": "communityId",
    "gds.louvain.stream": "communityId",
    "gds.pageRank.stream": "score",
    "gds.betweenness.stream": "score",
}
"""What an algorithm says of each node, by its procedure."""


class Project(Protocol):
    """The statement that puts a network into the catalog under a name; it returns how many ``nodes`` that has."""

    def __call__(self, *, graph_name: str) -> Statement:
        """The statement for a name."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """What two algorithms say of each pattern."""

    rank: Mapping[str, float]
    between: Mapping[str, float]


async def families(reader: Reader, project: Project, resolution: float, seed: int) -> dict[str, int]:
    """The family of each pattern of a network: Leiden, or Louvain on a server that lacks it. ``GraphError`` without GDS."""

    def ask(gds: GraphDataScience, network: Any) -> dict[str, int]:
        options: dict[str, Any] = {"relationship_weight_property": "weight", "log_progress": False, "concurrency": 1}
        try:
            found = gds.leiden.stream(network, gamma=resolution, random_seed=seed, **options)
        except GraphError:
            found = gds.louvain.stream(network, **options)
        return dict(zip(found["pattern"].tolist(), found["communityId"].tolist(), strict=True))

    return await _within(reader, project, ask, {})


async def influence(reader: Reader, project: Project, damping: float, sources: int, seed: int) -> Weighed:
    """PageRank along ``TO_CAUSE`` by ``weight``, and paths along ``TO_EFFECT`` through each pattern.

    The paths are counted, from ``sources`` at random where there are more. ``GraphError`` without GDS.
    """

    def ask(gds: GraphDataScience, network: Any) -> Weighed:
        ranked = gds.page_rank.stream(
            network,
            damping_factor=damping,
            max_iterations=200,
            tolerance=1e-10,
            relationship_types=["TO_CAUSE"],
            relationship_weight_property="weight",
            log_progress=False,
        )
        between = gds.betweenness.stream(
            network,
            relationship_types=["TO_EFFECT"],
            sampling_size=min(sources, network.node_count()),
            sampling_seed=seed,
            log_progress=False,
        )
        return Weighed(*(dict(zip(one["pattern"].tolist(), one["score"].tolist(), strict=True)) for one in (ranked, between)))

    return await _within(reader, project, ask, Weighed({}, {}))


async def _within(reader: Reader, project: Project, ask: Callable[[GraphDataScience, Any], T], nothing: T) -> T:
    """What is answered about a network that is in the catalog meanwhile; ``nothing`` for one without nodes."""
    name = f"crashgraph-{uuid4().hex}"
    runner = ReaderRunner(reader, asyncio.get_running_loop())
    rows = await reader.read(project(graph_name=name))
    if not rows or not rows[0]["nodes"]:
        return nothing

    def work() -> T:
        gds = GraphDataScience(runner, arrow=False, show_progress=False)
        network = gds.graph.get(name)
        return ask(gds, network)

    try:
        return await asyncio.to_thread(work)
    finally:
        dropped = Statement(
            "CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName", {"name": name}, "drop network"
        )
        with contextlib.suppress(GraphError):
            await asyncio.shield(reader.read(dropped))


class ReaderRunner(QueryRunner):
    """What the client sends its queries through: the reads of a job.

    What streams a value for each node comes back as one row of columns, ``pattern`` and the value, which moves several times
    faster than a row for each.
    """

    def __init__(self, reader: Reader, loop: asyncio.AbstractEventLoop) -> None:
        """Read with ``reader``, which lives in ``loop``; not to be called from that loop's thread."""
        self._reader, self._loop = reader, loop

    def call_procedure(
        self,
        endpoint: str,
        query_type: QueryType = QueryType.USER_TRANSPILED,  # noqa: ARG002  # what the client gives is not all needed
        params: CallParameters | None = None,
        yields: list[str] | None = None,
        database: str | None = None,  # noqa: ARG002
        mode: QueryMode = QueryMode.READ,  # noqa: ARG002
        logging: bool = False,  # noqa: ARG002
        retryable: bool = False,  # noqa: ARG002
        custom_error: bool = True,  # noqa: ARG002
    ) -> pd.DataFrame:
        """The rows of a procedure."""
        given = params or CallParameters()
        call = f"CALL {endpoint}({given.placeholder_str()})"
        if value := STREAMED.get(endpoint):
            called = f"{call} YIELD nodeId, {value} WITH gds.util.asNode(nodeId) AS node, {value}"
            [row] = self._read(f"{called} RETURN collect(node.pattern_id) AS pattern, collect({value}) AS {value}", given)
            return pd.DataFrame(row)
        return pd.DataFrame(self._read(f"{call} YIELD {', '.join(yields)}" if yields else call, given))

    def call_function(
        self,
        endpoint: str,
        query_type: QueryType = QueryType.USER_TRANSPILED,  # noqa: ARG002
        params: CallParameters | None = None,
    ) -> Any:
        """The value of a function."""
        given = params or CallParameters()
        return self._read(f"RETURN {endpoint}({given.placeholder_str()}) AS value", given)[0]["value"]

    def run_cypher(
        self,
        query: str,
        query_type: QueryType,  # noqa: ARG002
        params: dict[str, Any] | None = None,
        database: str | None = None,  # noqa: ARG002
        mode: QueryMode | None = None,  # noqa: ARG002
        custom_error: bool = True,  # noqa: ARG002
    ) -> pd.DataFrame:
        """The rows of a query that reads."""
        return pd.DataFrame(self._read(query, params or {}))

    run_retryable_cypher = run_cypher

    def server_version(self) -> ServerVersion:
        """The version of GDS."""
        return ServerVersion.from_string(self.call_function("gds.version"))

    def _read(self, text: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        asked = self._reader.read(Statement(text, dict(params), "graph data science"))
        return asyncio.run_coroutine_threadsafe(_awaited(asked), self._loop).result()

    def set_show_progress(self, show_progress: bool) -> None:
        """There is none to show."""

    def database(self) -> str | None:
        """The one that the job reads."""
        return None

    def encrypted(self) -> bool:
        """Unknown here, and only asked for another protocol."""
        return False

    def bookmarks(self) -> None:
        """None: the pool keeps them."""

    def last_bookmarks(self) -> None:
        """None: the pool keeps them."""

    def set_bookmarks(self, bookmarks: object) -> None:
        """The pool keeps them."""

    def set_database(self, database: str) -> NoReturn:
        """Not here."""
        raise NotImplementedError(f"the job's own database is read, not {database}")

    def driver_config(self) -> NoReturn:
        """Not here."""
        raise NotImplementedError("a job has no driver")

    def db_driver(self) -> NoReturn:
        """Not here."""
        raise NotImplementedError("a job has no driver")

    def cloneWithoutRouting(self, host: str, port: int) -> NoReturn:  # noqa: N802  # the client's name
        """Not here."""
        raise NotImplementedError(f"a job has no driver for {host}:{port}")

    def read_connection_info(self) -> NoReturn:
        """Not here."""
        raise NotImplementedError("a job has no driver")


async def _awaited(asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await asked
    return found
