"""From submissions to the graph and back."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from reports import BUGS, START, submission, traceback

from crashgraph.wiring import Container
from graph.ingest.receipt import is_duplicate
from graph.model.errors import GraphError
from graph.model.report import StackFrame
from graph.model.statement import Statement
from graph.sources.submission import Submission
from graph.store import apply_schema


async def count(container: Container, pattern: str) -> int:
    rows = await container.graph.read(Statement(f"MATCH {pattern} RETURN count(*) AS n"))
    return int(rows[0]["n"])


async def test_each_bug_becomes_one_pattern(container: Container) -> None:
    receipts = await container.receiver.receive([submission(n % len(BUGS), n) for n in range(20)])
    assert len({receipt.pattern_id for receipt in receipts}) == len(BUGS)
    assert [receipt.strategy for receipt in receipts[: len(BUGS)]] == ["new"] * len(BUGS)
    assert {receipt.strategy for receipt in receipts[len(BUGS) :]} == {"exact"}
    assert await count(container, "(:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(:Pattern)") == 20
    assert await count(container, "(:Crash)-[:OCCURRED_IN]->(:Environment)-[:AT_SITE]->(:Site)") == 20


async def test_storing_again_changes_nothing(container: Container) -> None:
    batch = [submission(n % len(BUGS), n) for n in range(12)]
    first = await container.receiver.receive(batch)
    before = await container.graph.read(Statement("MATCH (n) RETURN count(n) AS nodes, sum(COUNT {(n)--()}) AS ends"))
    again = await container.receiver.receive(batch)
    assert await container.graph.read(Statement("MATCH (n) RETURN count(n) AS nodes, sum(COUNT {(n)--()}) AS ends")) == before
    assert all(is_duplicate(receipt) and not receipt.is_new for receipt in again)
    assert [one.pattern_id for one in again] == [one.pattern_id for one in first]
    assert [one.crash_id for one in again] == [one.crash_id for one in first]


async def test_the_same_crash_twice_in_a_batch_is_stored_once(container: Container) -> None:
    first, second = await container.receiver.receive([submission(0), submission(0)])
    assert not is_duplicate(first)
    assert is_duplicate(second)
    assert await count(container, "(:Crash)") == 1


async def test_many_writers_store_each_crash_once(container: Container) -> None:
    batch = [submission(n % len(BUGS), n) for n in range(40)]
    await asyncio.gather(*(container.receiver.receive(batch[start : start + 25]) for start in (0, 5, 10, 15)))
    assert await count(container, "(:Crash)") == 40
    assert await count(container, "(:Signature)-[:OF_PATTERN]->(:Pattern)") == len(BUGS)


async def test_a_pattern_rolls_up_its_crashes(container: Container) -> None:
    await container.receiver.receive([submission(0, 5), submission(0, 9, severity="low")])
    await container.receiver.receive([submission(0, 1, severity="critical")])
    (row,) = await container.graph.read(Statement("MATCH (p:Pattern) RETURN p {.*} AS p"))
    found = row["p"]
    assert found["occurrence_count"] == 3
    assert found["first_seen"] == START + timedelta(minutes=1)
    assert found["last_seen"] == START + timedelta(minutes=9)
    assert found["severity"] == "critical"


async def test_stacks_are_paths_in_the_graph(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    text = (
        "MATCH (:Signature)-[r:HAS_FRAME]->(f:Frame)-[:IN_MODULE]->(m:Module) "
        "RETURN m.key + '.' + f.function AS f ORDER BY r.position"
    )
    rows = await container.graph.read(Statement(text))
    assert [row["f"] for row in rows] == list(BUGS[0][2])


async def test_versions_form_a_chain_in_any_order_of_arrival(container: Container) -> None:
    for number, version in enumerate(["1.10", "1.2", "2.0", "1.9", "1.2"]):
        await container.receiver.receive([submission(0, number, version=version)])
    text = "MATCH (a:Version)-[:NEXT]->(b:Version) RETURN a.version AS a, b.version AS b ORDER BY a"
    rows = await container.graph.read(Statement(text))
    assert {(row["a"], row["b"]) for row in rows} == {("1.2", "1.9"), ("1.9", "1.10"), ("1.10", "2.0")}


async def test_moved_lines_are_the_same_bug(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    (receipt,) = await container.receiver.receive([submission(0, 1, report=traceback(0, line=400))])
    assert receipt.strategy == "exact"


async def test_an_unparsed_report_is_stored_with_the_reason(container: Container) -> None:
    (receipt,) = await container.receiver.receive([Submission(report="all is well", site="site-1")])
    assert (receipt.status, receipt.pattern_id, receipt.strategy) == ("unparsed", None, None)
    (row,) = await container.graph.read(
        Statement("MATCH (c:Crash) RETURN c.status AS status, c.reason AS reason, c.report AS report")
    )
    assert row["status"] == "unparsed"
    assert row["reason"]
    assert row["report"] == "all is well"


async def test_candidates_are_those_before_the_report_is_placed(container: Container) -> None:
    (first,) = await container.receiver.receive([submission(0)], candidates=3)
    assert first.candidates == ()
    (second,) = await container.receiver.receive([submission(1, 1)], candidates=3)
    assert [one.pattern_id for one in second.candidates] == [first.pattern_id]
    (third,) = await container.receiver.receive([submission(1, 2)], candidates=3)
    assert third.candidates[0].pattern_id == second.pattern_id
    assert third.candidates[0].score > third.candidates[1].score
    (again,) = await container.receiver.receive([submission(1, 2)], candidates=3)
    assert is_duplicate(again)
    assert [one.pattern_id for one in again.candidates] == [second.pattern_id]


async def test_candidates_come_for_every_report_of_a_batch(container: Container) -> None:
    receipts = await container.receiver.receive([submission(n % 2, n) for n in range(6)], candidates=2)
    assert [len(receipt.candidates) > 0 for receipt in receipts] == [False, True, True, True, True, True]


async def test_matching_stores_nothing(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    (known,) = await container.matcher.match(submission(0, 1), 5)
    (new,) = await container.matcher.match(submission(1, 1), 5)
    assert (known.strategy, known.is_new, known.occurrence_count) == ("exact", False, 1)
    assert (new.strategy, new.is_new, new.pattern_id) == ("new", True, None)
    assert new.explanation
    assert await count(container, "(:Crash)") == 1


async def test_the_answer_has_known_solutions(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    await container.graph.write(
        Statement(
            "MATCH (p:Pattern) CREATE (:Solution {solution_id: 's', description: 'ship the tariff', confidence: 0.9})"
            "-[:RESOLVES {worked: 47, failed: 1}]->(p)"
        )
    )
    (answer,) = await container.matcher.match(submission(0, 1), 1)
    assert [(one.description, one.worked) for one in answer.solutions] == [("ship the tariff", 47)]


async def test_a_stream_keeps_the_order(container: Container) -> None:
    batch = [submission(n % len(BUGS), n, id=str(n)) for n in range(30)]
    found = [receipt.id async for receipts in container.receiver.stream(batch, 7) for receipt in receipts]
    assert found == [str(n) for n in range(30)]


async def test_a_crash_that_the_server_refuses_is_kept_without_what_it_refuses(container: Container) -> None:
    items = [
        item
        for number in range(20)
        for item in container.receiver.crash_builder.prepare(submission(number % 2, number, id=f"r{number}"), datetime.now(UTC))
    ]
    refused = {
        13: replace(items[13], crash=replace(items[13].crash, message="a lone \udcff")),
        17: replace(items[17], crash=replace(items[17].crash, frame_count=1 << 70)),
    }
    receipts = await container.receiver.store([refused.get(number, item) for number, item in enumerate(items)])
    assert [receipt.id for receipt in receipts] == [f"r{number}" for number in range(20)]
    assert {number for number, receipt in enumerate(receipts) if receipt.status != "matched"} == refused.keys()
    rows = await container.graph.read(
        Statement(
            "MATCH (c:Crash {status: 'unparsed'}) RETURN c.external_id AS id, c.reason AS reason, c.report AS report "
            "ORDER BY id"
        )
    )
    assert [row["id"] for row in rows] == ["r13", "r17"]
    assert rows[1]["reason"] == "OverflowError while it was stored"
    assert {row["report"] for row in rows} <= {item.crash.report for item in items}
    assert await count(container, "(:Crash)") == 20


async def test_reports_are_not_blamed_for_a_graph_that_cannot_match(container: Container) -> None:
    await container.graph.write(Statement("DROP INDEX signature_fulltext"))
    try:
        with pytest.raises(GraphError, match="fulltext"):
            await container.receiver.receive([submission(0, 1), submission(1, 2)])
        assert await count(container, "(:Crash)") == 0
    finally:
        await apply_schema(container.graph)


async def test_markup_and_query_text_are_stored_as_text(container: Container) -> None:
    nasty = "'}) DETACH DELETE n // <script>alert(1)</script>"
    (receipt,) = await container.receiver.receive(
        [replace(submission(0), report=traceback(0).replace("'tariff'", nasty), site=nasty)]
    )
    assert receipt.status == "matched"
    (row,) = await container.graph.read(
        Statement("MATCH (c:Crash)-[:OCCURRED_IN]->()-[:AT_SITE]->(s:Site) RETURN c.message AS m, s.name AS s")
    )
    assert nasty in row["m"]
    assert row["s"] == nasty


async def test_a_field_too_long_for_an_index_is_stored_shortened(container: Container) -> None:
    long = "é" * 20_000
    frames = tuple(StackFrame(f"{name}{long}", f"m{long}", "shop.py") for name in "abc")
    sent = Submission(
        exception_type=f"E{long}",
        exception_message="out of stock",
        frames=frames,
        id=f"id {long}",
        product=f"shop {long}",
        version=f"1 {long}",
        site=f"north {long}",
        user=f"mary {long}",
        session=f"s {long}",
        environment={"os": long, "other": long},
        file_name=long,
    )
    receipts = await container.receiver.receive([submission(0), sent, submission(1)])
    assert [receipt.status for receipt in receipts] == ["matched"] * 3
    assert await count(container, "(:Crash)-[:OCCURRED_IN]->(:Environment)-[:RUNS_VERSION]->(:Version)") == 3
