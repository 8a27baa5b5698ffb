"""The session's graph for processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shop_graph import fill

from crashgraph.http_ingest import intake, sentry
from graph.ports import Graph
from graph.server import Endpoint


@pytest.fixture
def environment(endpoint: Endpoint, home: Path) -> dict[str, str]:
    """Variables that make a crashgraph process work on the session's graph."""
    return {
        **os.environ,
        "CRASHGRAPH_HOME": str(home),
        "CRASHGRAPH_NEO4J_URI": endpoint.bolt_uri,
        "CRASHGRAPH_NEO4J_USER": endpoint.user,
        "CRASHGRAPH_NEO4J_PASSWORD": endpoint.password,
    }


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services in this process wait for the graph until it has stored a report, however busy the machine is."""
    for module in (intake, sentry):
        monkeypatch.setattr(module, "PATIENCE_SECONDS", 600.0)


@pytest.fixture
async def shop(graph: Graph) -> Graph:
    """The graph, with a node of every label."""
    return await fill(graph)
