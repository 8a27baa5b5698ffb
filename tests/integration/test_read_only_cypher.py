"""What an engineer may do who should only read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graph.model.errors import QueryError
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store import Neo4jGraph

WRITES = (
    "CREATE (:Crash {crash_id: 'written'})",
    "MATCH (n) DETACH DELETE n",
    "CREATE INDEX written FOR (n:Crash) ON (n.written)",
    "UNWIND [1] AS x CALL (x) { CREATE (:Crash {crash_id: 'written'}) } IN TRANSACTIONS",
    "CALL db.createLabel('Written')",
)


def cypher(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crashgraph", "db", "cypher", "--read-only", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


async def test_a_query_that_writes_is_refused_by_neo4j(graph: Neo4jGraph, environment: dict[str, str]) -> None:
    await graph.write(Statement("CREATE (:Crash {crash_id: 'kept'})"))
    for text in WRITES:
        done = cypher(environment, text)
        assert done.returncode == 1, (text, done.stdout)
        assert "Traceback" not in done.stderr
    read = cypher(environment, "MATCH (n:Crash) RETURN n.crash_id AS id", "--output", "jsonl")
    assert (read.returncode, read.stdout) == (0, '{"id":"kept"}\n'), read.stderr


async def test_the_embedded_edition_has_users_but_no_roles(endpoint: Endpoint) -> None:
    """So every user of the database may write, and `docs/access.md` offers engineers other ways."""
    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password, database="system") as system:
        await system.run_implicit(Statement("CREATE USER engineer SET PASSWORD 'only to read' CHANGE NOT REQUIRED"))
        try:
            for text in ("GRANT ROLE reader TO engineer", "DENY WRITE ON GRAPH * TO PUBLIC", "CREATE ROLE readers"):
                with pytest.raises(QueryError):
                    await system.run_implicit(Statement(text))
            async with await Neo4jGraph.connect(endpoint.bolt_uri, "engineer", "only to read") as own:
                [[row]] = await own.write(Statement("CREATE (n:Crash {crash_id: 'by engineer'}) RETURN n.crash_id AS id"))
                assert row == {"id": "by engineer"}
        finally:
            await system.run_implicit(Statement("DROP USER engineer"))
