"""Deleting crashes: nothing of them is left anywhere, and what stays counts as if they had never come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from reports import pattern_of, submission
from test_verdicts import traceback

from crashgraph.http_ingest.turns import portions_of
from crashgraph.spool import Spool, encode
from crashgraph.wiring import Container, build_intake, spool_path
from graph.erasure.deletion import delete_crashes, preview_deletion
from graph.erasure.targets import DeletionTarget, TargetKind
from graph.ingest.receipt import Receipt
from graph.knowledge.events import events_since
from graph.knowledge.history import pattern_as_of
from graph.knowledge.validation import CrashReview
from graph.model.actor import person
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.events import EventKind
from graph.model.statement import Statement
from jobs.correlate import co_occurrence
from resolvers.learning import validate_crash
from schema.app import build_schema
from schema.context import Context

pytestmark = pytest.mark.timeout(600)
ANN = person("ann")
RECOUNT = """
MATCH (p:Pattern) WHERE p.status <> 'merged'
CALL (p) {
  OPTIONAL MATCH (p)<-[:OF_PATTERN]-(s:Signature)<-[:HAS_SIGNATURE]-(c:Crash)
  RETURN count(c) AS crashes, min(coalesce(c.occurred_at, c.received_at)) AS first,
         max(coalesce(c.occurred_at, c.received_at)) AS last,
         min(CASE c.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END) AS worst
}
WITH p, crashes, first, last, ['critical', 'high', 'medium', 'low'][worst] AS severity
WHERE p.occurrence_count <> crashes OR p.first_seen <> first OR p.last_seen <> last OR p.severity <> severity
RETURN p.name AS name, p.occurrence_count AS stored, crashes
"""
ORPHANS = """
MATCH (n) WHERE
  (n:Signature AND NOT EXISTS { (n)<-[:HAS_SIGNATURE]-() }) OR (n:Pattern AND NOT EXISTS { (n)<-[:OF_PATTERN]-() })
  OR (n:Frame AND NOT EXISTS { (n)<-[:HAS_FRAME]-() }) OR (n:Module AND NOT EXISTS { (n)<-[:IN_MODULE]-() })
  OR (n:Environment AND NOT EXISTS { (n)<-[:OCCURRED_IN]-() }) OR (n:Site AND NOT EXISTS { (n)<-[:AT_SITE]-() })
  OR (n:Version AND NOT EXISTS { (n)<-[:RUNS_VERSION]-() }) OR (n:Attribute AND NOT EXISTS { (n)<-[:HAS_ATTRIBUTE]-() })
  OR (n:Validation AND NOT EXISTS { (n)-[:VALIDATES]->() })
