"""The embedded Neo4j: download, process and data.

from graph.server import EmbeddedServer, ServerSettings

with EmbeddedServer(ServerSettings(home)) as endpoint:
    ...  # connect to endpoint.bolt_uri as endpoint.user with endpoint.password
"""

from __future__ import annotations

from graph.server.embedded import EmbeddedServer
from graph.server.locks import HomeLock
from graph.server.training import prepare_installation
from graph.server.values import (
    Endpoint,
    Mode,
    ProgressCallback,
    ServerProgress,
    ServerSettings,
    ServerStatus,
    default_cache_dir,
)

__all__ = [
    "EmbeddedServer",
    "Endpoint",
    "HomeLock",
    "Mode",
    "ProgressCallback",
    "ServerProgress",
    "ServerSettings",
    "ServerStatus",
    "default_cache_dir",
    "prepare_installation",
]
