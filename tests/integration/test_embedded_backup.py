"""Backup, restore and reset, judged by what the graph holds afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from neo4j import GraphDatabase

from graph.model.errors import InvalidInputError, NotFoundError
from graph.server import EmbeddedServer, Endpoint, ServerSettings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    found = EmbeddedServer(ServerSettings(tmp_path / "home", bolt_port=0, http_port=0, heap_mb=512, page_cache_mb=128))
    yield found
    found.stop()


def ask(endpoint: Endpoint, query: str) -> list[object]:
    with GraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password)) as driver:
        return [record[0] for record in driver.execute_query(query).records]


@pytest.mark.timeout(600)
def test_a_backup_restores_the_graph(server: EmbeddedServer, tmp_path: Path) -> None:
    saved, cut = tmp_path / "saved.backup", tmp_path / "cut.backup"
    with pytest.raises(NotFoundError, match="contains no graph yet"):
        server.backup(saved)

    with server as endpoint:
        ask(endpoint, "CREATE CONSTRAINT one IF NOT EXISTS FOR (c:Crash) REQUIRE c.crash_id IS UNIQUE")
        ask(endpoint, "CREATE (:Crash {crash_id: 'before'})")
        # As after a power cut: the graph has to be repaired before it can be copied.
        psutil.Process(server.status().pid).kill()
    server.backup(saved)
    assert not server.status().running

    # An invalid backup changes nothing, whether the defect shows before or during loading.
    cut.write_bytes(saved.read_bytes()[: saved.stat().st_size * 2 // 3])
    with pytest.raises(NotFoundError, match="there is no backup"):
        server.restore(tmp_path / "none")
    with pytest.raises(InvalidInputError, match="is not a backup that crashgraph can restore; the graph is unchanged"):
        server.restore(Path(__file__))
    with pytest.raises(InvalidInputError, match="could not be restored; the graph is unchanged"):
        server.restore(cut)

    # A server in use stops for a restore and restarts by itself, on the same ports.
    with server as endpoint:
        assert ask(endpoint, "MATCH (c:Crash) RETURN c.crash_id") == ["before"]
        ask(endpoint, "MATCH (c:Crash) SET c.crash_id = 'after'")
        server.restore(saved)
        assert ask(endpoint, "MATCH (c:Crash) RETURN c.crash_id") == ["before"]
        assert ask(endpoint, "SHOW CONSTRAINTS YIELD name RETURN name") == ["one"]
        password = endpoint.password

    server.reset()
    with pytest.raises(NotFoundError, match="contains no graph yet"):
        server.backup(tmp_path / "empty.backup")
    with server as endpoint:
        assert ask(endpoint, "MATCH (n) RETURN n") == []
        assert endpoint.password == password
