"""Counts per environment and crashes by signature and time: right after every kind of change, and cheap to read."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

from reports import START, pattern_of, submission
from test_reprocess import apply, older_receiver
from test_roll_up import profiled

from crashgraph.wiring import Container
from graph.cypher import query
from graph.erasure.deletion import delete_crashes
from graph.erasure.targets import DeletionTarget, TargetKind
from graph.model.actor import person
from graph.model.statement import Statement
from graph.server import Endpoint
from graph.store.derived import derive_missing
from resolvers import relations
from resolvers.crashes import list_crashes
from resolvers.filters import CrashFilter, CrashOrder

ANN = person("ann")
COUNTS = Statement(
    "MATCH (s:Signature)-[r:SEEN_IN]->(e:Environment) RETURN s.exact AS exact, e.environment_id AS id, r.crashes AS crashes "
    "ORDER BY exact, id"
)
RECOUNTED = Statement(
    "MATCH (s:Signature)<-[:HAS_SIGNATURE]-(:Crash)-[:OCCURRED_IN]->(e:Environment) "
    "RETURN s.exact AS exact, e.environment_id AS id, count(*) AS crashes ORDER BY exact, id"
)


async def assert_counted(container: Container) -> list[dict[str, Any]]:
    counts = await container.graph.read(COUNTS)
    assert counts == await container.graph.read(RECOUNTED)
    [check] = await container.graph.read(query("checks/seen_in", limit=3))
    assert check["wrong"] == 0
    return counts


async def test_counts_are_right_after_writers_deletions_merges_and_new_fingerprints(container: Container) -> None:
    chance = random.Random(7)
    batches = [[submission(chance.randrange(4), chance.randrange(60)) for _ in range(25)] for _ in range(8)]
    receiver = older_receiver(container)
    receipts = [one for batch in await asyncio.gather(*map(receiver.receive, batches)) for one in batch]
    assert await assert_counted(container)
    ids = sorted({receipt.crash_id for receipt in receipts})
    await delete_crashes(
        container.graph, DeletionTarget(TargetKind.CRASH, tuple(chance.sample(ids, 20))), ANN, container.waiting
    )
    before = await assert_counted(container)
    patterns = sorted({pattern_of(receipt) for receipt in receipts})
    await container.verdicts.merge(patterns[:2], actor=ANN, reason="one bug")
    assert await assert_counted(container) == before
    await apply(container)
    after = await assert_counted(container)
    assert {row["exact"] for row in after}.isdisjoint(row["exact"] for row in before), "the signatures are new ones"
    assert sum(row["crashes"] for row in after) == sum(row["crashes"] for row in before)


async def test_a_graph_of_an_older_version_gets_what_it_lacks_once(container: Container) -> None:
    await container.receiver.receive([submission(number % 3, number) for number in range(60)])
    counts = await assert_counted(container)
    await container.graph.write(
        Statement("MATCH ()-[r:SEEN_IN]->() DELETE r"),
        Statement("MATCH (c:Crash) REMOVE c.exact"),
        Statement("MERGE (i:Installation {name: 'home'}) ON CREATE SET i.key_mark = 'x' REMOVE i.derived"),
    )
    [check] = await container.graph.read(query("checks/seen_in", limit=3))
    assert check["wrong"] == 3
    done = await asyncio.gather(derive_missing(container.graph), container.receiver.receive([submission(0, 99)]))
    assert done[0] == 60
    now = await assert_counted(container)
    assert sum(row["crashes"] for row in now) == sum(row["crashes"] for row in counts) + 1
    assert await derive_missing(container.graph) == 0


async def test_a_page_of_crashes_costs_the_same_whatever_comes_before_or_behind(
    container: Container, endpoint: Endpoint
) -> None:
    [first] = await container.receiver.receive([submission(0)])
    grow = """
    MATCH (c:Crash)-[:HAS_SIGNATURE]->(s:Signature)-[:OF_PATTERN]->(p:Pattern)
    MATCH (c)-[:OCCURRED_IN]->(e)
    UNWIND range(1, $count) AS number
    CREATE (n:Crash) SET n = c {.*, crash_id: 'grown' + right('00000' + number, 5),
      received_at: $at + duration({seconds: number}), occurred_at: $at - duration({seconds: number})}
    CREATE (n)-[:HAS_SIGNATURE]->(s)
    CREATE (n)-[:OCCURRED_IN]->(e)
    """
    await container.graph.write(Statement(grow, {"count": 5_000, "at": START}))
    # A plan that was made for a small graph is kept for ten seconds.
    await container.graph.run_implicit(Statement("CALL db.prepareForReplanning()"))
    id, at = pattern_of(first), START + timedelta(days=400)

    async def cost(name: str, key: str, order: str, when: object) -> int:
        params = {"ids": [key], "order": order, "at": when, "key": "", "limit": 21}
        return await profiled(endpoint, query(name, **params))

    exact = (await container.graph.read(Statement("MATCH (s:Signature) RETURN s.exact AS exact")))[0]["exact"]
    for name, key in (("patterns/crashes", id), ("nodes/signature_crashes", exact)):
        for order in ("RECEIVED", "OCCURRED"):
            costs = [
                await cost(name, key, order, when)
                for when in (at, START + timedelta(minutes=40), START - timedelta(minutes=40))
            ]
            assert max(costs) < 1_500, (name, order, costs)


async def test_pages_of_a_pattern_go_through_all_its_crashes_in_order(container: Container) -> None:
    receipts = await container.receiver.receive([submission(0, number) for number in range(70)])
    receipts += await container.receiver.receive(
        [submission(0, number, report=f"{submission(0).report}x") for number in range(70, 75)]
    )
    id = pattern_of(receipts[0])
    mine = {receipt.crash_id for receipt in receipts if receipt.pattern_id == id}
    for order in CrashOrder:
        listed: list[str] = []
        seen: list[str] = []
        after = behind = None
        while True:
            page = (await relations.crashes(container.graph, [id], 9, after, order))[id]
            seen += [crash.crash_id for crash in page.items]
            by_filter = await list_crashes(container.graph, CrashFilter(pattern_id=id), 9, behind, order)
            listed += [crash.crash_id for crash in by_filter.items]
            if not page.has_next:
                assert not by_filter.has_next
                break
            after, behind = page.cursors[-1], by_filter.cursors[-1]
        assert listed == seen
        assert len(seen) == len(set(seen))
        assert set(seen) == mine
