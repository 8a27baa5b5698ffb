"""Queries that take too long, or that no one waits for any more, end in Neo4j too."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.model.errors import LimitError
from graph.model.statement import Statement
from graph.store import Neo4jGraph
from resolvers import rows
from schema import bounded_time
from schema.request_graph import RequestGraph

SLOW = "UNWIND range(1, 1000000000) AS x UNWIND range(1, 1000000) AS y WITH x * y AS z WHERE z < 0 RETURN collect(z) AS rows"
RUNNING = Statement(
    "SHOW TRANSACTIONS YIELD currentQuery, status WHERE currentQuery CONTAINS $part AND NOT currentQuery CONTAINS 'SHOW' "
    "AND status STARTS WITH 'Running' RETURN count(*) AS running",
    {"part": "range(1, 1000000000)"},
    "running queries",
)


async def running(graph: Neo4jGraph, *, wanted: int, seconds: float = 20) -> bool:
    """Whether that many slow queries run in Neo4j, or soon do."""
    async with asyncio.timeout(seconds):
        while (await graph.read(RUNNING))[0]["running"] != wanted:
            await asyncio.sleep(0.1)
    return True


async def test_a_read_over_its_time_is_ended_by_neo4j(graph: Neo4jGraph) -> None:
    with pytest.raises(LimitError, match="slow: "):
        await RequestGraph(graph, seconds=1).read(Statement(SLOW, name="slow"))
    assert await running(graph, wanted=0)


async def test_a_read_that_no_one_waits_for_is_ended(graph: Neo4jGraph) -> None:
    request = RequestGraph(graph, at_once=2)
    reads = [asyncio.create_task(request.read(Statement(SLOW, name="slow"))) for _ in range(3)]
    assert await running(graph, wanted=2), "no more than two at once"
    request.end_reads()
    assert {type(result) for result in await asyncio.gather(*reads, return_exceptions=True)} == {asyncio.CancelledError}
    assert await running(graph, wanted=0)


@pytest.fixture
def slow_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listing of crashes takes forever."""
    original = rows.query

    def query(name: str, **params: Any) -> Statement:
        return Statement(SLOW, name=name) if name == "crashes/by_received" else original(name, **params)

    monkeypatch.setattr(rows, "query", query)


DOCUMENT = {"query": "{ crashes(first: 1) { nodes { crashId } } }"}


@pytest.mark.usefixtures("slow_listing")
async def test_a_query_ends_with_its_time_and_when_its_sender_leaves(
    container: Container, graph: Neo4jGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), listening),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=60) as client,
        ):
            leaving = asyncio.create_task(client.post("/graphql", json=DOCUMENT))
            assert await running(graph, wanted=1)
            leaving.cancel()
            assert await running(graph, wanted=0)
            by_get = asyncio.create_task(client.get("/graphql", params=DOCUMENT))
            assert await running(graph, wanted=1)
            by_get.cancel()
            assert await running(graph, wanted=0)
            monkeypatch.setattr(bounded_time, "QUERY_SECONDS", 1.0)
            answer = await client.post("/graphql", json=DOCUMENT)
            assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["LIMIT"]
            assert await running(graph, wanted=0)
            assert (await client.post("/graphql", json={"query": "{ jobs { name } }"})).json()["data"]["jobs"]