RETURN labels(n) AS labels, properties(n) AS properties
"""
WORDS = """
CALL () {
  MATCH (n) RETURN labels(n) AS kind, properties(n) AS properties
  UNION ALL
  MATCH ()-[r]->() RETURN [type(r)] AS kind, properties(r) AS properties
}
RETURN kind, properties
"""


async def rows(container: Container, text: str, **params: Any) -> list[dict[str, Any]]:
    return await container.graph.read(Statement(text, params))


async def quoting(container: Container, words: Iterable[str]) -> list[tuple[str, str]]:
    """Where in the whole graph one of the words is, as the kind of node or relationship and the property."""
    return [
        (row["kind"][0], name)
        for row in await rows(container, WORDS)
        for name, value in row["properties"].items()
        if any(word in str(value) for word in words)
    ]


async def assert_consistent(container: Container) -> None:
    assert await rows(container, RECOUNT) == []
    assert await rows(container, ORPHANS) == []
    positions = [event.position for event in (await events_since(container.graph, 0)).events]
    assert positions == list(range(1, len(positions) + 1))


def secretive(minute: int, **changes: Any) -> Any:
    """A crash whose every part has a word of its own, in a bug of its own."""
    report = traceback("QuokkaError", "zanzibar went away", "walrus.pull")
    values = {
        "report": report,
        "site": "narwhal",
        "version": "77.66.55",
        "user": "ottokar",
        "product": "axolotl",
        "severity": "critical",
    }
    return submission(0, minute, **{**values, **changes}, environment={"os": "PangolinOS 3", "cluster": "capybara"})


WORDS_OF_SECRETIVE = ("Quokka", "zanzibar", "walrus", "narwhal", "77.66.55", "axolotl", "Pangolin", "capybara")


async def stored(container: Container, *submissions: Any) -> list[Receipt]:
    return await container.receiver.receive(list(submissions))


async def spooled(container: Container, *submissions: Any) -> list[str]:
    """Crashes that are accepted and not stored yet, as a service leaves them while Neo4j is away; their ids."""
    prepared = await container.receiver.preparer.prepare(list(submissions), datetime.now(UTC))
    crashes = [one for group in prepared for one in group]
    async with Spool(spool_path(container.settings), 1 << 24) as spool:
        await spool.add([(len(portion.crashes), encode(portion)) for portion in portions_of(crashes, ANN, 2)])
    return [one.crash.crash_id for one in crashes]


async def test_nothing_of_a_deleted_pattern_is_left(container: Container) -> None:
    others = await stored(container, *(submission(bug, number) for bug in range(4) for number in range(6)))
    mine = await stored(container, *(secretive(minute) for minute in range(3)))
    pattern, other = pattern_of(mine[0]), pattern_of(others[0])
    review = CrashReview(crash_id=mine[0].crash_id, correct=True, notes="zanzibar again", name="The zanzibar bug")
    await validate_crash(container.graph, review, ANN)
    await container.verdicts.not_caused_by(other, pattern, actor=ANN, reason="no zanzibar there")
    target = DeletionTarget(TargetKind.PATTERN, (pattern,))
    assert await quoting(container, WORDS_OF_SECRETIVE)

    preview = await preview_deletion(container.graph, target, container.waiting)
    before = await rows(container, "MATCH (n) RETURN count(n) AS nodes")
    assert (preview.crashes, preview.validations, preview.signatures, preview.environments) == (3, 1, 1, 1)
    assert preview.patterns == ("The zanzibar bug",)
    assert before == await rows(container, "MATCH (n) RETURN count(n) AS nodes")

    result = await delete_crashes(container.graph, target, ANN, container.waiting)

    assert (result.crashes, result.validations, result.signatures, result.patterns) == (3, 1, 1, 1)
    assert (result.environments, result.sites) == (1, 1)
    assert await quoting(container, [*WORDS_OF_SECRETIVE, pattern, *(one.crash_id for one in mine)]) == []
    await assert_consistent(container)
    [event] = (await events_since(container.graph, 0, [EventKind.CRASHES_DELETED])).events
    assert (event.actor, event.count, event.subjects) == ("person:ann", 3, ())
    assert len(await rows(container, "MATCH (c:Crash) RETURN c")) == 24


async def test_deleting_one_crash_leaves_the_graph_as_if_it_had_not_come(container: Container) -> None:
    kept = [submission(0, minute, severity="low") for minute in (10, 20)]
    early = submission(0, 1, severity="critical")
    late_elsewhere = submission(0, 90, report=traceback("KeyError", "'tariff'", "pricing.tariff_of"), severity="high")
    receipts = await stored(container, *kept, early, late_elsewhere)
    unparsed = await stored(container, submission(0, 5, report="zanzibar: nothing to read here"))
    target = DeletionTarget(TargetKind.CRASH, tuple(one.crash_id for one in [*receipts[2:], *unparsed]))

    result = await delete_crashes(container.graph, target, ANN, container.waiting)

    assert result.crashes == 3
    await assert_consistent(container)
    [row] = await rows(container, "MATCH (p:Pattern {pattern_id: $id}) RETURN p", id=pattern_of(receipts[0]))
    assert row["p"]["first_seen"] == kept[0].timestamp
    assert row["p"]["last_seen"] == kept[1].timestamp
    assert (row["p"]["occurrence_count"], row["p"]["severity"]) == (2, "low")
    again = await stored(container, early)
    assert again[0].pattern_id == pattern_of(receipts[0])
    assert again[0].status == "matched"


async def test_a_user_and_a_site_are_forgotten(container: Container) -> None:
    await stored(container, *(submission(bug, number, user=f"user{number % 3}") for bug in range(2) for number in range(9)))
    await stored(container, *(secretive(minute, user="Ottokar ") for minute in range(2)), secretive(5, site="elsewhere"))
    user = DeletionTarget(TargetKind.USER, (container.redactor.user("ottokar"),))
    assert (await preview_deletion(container.graph, user, container.waiting)).crashes == 3
    link = "MATCH (a:Site {name: 'site-1'}), (b:Site {name: 'site-2'}) CREATE (a)-[:LINKED_TO]->(b)"
    await container.graph.write(Statement(link))

    await delete_crashes(container.graph, user, ANN, container.waiting)
    assert await quoting(container, [*WORDS_OF_SECRETIVE, user.keys[0]]) == []
    await delete_crashes(container.graph, DeletionTarget(TargetKind.SITE, ("site-1",)), ANN, container.waiting)

    assert await quoting(container, ["site-1"]) == []
    await assert_consistent(container)
    with pytest.raises(NotFoundError, match="no crashes of site 'site-1' are stored"):
        await delete_crashes(container.graph, DeletionTarget(TargetKind.SITE, ("site-1",)), ANN, container.waiting)


async def test_a_pattern_named_after_a_deleted_signature_gets_another_name(container: Container) -> None:
    first, other = await stored(
        container,
        submission(0, 1, report=traceback("QuokkaError", "zanzibar went away", "walrus.pull")),
        submission(0, 2, report=traceback("HeronError", "lost its way", "lake.land")),
    )
    await container.verdicts.merge([pattern_of(first), pattern_of(other)], actor=ANN)
    [row] = await rows(container, "MATCH (p:Pattern {pattern_id: $id}) RETURN p.name AS name", id=pattern_of(first))
    assert "Quokka" in row["name"]

    result = await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (first.crash_id,)), ANN, container.waiting)

    assert result.renamed == 1
    assert await quoting(container, WORDS_OF_SECRETIVE) == []
    [row] = await rows(container, "MATCH (p:Pattern {pattern_id: $id}) RETURN p.name AS name", id=pattern_of(first))
    assert row["name"].startswith("HeronError")
    assert await rows(container, RECOUNT) == []


async def test_verdicts_can_still_be_undone_for_what_is_left(container: Container) -> None:
    texts = [
        ("QuokkaError", "zanzibar", "walrus.pull"),
        ("HeronError", "lost", "lake.land"),
        ("IbexError", "fell", "cliff.jump"),
    ]
    one, two, three = await stored(
        container, *(submission(0, minute, report=traceback(*text)) for minute, text in enumerate(texts))
    )
    ids = [pattern_of(one), pattern_of(two), pattern_of(three)]
    merged = await container.verdicts.merge([ids[1], ids[0], ids[2]], actor=ANN)

    await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (one.crash_id,)), ANN, container.waiting)
    assert await quoting(container, [*WORDS_OF_SECRETIVE, ids[0]]) == []
    await container.verdicts.undo(merged.verdict.verdict_id, actor=ANN)

    patterns = await rows(container, "MATCH (p:Pattern) RETURN p.pattern_id AS id ORDER BY id")
    assert [row["id"] for row in patterns] == sorted(ids[1:])
    await assert_consistent(container)
    assert (await pattern_as_of(container.graph, ids[1], datetime.now(UTC))).pattern.occurrence_count == 1


async def test_samples_of_derived_relationships_forget_the_crash(container: Container) -> None:
    receipts = await stored(container, *(submission(bug, number) for bug in range(2) for number in range(3)))
    gone = receipts[0].crash_id
    edge = """
    MATCH (a:Pattern {pattern_id: $a}), (b:Pattern {pattern_id: $b})
    CREATE (a)-[:CO_OCCURS_WITH {run_id: 'r', algorithm: $algorithm, sample_crash_ids: $ids}]->(b)
    """
    ids = {"a": pattern_of(receipts[0]), "b": pattern_of(receipts[3]), "ids": [gone, receipts[1].crash_id]}
    await container.graph.write(Statement(edge, {**ids, "algorithm": co_occurrence.SPEC.name}))

    await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (gone,)), ANN, container.waiting)

    [row] = await rows(container, "MATCH ()-[r:CO_OCCURS_WITH]->() RETURN r.sample_crash_ids AS ids")
    assert row["ids"] == [receipts[1].crash_id]


async def test_crashes_stored_during_a_deletion_keep_their_signature_and_pattern(container: Container) -> None:
    reports = [traceback(f"Error{number}", "broken", f"place{number}.run") for number in range(3)]

    async def store(writer: int) -> None:
        for minute in range(30):
            await stored(container, *(submission(0, writer * 1000 + minute, report=report) for report in reports))

    async def remove() -> None:
        for _ in range(20):
            found = await rows(container, "MATCH (c:Crash) RETURN c.crash_id AS id")
            if found:
                target = DeletionTarget(TargetKind.CRASH, tuple(row["id"] for row in found))
                await delete_crashes(container.graph, target, ANN, container.waiting)
            await asyncio.sleep(0.02)

    await asyncio.gather(store(0), store(1), remove())
    lost = "MATCH (c:Crash) WHERE NOT EXISTS { (c)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->() } RETURN c.crash_id AS id"
    assert await rows(container, lost) == []
    without = "MATCH (c:Crash) WHERE NOT EXISTS { (c)-[:OCCURRED_IN]->() } RETURN c.crash_id AS id"
    assert await rows(container, without) == []
    await assert_consistent(container)


@pytest.mark.parametrize("kind", list(TargetKind))
async def test_what_waits_to_be_stored_is_dropped(container: Container, kind: TargetKind) -> None:
    [stored_one] = await stored(container, secretive(1))
    [mine, *_] = await spooled(container, secretive(2), submission(1, 3), submission(2, 4), secretive(5))
    keys = {
        TargetKind.CRASH: mine,
        TargetKind.PATTERN: pattern_of(stored_one),
        TargetKind.USER: container.redactor.user("ottokar"),
        TargetKind.SITE: "narwhal",
    }
    target = DeletionTarget(kind, (keys[kind],))
    dropped = 1 if kind is TargetKind.CRASH else 2
    assert (await preview_deletion(container.graph, target, container.waiting)).waiting == dropped

    result = await delete_crashes(container.graph, target, ANN, container.waiting)

    assert (result.waiting, result.crashes, result.unread) == (dropped, dropped - 1, 0)
    async with build_intake(container) as intake:
        while intake._spool.reports:
            await asyncio.sleep(0.02)
    assert len(await rows(container, "MATCH (c:Crash) RETURN c")) == (4 if kind is TargetKind.CRASH else 2)
    if kind is not TargetKind.CRASH:
        assert await quoting(container, WORDS_OF_SECRETIVE) == []
    for path in container.settings.home.iterdir():
        assert kind is TargetKind.CRASH or b"zanzibar" not in path.read_bytes(), path.name


async def test_a_crash_that_is_only_in_the_spool_can_be_deleted(container: Container) -> None:
    [id] = await spooled(container, secretive(1))
    with pytest.raises(NotFoundError, match="no crash 'nowhere'"):
        await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (id, "nowhere")), ANN, container.waiting)
    result = await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (id,)), ANN, container.waiting)
    assert (result.waiting, result.crashes) == (1, 0)
    with pytest.raises(NotFoundError):
        await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, (id,)), ANN, container.waiting)


def other_bug(minute: int) -> Any:
    return submission(1, minute)


async def test_a_running_service_stores_nothing_of_a_deleted_user_that_it_had_accepted(container: Container) -> None:
    target = DeletionTarget(TargetKind.USER, (container.redactor.user("ottokar"),))
    async with build_intake(container) as intake:
        for _ in range(5):
            sent = [
                asyncio.create_task(intake.receive([make(minute) for make in (secretive, other_bug) for minute in minutes]))
                for minutes in (range(20 * number, 20 * number + 20) for number in range(10))
            ]
            while len(intake._spool._records) < 5:
                await asyncio.sleep(0)
            waiting = 10 * 20
            result = await delete_crashes(container.graph, target, ANN, container.waiting)
            receipts = await asyncio.gather(*sent)
            assert {len(group) for group in receipts} == {40}
            assert {one.status for group in receipts for one in group} <= {"matched", "new", "queued", "duplicate"}
            [left] = await rows(container, "MATCH (c:Crash {user: $user}) RETURN count(c) AS crashes", user=target.keys[0])
            accepted_later = waiting - result.waiting - result.crashes
            assert left["crashes"] <= accepted_later
            if left["crashes"]:
                await delete_crashes(container.graph, target, ANN, container.waiting)
    assert await quoting(container, WORDS_OF_SECRETIVE) == []


async def test_unknown_ids_delete_nothing(container: Container) -> None:
    [receipt] = await stored(container, submission(0, 0))
    target = DeletionTarget(TargetKind.CRASH, (receipt.crash_id, "nowhere"))
    with pytest.raises(NotFoundError, match="no crash 'nowhere'; nothing was deleted"):
        await delete_crashes(container.graph, target, ANN, container.waiting)
    with pytest.raises(InvalidInputError, match="name what to delete"):
        await delete_crashes(container.graph, DeletionTarget(TargetKind.CRASH, ()), ANN, container.waiting)
    assert len(await rows(container, "MATCH (c:Crash) RETURN c")) == 1


async def test_the_mutation_deletes_and_previews(container: Container) -> None:
    receipts = await stored(container, submission(0, 0, user="ottokar"), submission(1, 1), submission(1, 2))
    context = Context(
        container.graph, container.matcher, container.receiver, stored_user=container.redactor.user, waiting=container.waiting
    )
    text = """
    mutation ($crashes: [ID!], $user: String, $dry: Boolean!) {
      deleteCrashes(input: {crashes: $crashes, user: $user, dryRun: $dry}) {
        dryRun crashes signatures patterns errors { code }
      }
    }
    """

    async def run(**variables: Any) -> dict[str, Any]:
        result = await build_schema().execute(text, variables, context)
        assert result.data, result.errors
        answer: dict[str, Any] = result.data["deleteCrashes"]
        return answer

    counts = {"crashes": 1, "signatures": 1, "patterns": 1, "errors": []}
    assert await run(user="Ottokar", dry=True) == {"dryRun": True, **counts}
    assert await run(user="Ottokar", dry=False) == {"dryRun": False, **counts}
    assert (await run(user="ottokar", crashes=["x"], dry=False))["errors"] == [{"code": "INVALID_INPUT"}]
    assert (await run(user="ottokar", dry=False))["errors"] == [{"code": "NOT_FOUND"}]
    assert (await run(crashes=[f"Crash:{receipts[1].crash_id}"], dry=False))["crashes"] == 1
    await assert_consistent(container)
