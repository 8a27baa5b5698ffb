"""What a document reads: the selected properties alone, and short reads of one moment as one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from reports import submission
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from crashgraph.wiring import Container
from graph.model.errors import QueryError
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction
from graph.store import Neo4jGraph
from schema import request_graph
from schema.app import build_schema
from schema.compile.levels import LevelExecutor
from schema.context import Context
from schema.request_graph import RequestGraph

DOCUMENT = """{ patterns(first: 5) { nodes { id name caption signatureCount lastSeen
  signatures(first: 2) { edges { cursor crashCount node { title } } }
  crashes(first: 3, order: OCCURRED) { nodes { severity signature { exact } environment { os } diagnosis { errorCode } } }
  sites(first: 2) { pageInfo { endCursor } nodes { name } }
} } crashes(first: 2) { nodes { __typename pattern { status } } pageInfo { hasNextPage endCursor } } }"""
TWICE = (
    Statement("UNWIND $ids AS id\nRETURN collect(10 / id) AS rows", {"ids": [1, 2]}, "tenths"),
    Statement("UNWIND $ids AS id\nRETURN collect('$ids') AS rows", {"ids": [3]}, "texts"),
)


@pytest.fixture(autouse=True)
def _all_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine too."""
    monkeypatch.setattr(request_graph, "SHORT_SECONDS", 60.0)


class Noted:
    """The graph, and the statements that it was asked to read."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.asked: list[Statement] = []

    async def read(self, statement: Statement) -> list[Row]:
        self.asked.append(statement)
        return await self._graph.read(statement)

    async def write(self, *statements: Statement) -> list[list[Row]]:
        return await self._graph.write(*statements)

    async def transact(self, work: Callable[[Transaction], Awaitable[Any]]) -> Any:
        return await self._graph.transact(work)


async def answered(container: Container, graph: Graph, executor: type[Any] = LevelExecutor) -> Any:
    schema = build_schema()
    schema.execution_context_class = executor
    try:
        context = Context(RequestGraph(graph), container.matcher, container.receiver)
        result = await schema.execute(DOCUMENT, context_value=context)
    finally:
        schema.execution_context_class = LevelExecutor
    assert not result.errors, result.errors
    return result.data


async def test_a_document_reads_what_it_selects(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    await container.receiver.receive([submission(number % 4, number) for number in range(12)])
    ordinary = await answered(container, container.graph, StrawberryGraphQLCoreExecutionContext)

    def refuse(*_: Any) -> None:
        raise AssertionError("the query was left to the ordinary executor")

    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "execute_collected_root_fields", refuse)
    for _ in range(6):
        noted = Noted(container.graph)
        assert await answered(container, noted) == ordinary
    text = "\n".join(one.text for one in noted.asked)
    assert "p {`*`: true, .pattern_id, .status}" in text
    assert "s {`*`: true, .exact}" in text
    assert "{.*" not in text
    assert len(noted.asked) <= 4  # two roots, which two relations of the one follow, and the relations of the other


async def test_short_reads_are_sent_together_from_the_second_time_on(graph: Neo4jGraph) -> None:
    for sent in (["tenths", "texts"], ["tenths + texts"], ["tenths + texts"]):
        noted = Noted(graph)
        both = RequestGraph(noted)
        rows = await asyncio.gather(*map(both.read, TWICE))
        assert rows == [[{"rows": [10, 5]}], [{"rows": ["$ids"]}]]
        assert [one.name for one in noted.asked] == sent


async def test_where_one_of_them_fails_the_others_are_answered(graph: Neo4jGraph) -> None:
    noted = Noted(graph)
    for ids in ([1], [1], [0]):
        both = RequestGraph(noted)
        tenths = Statement(f"{TWICE[0].text} // divided", {"ids": ids}, "tenths")
        first, second = await asyncio.gather(both.read(tenths), both.read(TWICE[1]), return_exceptions=True)
    assert isinstance(first, QueryError)
    assert second == [{"rows": ["$ids"]}]
    assert [one.name for one in noted.asked] == ["tenths", "texts", "tenths + texts", "tenths + texts", "tenths", "texts"]


async def test_a_read_that_nobody_waits_for_is_ended(graph: Neo4jGraph) -> None:
    endless = Statement(
        "UNWIND range(1, 1000000000) AS n\nWITH sum(n % $by) AS sum\nRETURN collect(sum) AS rows", {"by": 7}, "sum"
    )
    running = Statement("SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'n % $by' RETURN count(*) AS count")
    one = RequestGraph(graph)
    reading = asyncio.ensure_future(one.read(endless))
    while not (await graph.read(running))[0]["count"] > 1:  # it counts itself
        await asyncio.sleep(0.05)
    reading.cancel()
    one.end_reads()
    async with asyncio.timeout(10):
        while (await graph.read(running))[0]["count"] > 1:
            await asyncio.sleep(0.05)
