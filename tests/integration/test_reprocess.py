"""Reprocessing a real graph with signatures of another normalisation version."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from reports import pattern_of, submission
from test_command_line import run
from test_verdicts import traceback
from whole_graph import same_as, whole

from crashgraph.wiring import Container
from graph.fingerprint.compute import VERSION, Fingerprint, fingerprint
from graph.ingest.pipeline import IngestPipeline
from graph.ingest.prepare import CrashBuilder
from graph.model.actor import person
from graph.model.errors import ContradictionError, InvalidInputError, UnavailableError
from graph.model.report import ParsedReport, StackFrame
from graph.model.statement import Statement
from graph.redaction.redactor import Redactor
from graph.reprocess.batch import BatchResult
from graph.reprocess.plan_summary import PlanSummary, summarise
from graph.reprocess.reprocessor import Reprocessor, check_version
from graph.sources.submission import Submission

OLDER = "2026-11-20"
PLACES = ("db.pool", "web.view", "queue.pull")


def older(parsed: ParsedReport) -> Fingerprint:
    """Another normalisation: numbers in messages count, and only the innermost function of the stack."""
    now = fingerprint(parsed)
    first = now.frames[0].function if now.frames else ""

    def hashed(*parts: str) -> str:
        return hashlib.sha256("\x1f".join((OLDER, *parts)).encode()).hexdigest()

    exact = hashed("exact", parsed.error_type, parsed.message, first)
    return replace(now, exact=exact, structural=hashed("structural", parsed.error_type, parsed.message), version=OLDER)


def older_receiver(container: Container) -> IngestPipeline:
    """A pipeline of that version."""
    crash_builder = CrashBuilder(Redactor(b"k" * 16), older)
    return IngestPipeline(container.graph, crash_builder, container.matcher.signature_matcher, model=container.embedder.name)


def text(error: str, number: int, place: str, caller: str) -> str:
    module, _, function = place.partition(".")
    return (
        f'Traceback (most recent call last):\n  File "/srv/main.py", line 9, in {caller}\n    call()\n'
        f'  File "/srv/{module}.py", line 10, in {function}\n    call()\n{error}: order {number} of table is broken\n'
    )


def submissions(chance: random.Random, count: int) -> list[Submission]:
    made = []
    for ordinal in range(count):
        report = text(
            chance.choice(["KeyError", "IndexError"]),
            chance.randrange(3),
            chance.choice(PLACES),
            chance.choice(["serve", "batch"]),
        )
        made.append(submission(0, ordinal, report=report, severity=chance.choice(["low", "medium", "high"])))
    return made


_OF = Statement(
    "MATCH (c:Crash) OPTIONAL MATCH (c)-[:HAS_SIGNATURE]->(s) OPTIONAL MATCH (s)-[:OF_PATTERN]->(p) "
    "RETURN c.crash_id AS c, collect(DISTINCT s.exact) AS s, collect(DISTINCT p.pattern_id) AS p, "
    "collect(DISTINCT s.fingerprint_version) AS v"
)
_APART = Statement(
    "MATCH (v:Verdict) WHERE v.undone_at IS NULL MATCH (m)-[r:DISTINCT_FROM]->(n) WHERE r.verdict_id = v.verdict_id "
    "AND r.carried_by IS NULL WITH v, CASE WHEN m:Pattern THEN [(m)<-[:OF_PATTERN]-()<-[:HAS_SIGNATURE]-(c) | c.crash_id] "
    "ELSE [(m)<-[:HAS_SIGNATURE]-(c) | c.crash_id] END AS a, CASE WHEN n:Pattern "
    "THEN [(n)<-[:OF_PATTERN]-()<-[:HAS_SIGNATURE]-(c) | c.crash_id] ELSE [(n)<-[:HAS_SIGNATURE]-(c) | c.crash_id] END AS b "
    "RETURN v.verdict_id AS v, a, b"
)


async def homes(container: Container) -> dict[str, str]:
    """The pattern of each crash; every crash has one signature and one pattern."""
    rows = await container.graph.read(_OF)
    assert all(len(row["s"]) == len(row["p"]) == 1 for row in rows), rows
    return {row["c"]: row["p"][0] for row in rows}


async def signatures(container: Container) -> dict[str, tuple[str, str]]:
    return {row["c"]: (row["s"][0], row["v"][0]) for row in await container.graph.read(_OF)}


async def sound(container: Container) -> None:
    """Counts are right, distinct signatures are apart, and replaced signatures are not in the search indexes."""
    rows = await container.graph.read(
        Statement(
            "MATCH (p:Pattern) WHERE NOT EXISTS { (p)-[:SAME_AS]->(:Pattern) } "
            "RETURN p.pattern_id AS id, p.occurrence_count AS stored, COUNT { (p)<-[:OF_PATTERN]-() } AS signatures, "
            "COUNT { (p)<-[:OF_PATTERN]-()<-[:HAS_SIGNATURE]-() } AS counted, "
            "p.first_seen = COLLECT { MATCH (p)<-[:OF_PATTERN]-(s) RETURN min(s.first_seen) }[0] AS first"
        )
    )
    assert [row for row in rows if row["stored"] != row["counted"] or not row["signatures"] or not row["first"]] == []
    together = Statement(
        "MATCH (a:Signature)-[:OF_PATTERN]->(p)<-[:OF_PATTERN]-(b:Signature) "
        "WHERE EXISTS { (a)-[:DISTINCT_FROM]-(b) } OR EXISTS { (a)-[:DISTINCT_FROM]-(p) } RETURN count(*) AS n"
    )
    assert await container.graph.read(together) == [{"n": 0}]
    left = Statement(
        "MATCH (s:Signature) WHERE NOT EXISTS { (s)-[:OF_PATTERN]->() } AND "
        "(s.embedding IS NOT NULL OR s.text <> '' OR EXISTS { (s)-[:HAS_FRAME]->() } OR NOT EXISTS { (s)-[:REPLACED_BY]->() }) "
        "RETURN s.exact AS s"
    )
    assert await container.graph.read(left) == []
    whole_ones = Statement("MATCH (s:Signature)-[:OF_PATTERN]->() RETURN s {.*} AS s, COUNT { (s)-[:HAS_FRAME]->() } AS frames")
    for row in await container.graph.read(whole_ones):
        assert len(row["s"]["embedding"]) == 384
        assert row["frames"] == len(row["s"]["frames"]) > 0


async def planned(container: Container) -> PlanSummary:
    return await summarise(container.graph, await Reprocessor(container.graph, container.embedder).plan(), VERSION)


async def apply(container: Container) -> BatchResult:
    work = Reprocessor(container.graph, container.embedder)
    return await work.apply(await work.plan())


async def decide(container: Container, chance: random.Random) -> str | None:
    """A random verdict on the graph."""
    found = await homes(container)
    crashes = sorted(found)
    one, other = (f"Crash:{id}" for id in chance.sample(crashes, 2))
    a, b = found[one[6:]], found[other[6:]]
    verdicts = container.verdicts
    kinds: dict[str, Callable[[], Any]] = {
        "same": lambda: verdicts.same(one, other, actor=person("ann")),
        "different": lambda: verdicts.different(one, other, actor=person("ann")),
        "distinct": lambda: verdicts.different(a, b, actor=person("ann")),
        "move": lambda: verdicts.move(one, b, actor=person("ann")),
        "merge": lambda: verdicts.merge([a, b], actor=person("ann")),
        "split": lambda: verdicts.split(a, [one], actor=person("ann")),
    }
    try:
        return str((await kinds[chance.choice(sorted(kinds))]()).verdict.verdict_id)
    except (ContradictionError, InvalidInputError):
        return None


@pytest.mark.parametrize("seed", range(6))
async def test_every_crash_gets_its_current_fingerprint_and_nothing_else_changes(container: Container, seed: int) -> None:
    chance = random.Random(seed)
    sent = submissions(chance, 40)
    await older_receiver(container).receive(sent)
    given = [await decide(container, chance) for _ in range(4 + 2 * (seed % 3))]
    if seed % 2:  # some came in after the version changed
        sent += [replace(one, timestamp=None, id=f"late {n}") for n, one in enumerate(submissions(chance, 6))]
        await container.receiver.receive(sent[40:])
    before, apart = await homes(container), await container.graph.read(_APART)
    state = await whole(container.graph)
    plan = await planned(container)
    assert await same_as(container.graph, state), "a dry run changes nothing"
    done = await apply(container)
    assert (done.crashes > 0) == (plan.renamed + plan.split + plan.joined > 0)
    assert len(done.merged) == plan.patterns_merged
    await sound(container)
    after = await homes(container)
    assert after.keys() == before.keys()
    assert sum(after[id] != before[id] for id in before) == plan.crashes_moved
    for row in apart:
        assert not {after[id] for id in row["a"]} & {after[id] for id in row["b"]}, row["v"]
    now = await signatures(container)
    kept = 0
    for item in (item for one in sent for item in container.receiver.crash_builder.prepare(one, datetime.now(UTC))):
        assert item.fingerprint is not None
        exact, version = now[item.crash.crash_id]
        kept += version == OLDER
        assert version == OLDER or exact == item.fingerprint.exact
    assert kept == 0 or plan.held > 0
    assert done.created > 0
    await nothing_more(container)
    await undone(container, [one for one in given if one])


async def nothing_more(container: Container) -> None:
    """A second run and the same reports again change nothing."""
    state = await whole(container.graph)
    again = await apply(container)
    assert again == BatchResult()
    assert await same_as(container.graph, state)


async def undone(container: Container, given: list[str]) -> None:
    """Every verdict is undone, or refused with a reason."""
    for _ in range(len(given)):
        for verdict_id in list(given):
            try:
                await container.verdicts.undo(verdict_id, actor=person("bob"))
            except ContradictionError as error:
                explained = error.verdict_id in given
            except InvalidInputError as error:
                explained = "new fingerprints" in str(error)
            else:
                explained = True
                given.remove(verdict_id)
            assert explained
        await sound(container)


async def test_a_verdict_can_be_undone_after_its_signatures_were_reprocessed(container: Container) -> None:
    receiver = older_receiver(container)
    one, other = await receiver.receive(
        [
            submission(0, 1, report=traceback("KeyError", "a", "db.pool")),
            submission(0, 2, report=traceback("OSError", "b", "w.v")),
        ]
    )
    same = await container.verdicts.same(pattern_of(one), pattern_of(other), actor=person("ann"))
    plan = await planned(container)
    assert (plan.signatures, plan.renamed, plan.crashes_moved, plan.held) == (2, 2, 0, 0)
    await apply(container)
    assert set((await homes(container)).values()) == {one.pattern_id}
    await container.verdicts.undo(same.verdict.verdict_id, actor=person("ann"))
    assert await homes(container) == {one.crash_id: one.pattern_id, other.crash_id: other.pattern_id}
    again = await container.receiver.receive([submission(0, 3, report=traceback("OSError", "b", "w.v"))])
    assert again[0].pattern_id == other.pattern_id


async def test_distinct_signatures_keep_their_fingerprint(container: Container) -> None:
    receiver = older_receiver(container)
    reports = [text("KeyError", number, "db.pool", "serve") for number in (1, 2)]
    one, other = await receiver.receive([submission(0, n, report=report) for n, report in enumerate(reports)])
    verdict = await container.verdicts.different(f"Crash:{one.crash_id}", f"Crash:{other.crash_id}", actor=person("ann"))
    before = await homes(container)
    assert len(set(before.values())) == 2
    plan = await planned(container)
    assert (plan.held, plan.holds[0].verdict_id) == (1, verdict.verdict.verdict_id)
    await apply(container)
    assert await homes(container) == before
    assert sorted(version for _, version in (await signatures(container)).values()) == [OLDER, VERSION]
    await container.verdicts.undo(verdict.verdict.verdict_id, actor=person("ann"))
    assert (await apply(container)).retired == 1
    await sound(container)


async def test_patterns_with_the_same_fingerprint_are_merged_with_their_solutions(container: Container) -> None:
    receiver = older_receiver(container)
    reports = [text("KeyError", number, "db.pool", "serve") for number in (1, 2)]
    one, other = await receiver.receive([submission(0, n, report=report) for n, report in enumerate(reports)])
    if one.pattern_id == other.pattern_id:  # as two patterns that no verdict keeps apart
        parted = await container.verdicts.different(f"Crash:{one.crash_id}", f"Crash:{other.crash_id}", actor=person("ann"))
        rest = Statement("MATCH (v:Verdict) DETACH DELETE v"), Statement("MATCH ()-[r:DISTINCT_FROM]->() DELETE r")
        plain = Statement("MATCH ()-[o:OF_PATTERN]->() SET o.strategy = 'new', o.verdict_id = NULL")
        await container.graph.write(*rest, plain)
        assert parted.pattern_id is not None
    old, young = await homes_in_age(container)
    fix = (
        "MATCH (p:Pattern {pattern_id: $p}) "
        "CREATE (:Solution {solution_id: 'x', description: 'd'})-[:RESOLVES {worked: 3, failed: 0}]->(p)"
    )
    await container.graph.write(Statement(fix, {"p": young}))
    plan = await planned(container)
    assert (plan.merged, plan.crashes_moved, plan.joined) == (((young, old),), 1, 2)
    done = await apply(container)
    assert done.merged == (young,)
    assert set((await homes(container)).values()) == {old}
    [row] = await container.graph.read(
        Statement("MATCH (:Solution)-[r:RESOLVES]->(p) RETURN p.pattern_id AS p, r.worked AS worked")
    )
    assert row == {"p": old, "worked": 3}
    await sound(container)
    [verdict] = await container.graph.read(Statement("MATCH (v:Verdict {kind: 'reprocess'}) RETURN v.verdict_id AS id"))
    with pytest.raises(InvalidInputError, match="came from new fingerprints, not from a person"):
        await container.verdicts.undo(verdict["id"], actor=person("ann"))


def by_wrapper(parsed: ParsedReport) -> Fingerprint:
    """A normalisation that looks at the outermost exception of a chain."""
    return older(replace(parsed, inner_fault=None, culprit=parsed.frames[0]))


def started(place: str) -> str:
    """A report of Android, in which the wrapper is the same whatever fails."""
    file = place.rpartition(".")[0].rpartition(".")[2]
    return (
        "java.lang.RuntimeException: Unable to start activity ComponentInfo{org.till/org.till.Desk}\n"
        "\tat android.app.ActivityThread.performLaunchActivity(ActivityThread.java:2767)\n"
        "\tat android.app.ActivityThread.main(ActivityThread.java:6369)\n"
        "Caused by: java.lang.NullPointerException: Attempt to get length of null array\n"
        f"\tat {place}({file}.java:17)\n\t... 2 more\n"
    )


def wrapper_receiver(container: Container) -> IngestPipeline:
    crash_builder = CrashBuilder(Redactor(b"k" * 16), by_wrapper)
    return IngestPipeline(container.graph, crash_builder, container.matcher.signature_matcher, model=container.embedder.name)


MAIL, ORDERS, CARDS = "org.till.sync.Mail.unread", "org.till.data.Orders.count", "org.till.pay.Cards.list"


async def test_bugs_joined_by_their_wrapper_are_parted(container: Container) -> None:
    places = [ORDERS, MAIL, MAIL, CARDS, MAIL, ORDERS]
    sent = [submission(0, number, report=started(place)) for number, place in enumerate(places)]
    old = await wrapper_receiver(container).receive(sent)
    assert len({receipt.pattern_id for receipt in old}) == 1
    plan = await planned(container)
    assert (plan.split, plan.crashes_moved, plan.patterns_split, plan.patterns_merged) == (1, 3, 1, 0)
    assert {move.crashes for move in plan.moves} == {1, 2}
    await apply(container)
    await sound(container)
    after = await homes(container)
    patterns = {
        place: {after[r.crash_id or ""] for r, one in zip(old, places, strict=True) if one == place} for place in places
    }
    assert [len(ids) for ids in patterns.values()] == [1, 1, 1]
    assert len(set.union(*patterns.values())) == 3
    # The fault of most crashes keeps the pattern.
    assert patterns[MAIL] == {old[0].pattern_id}
    names = await container.graph.read(Statement("MATCH (p:Pattern) RETURN p.pattern_id AS id, p.name AS name"))
    named = {row["id"]: row["name"] for row in names}
    assert "Orders.count" in named[next(iter(patterns[ORDERS]))]
    again = await container.receiver.receive([submission(0, 10 + n, report=started(place)) for n, place in enumerate(patterns)])
    assert [{receipt.pattern_id} for receipt in again] == list(patterns.values())
    assert {receipt.strategy for receipt in again} == {"exact"}
    await nothing_more(container)


async def test_a_pattern_with_verdicts_stays_whole(container: Container) -> None:
    receiver = wrapper_receiver(container)
    one, other = await receiver.receive([submission(0, n, report=started(place)) for n, place in enumerate((MAIL, ORDERS))])
    [apart] = await container.receiver.receive([submission(0, 5, report=traceback("KeyError", "a", "db.pool"))])
    await container.verdicts.different(pattern_of(one), pattern_of(apart), actor=person("ann"))
    plan = await planned(container)
    assert (plan.split, plan.crashes_moved) == (1, 0)
    await apply(container)
    await sound(container)
    after = await homes(container)
    assert after[one.crash_id or ""] == after[other.crash_id or ""] == one.pattern_id


@pytest.mark.parametrize("transactions", [1, 2, 3])
async def test_parting_that_was_interrupted_is_finished_by_the_next_run(
    container: Container, monkeypatch: pytest.MonkeyPatch, transactions: int
) -> None:
    monkeypatch.setattr("graph.reprocess.reprocessor.CRASHES_AT_ONCE", 2)
    places = [MAIL] * 5 + [ORDERS] * 3 + [CARDS]
    old = await wrapper_receiver(container).receive([submission(0, n, report=started(p)) for n, p in enumerate(places)])
    work = Reprocessor(Cut(container, transactions), container.embedder)
    with pytest.raises(UnavailableError):
        await work.apply(await work.plan())
    await sound(container)
    await apply(container)
    await sound(container)
    after = await homes(container)
    patterns = [
        {after[r.crash_id or ""] for r, one in zip(old, places, strict=True) if one == place} for place in (MAIL, ORDERS, CARDS)
    ]
    assert [len(ids) for ids in patterns] == [1, 1, 1]
    assert patterns[0] == {old[0].pattern_id}
    assert len(set.union(*patterns)) == 3
    await nothing_more(container)


async def homes_in_age(container: Container) -> list[str]:
    rows = await container.graph.read(
        Statement("MATCH (p:Pattern) RETURN p.pattern_id AS id ORDER BY p.created_at, p.pattern_id")
    )
    return [row["id"] for row in rows]


class Cut:
    """A graph that fails after a number of transactions, as after a kill."""

    def __init__(self, container: Container, transactions: int) -> None:
        self._graph = container.graph
        self._left = transactions

    async def read(self, statement: Statement) -> Any:
        return await self._graph.read(statement)

    async def write(self, *statements: Statement) -> Any:
        return await self._graph.write(*statements)

    async def transact(self, work: Any) -> Any:
        if self._left == 0:
            raise UnavailableError("killed")
        self._left -= 1
        return await self._graph.transact(work)


async def test_a_run_that_was_killed_is_finished_by_the_next(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.reprocess.reprocessor.CRASHES_AT_ONCE", 3)
    chance = random.Random(5)
    await older_receiver(container).receive(submissions(chance, 40))
    for _ in range(4):
        await decide(container, chance)
    before = await homes(container)
    plan = await planned(container)
    killed = 0
    for transactions in (1, 2, 3, 1000):
        work = Reprocessor(Cut(container, transactions), container.embedder)
        try:
            await work.apply(await work.plan())
        except UnavailableError:
            killed += 1
        await homes(container)
        await sound(container)
    assert killed == 3
    after = await homes(container)
    assert sum(after[id] != before[id] for id in before) == plan.crashes_moved
    await nothing_more(container)


async def test_exceptions_with_frames_and_texts_are_reparsed(container: Container) -> None:
    frames = tuple(StackFrame(f"f{n}", "shop.cart", f"/srv/{n}.py", n) for n in range(4))
    sent = [
        submission(0, 1, report=None, exception_type="KeyError", exception_message="order 5 is gone", frames=frames),
        submission(0, 2),
        submission(0, 3, report=None, exception_type="Boom", exception_message="", frames=(StackFrame("a.b"),)),
    ]
    await older_receiver(container).receive(sent)
    await apply(container)
    now = await signatures(container)
    for one in sent:
        (item,) = container.receiver.crash_builder.prepare(one, datetime.now(UTC))
        assert item.fingerprint is not None
        assert now[item.crash.crash_id] == (item.fingerprint.exact, VERSION)


def test_versions_are_known_by_name() -> None:
    assert check_version(None) == check_version(VERSION) == VERSION
    with pytest.raises(InvalidInputError, match=f"is not one of {VERSION}"):
        check_version("1999-01-01")
    with pytest.raises(InvalidInputError, match=f"2026-11-21 is no longer supported; use {VERSION}"):
        check_version("2026-11-21")


async def test_the_command_shows_and_applies_the_plan(container: Container, environment: dict[str, str]) -> None:
    await older_receiver(container).receive([submission(bug, bug) for bug in range(4)])
    dry = run(environment, "reprocess", "--dry-run", "--output", "jsonl")
    assert dry.returncode == 0, dry.stderr
    printed = json.loads(dry.stdout)
    assert (printed["dry_run"], printed["report"]["renamed"], printed["done"]) == (True, 4, None)
    text = run(environment, "reprocess", "--version", VERSION)
    assert "done: 4 crashes, 4 new signatures, 4 replaced" in text.stdout
    assert "every signature has a fingerprint" in run(environment, "reprocess").stdout
    wrong = run(environment, "reprocess", "--version", "never")
    assert (wrong.returncode, VERSION in wrong.stderr) == (2, True)
