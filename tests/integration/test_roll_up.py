"""Roll-ups of a pattern: what a batch costs does not depend on the size of the pattern, and concurrent writers miss nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import neo4j
from reports import START, pattern_of, submission
from test_deletion import RECOUNT, rows

from crashgraph.wiring import Container
from graph.cypher import query
from graph.model.actor import person
from graph.model.severity import SEVERITIES
from graph.model.statement import Statement
from graph.server import Endpoint

ANN = person("ann")
SIGNATURES = 2_000
GROW = Statement(
    """
    MATCH (p:Pattern {pattern_id: $pattern})
    UNWIND range(1, $count) AS number
    CREATE (s:Signature {exact: 'grown' + number, first_seen: $at, last_seen: $at})-[:OF_PATTERN]->(p)
    CREATE (:Crash {crash_id: 'grown' + number, occurred_at: $at, received_at: $at, severity: p.severity})-[:HAS_SIGNATURE]->(s)
    """,
    name="grow a pattern",
)


def hits(plan: dict[str, Any]) -> int:
    """Accesses to the store that a profiled query made."""
    return int(plan["dbHits"]) + sum(map(hits, plan.get("children", [])))


async def profiled(endpoint: Endpoint, statement: Statement) -> int:
    open_driver = neo4j.AsyncGraphDatabase.driver(endpoint.bolt_uri, auth=(endpoint.user, endpoint.password))
    async with open_driver as driver, driver.session() as session:
        result = await session.run(f"PROFILE {statement.text}", dict(statement.params))
        profile = (await result.consume()).profile
        assert profile is not None
        return hits(profile)


async def test_a_batch_costs_the_same_in_a_large_pattern(container: Container, endpoint: Endpoint) -> None:
    [first] = await container.receiver.receive([submission(0)])
    [signature] = await rows(container, "MATCH (s:Signature) RETURN s.exact AS exact")
    at = START.replace(year=2020)
    row = {"exact": signature["exact"], "crashes": 0, "first_seen": START, "last_seen": START, "severity_rank": 3}
    batch = query("ingest/roll_up", rows=[row], severities=list(SEVERITIES))
    small = await profiled(endpoint, batch)
    parameters = {"pattern": pattern_of(first), "count": SIGNATURES, "at": at}
    await container.graph.write(Statement(GROW.text, parameters, GROW.name))
    await container.graph.write(query("verdicts/roll_up", ids=[pattern_of(first)]))
    assert await profiled(endpoint, batch) <= small + 10
    await container.receiver.receive([submission(0, 1)])
    assert await rows(container, RECOUNT) == []
    [pattern] = await rows(container, "MATCH (p:Pattern) RETURN p.occurrence_count AS crashes, p.first_seen AS first")
    assert (pattern["crashes"], pattern["first"]) == (SIGNATURES + 2, at)


async def test_concurrent_writers_of_one_pattern_count_each_crash(container: Container) -> None:
    """Each writer has a signature of its own, so that only the pattern is common to all."""
    receipts = await container.receiver.receive([submission(bug) for bug in range(4)])
    ids = sorted({pattern_of(one) for one in receipts})
    await container.verdicts.merge(ids, actor=ANN)
    batches = [[submission(bug, number) for number in range(start, start + 5)] for bug in range(4) for start in (1, 6, 11)]
    await asyncio.gather(*map(container.receiver.receive, batches))
    assert await rows(container, RECOUNT) == []
    [pattern] = await rows(container, "MATCH (p:Pattern) WHERE p.status <> 'merged' RETURN p.occurrence_count AS crashes")
    assert pattern["crashes"] == 4 + 4 * 15
