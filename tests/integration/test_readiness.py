"""What ``/readyz`` says of the graph."""

from __future__ import annotations

import pytest
from reports import submission

from crashgraph.readiness import Readiness
from crashgraph.wiring import Container
from graph.model.errors import QueryError, UnavailableError, WrongPasswordError
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.server.ports import free_port
from graph.store import Neo4jGraph

WRITE = Statement("CREATE (n) DELETE n", name="write")
WRONG = Statement("CREATE (n", name="wrong")


async def test_a_graph_is_ready_once_it_has_its_schema(graph: Neo4jGraph) -> None:
    readiness = Readiness(graph, schema_applied=False)
    problem = await readiness.problem()
    assert problem is not None
    assert problem.cause == "starting"
    assert not readiness.prepared.is_set()
    await readiness.prepare()
    assert readiness.prepared.is_set()
    assert await readiness.problem() is None


async def test_without_neo4j_it_is_broken_and_says_where_it_should_be() -> None:
    port = free_port()
    async with Neo4jGraph.open(f"bolt://127.0.0.1:{port}", "neo4j", "x", retry_seconds=0.1) as away:
        problem = await Readiness(away).problem()
        assert problem is not None
        assert problem.cause == "broken"
        assert str(port) in problem.reason
        with pytest.raises(UnavailableError):
            await away.write(WRITE)
        assert away.write_failure is not None


async def test_a_wrong_password_ends_the_wait_for_the_graph(endpoint: Endpoint) -> None:
    async with Neo4jGraph.open(endpoint.bolt_uri, endpoint.user, "wrong") as refused:
        with pytest.raises(WrongPasswordError):
            await Readiness(refused, schema_applied=False).prepare()


async def test_a_write_that_was_refused_says_nothing_of_the_server(graph: Neo4jGraph) -> None:
    with pytest.raises(QueryError):
        await graph.write(WRONG)
    assert graph.write_failure is None


async def test_after_a_failed_write_it_is_ready_once_a_write_succeeds(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    graph = container.graph
    before = await graph.read(Statement("MATCH (c:Crash) RETURN properties(c) AS crash", name="crash"))
    setattr(graph, "write_failure", UnavailableError("no space left on device"))  # noqa: B010  # else mypy takes it for narrowed
    assert await Readiness(graph).problem() is None
    assert graph.write_failure is None
    assert await graph.read(Statement("MATCH (c:Crash) RETURN properties(c) AS crash", name="crash")) == before
