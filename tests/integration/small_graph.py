"""A small crash graph for tests of the use cases and of GraphQL, written with plain Cypher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from graph.model.integrity import sha256
from graph.model.statement import Statement
from graph.ports import Graph, Row, Transaction

T = TypeVar("T")

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)

_PATTERNS = """
UNWIND $rows AS row
CREATE (p:Pattern) SET p = row
CREATE (s:Signature {
  exact: 's-' + row.pattern_id, structural: 't-' + row.pattern_id, fingerprint_version: '2026-01-01', title: row.name,
  cause: row.error_type, frames: ['shop.total', 'shop.run'], text: row.name, embedding: [0.6, 0.8]
})
CREATE (s)-[:OF_PATTERN {strategy: 'new', confidence: 1.0}]->(p)
WITH s UNWIND [[0, 'shop.total', 'total'], [1, 'shop.run', 'run']] AS frame
MERGE (f:Frame {key: frame[1]}) SET f.function = frame[2]
MERGE (m:Module {key: 'shop'}) MERGE (f)-[:IN_MODULE]->(m)
CREATE (s)-[:HAS_FRAME {position: frame[0]}]->(f)
"""
_CRASHES = """
UNWIND $rows AS row
CREATE (c:Crash) SET c = row.crash
FOREACH (ignored IN CASE WHEN row.pattern_id IS NULL THEN [] ELSE [1] END |
  MERGE (s:Signature {exact: 's-' + row.pattern_id}) CREATE (c)-[:HAS_SIGNATURE]->(s) SET c.exact = s.exact)
MERGE (e:Environment {environment_id: row.crash.site + row.crash.version})
SET e.title = 'Shop ' + row.crash.version + ' ' + row.crash.site, e.product = 'Shop', e.site = row.crash.site,
    e.version = row.crash.version
MERGE (s:Site {name: row.crash.site}) MERGE (e)-[:AT_SITE]->(s)
MERGE (v:Version {version_id: 'Shop@' + row.crash.version})
SET v.title = 'Shop ' + row.crash.version, v.product = 'Shop', v.version = row.crash.version
MERGE (e)-[:RUNS_VERSION]->(v)
CREATE (c)-[:OCCURRED_IN]->(e)
WITH c, e MATCH (c)-[:HAS_SIGNATURE]->(s:Signature)
MERGE (s)-[r:SEEN_IN]->(e) SET r.crashes = coalesce(r.crashes, 0) + 1
"""
_RELATED = """
UNWIND $rows AS row
MATCH (a:Pattern {pattern_id: row.source}) MATCH (b:Pattern {pattern_id: row.target})
CREATE (a)-[r:CO_OCCURS_WITH]->(b) SET r = row.evidence
"""


def pattern(id: str, count: int = 0, **also: Any) -> Row:
    """A pattern as its properties."""
    given = {
        "name": f"KeyError in shop.{id}",
        "error_type": "KeyError",
        "severity": "high",
        "status": "open",
        "confidence": 0.9,
    }
    times = {"first_seen": START, "last_seen": START + timedelta(hours=count), "created_at": START}
    return {"pattern_id": id, "occurrence_count": count, **given, **times, **also}


def crash(
    id: str, pattern_id: str | None, *, minute: float = 0, site: str = "Antwerp", version: str = "1.0", **also: Any
) -> Row:
    """A crash as its properties, received ``minute`` minutes after the start, and the pattern it belongs to."""
    at = START + timedelta(minutes=minute)
    given = {"status": "matched", "title": "KeyError: total", "severity": "high", "format": "python", "report_hash": "00"}
    text = f"report of {id}"
    stated = {
        "report": text,
        "stored_hash": sha256(text),
        "product": "Shop",
        "site": site,
        "version": version,
        "frame_count": 2,
    }
    return {
        "crash": {"crash_id": id, **given, **stated, "received_at": at, "occurred_at": at, **also},
        "pattern_id": pattern_id,
    }


def related(source: str, target: str, score: float, **also: Any) -> Row:
    """A co-occurrence of two patterns."""
    evidence: Mapping[str, Any] = {
        "score": score,
        "support": 12,
        "q_value": 0.01,
        "algorithm": "windows",
        "algorithm_version": "1",
        "run_id": "run-1",
        "computed_at": START,
        "sample_crash_ids": ["c0", "gone"],
        "lift": 3.5,
        "expected": 2.0,
        "window_seconds": 3600.0,
        "sites": 2,
    }
    return {"source": source, "target": target, "evidence": {**evidence, **also}}


async def arrange(graph: Graph, patterns: list[Row], crashes: list[Row] = [], edges: list[Row] = []) -> None:  # noqa: B006
    """Store them."""
    await graph.write(
        Statement(_PATTERNS, {"rows": patterns}, "patterns"),
        Statement(_CRASHES, {"rows": crashes}, "crashes"),
        Statement(_RELATED, {"rows": edges}, "edges"),
    )


class Counted:
    """A wrapper of the real graph that records the names of statements."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.names: list[str] = []

    async def read(self, statement: Statement) -> list[Row]:
        self.names.append(statement.name)
        return await self._graph.read(statement)

    async def write(self, *statements: Statement) -> list[list[Row]]:
        self.names += [statement.name for statement in statements]
        return await self._graph.write(*statements)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._graph.transact(work)
