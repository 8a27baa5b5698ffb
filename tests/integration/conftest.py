"""Parts of the service on the session's graph; one embedder for all tests, since loading it takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashgraph.settings import Settings
from crashgraph.wiring import Parts, assemble
from graph.ingest.embedder import MiniLmEmbedder
from graph.server import Endpoint
from graph.store import Neo4jGraph


@pytest.fixture(scope="session")
def embedder() -> MiniLmEmbedder:
    """The real one."""
    return MiniLmEmbedder()


@pytest.fixture
def parts(graph: Neo4jGraph, endpoint: Endpoint, embedder: MiniLmEmbedder, tmp_path: Path) -> Parts:
    """Receiver and matcher on an empty graph."""
    return assemble(Settings(home=tmp_path), graph, endpoint, embedder)


@pytest.fixture
def environment(endpoint: Endpoint, home: Path) -> dict[str, str]:
    """Variables that make a crashgraph process work on the session's graph."""
    import os

    return {
        **os.environ,
        "CRASHGRAPH_HOME": str(home),
        "CRASHGRAPH_NEO4J_URI": endpoint.bolt_uri,
        "CRASHGRAPH_NEO4J_USER": endpoint.user,
        "CRASHGRAPH_NEO4J_PASSWORD": endpoint.password,
    }
