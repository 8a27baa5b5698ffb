"""One real Neo4j for the whole test session; an empty graph for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from crashgraph.settings import Settings
from crashgraph.wiring import Container, build_container
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.model.statement import Statement
from graph.server import EmbeddedServer, Endpoint, ServerSettings
from graph.store import Neo4jGraph, apply_schema

ANY_FREE_PORT = 0
EMPTY = Statement("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", name="empty the graph")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests of growth slow: each times a text of several sizes."""
    for item in items:
        if item.name.startswith("test_time_grows"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh CRASHGRAPH_HOME."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def endpoint(home: Path) -> Iterator[Endpoint]:
    """A running embedded server on free ports; jars come from the user's cache folder."""
    server = EmbeddedServer(ServerSettings(home=home, bolt_port=ANY_FREE_PORT, http_port=ANY_FREE_PORT))
    yield server.acquire()
    server.release()


@pytest_asyncio.fixture(scope="session")
async def connection(endpoint: Endpoint) -> AsyncIterator[Neo4jGraph]:
    """One pool with the model's schema applied. Tests take ``graph``."""
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
        await apply_schema(graph)
        yield graph


@pytest_asyncio.fixture
async def graph(connection: Neo4jGraph) -> Neo4jGraph:
    """The graph, empty."""
    await connection.run_implicit(EMPTY)
    return connection


@pytest.fixture(scope="session")
def embedder() -> MiniLmEmbedder:
    """The real one; one for all tests, since loading it takes seconds."""
    return MiniLmEmbedder()


@pytest.fixture
def container(graph: Neo4jGraph, endpoint: Endpoint, embedder: MiniLmEmbedder, tmp_path: Path) -> Container:
    """Receiver and matcher on an empty graph."""
    return build_container(Settings(home=tmp_path), graph, endpoint, embedder)
