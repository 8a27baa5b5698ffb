"""The session's graph for processes of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
