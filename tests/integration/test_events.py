"""Domain events on a real graph: ordered, in the transaction of the change, and none missed by a reader."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from reports import pattern_of, submission

from crashgraph.wiring import Container
from graph.cypher import query
from graph.knowledge.events import NewEvent, append_events, events_since, latest_watermark
from graph.knowledge.pattern_status import FixVersion, resolve
from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model.actor import Actor, ActorKind, Scope, person
from graph.model.errors import ForbiddenError, GraphError
from graph.model.events import EventKind
from graph.model.nodes import Version
from graph.model.statement import Statement
from graph.ports import Transaction
from graph.store import Neo4jGraph
from jobs.runner import run_now
from resolvers.learning import UseReport, record_solution, reopen_pattern, use_solution, validate_crash

ANN = person("ann")
AGENT = Actor(ActorKind.AGENT, "healer", frozenset(Scope))
WRITERS, EACH = 8, 40


def event(subject: str, kind: EventKind = EventKind.JOB_ENDED) -> NewEvent:
    return NewEvent(kind, ANN, [subject])


async def kinds_of(container: Container, watermark: int = 0) -> list[str]:
    return [one.kind for one in (await events_since(container.graph, watermark)).events]


async def test_a_reader_beside_concurrent_writers_misses_none_and_sees_them_in_order(graph: Neo4jGraph) -> None:
    """Writers keep their transactions open for different times, so they commit in another order than they began."""

    async def append(tx: Transaction, name: str, number: int, pause: float) -> None:
        await tx.run(Statement("CREATE (:Scratch {name: $name})", {"name": name}))
        await asyncio.sleep(pause)
        await tx.run(append_events([event(name, list(EventKind)[number % 3])]))
        await asyncio.sleep(pause / 2)

    async def write(writer: int) -> None:
        for number in range(EACH):
            pause = (writer * 7 + number) % 5 / 1000
            await graph.transact(partial(append, name=f"N:{writer}-{number}", number=number, pause=pause))

    seen: dict[str, list[int]] = {"all": [], "rare": []}

    async def read(name: str, kinds: list[EventKind], stop: asyncio.Event) -> None:
        watermark = 0
        while True:
            last_round = stop.is_set()
            page = await events_since(graph, watermark, kinds, limit=7)
            seen[name] += [one.position for one in page.events]
            watermark = page.watermark
            if last_round and not page.events:
                return

    done = asyncio.Event()
    readers = [asyncio.create_task(read("all", [], done)), asyncio.create_task(read("rare", [list(EventKind)[1]], done))]
    await asyncio.gather(*map(write, range(WRITERS)))
    done.set()
    await asyncio.gather(*readers)
    assert seen["all"] == list(range(1, WRITERS * EACH + 1))
    stored = (await events_since(graph, 0, [list(EventKind)[1]], limit=1000)).events
    assert seen["rare"] == [one.position for one in stored]
    assert len(stored) == WRITERS * len([n for n in range(EACH) if n % 3 == 1])


async def test_a_write_that_is_rolled_back_leaves_no_event_and_no_gap(graph: Neo4jGraph) -> None:
    await graph.write(append_events([event("N:1")]))

    async def fails(tx: Transaction) -> None:
        await tx.run(append_events([event("N:lost")]))
        raise ForbiddenError("after all")

    with pytest.raises(ForbiddenError):
        await graph.transact(fails)
    with pytest.raises(GraphError):
        await graph.write(append_events([event("N:lost")]), Statement("RETURN 1 / 0 AS x"))
    await graph.write(append_events([event("N:2"), event("N:3")]))
    page = await events_since(graph, 0)
    assert [(one.position, one.subjects) for one in page.events] == [(1, ("N:1",)), (2, ("N:2",)), (3, ("N:3",))]


async def test_a_verdict_that_fails_leaves_no_event(container: Container) -> None:
    one, other = await container.receiver.receive([submission(0), submission(1)])
    await container.verdicts.different(pattern_of(one), pattern_of(other), actor=ANN)
    before = await latest_watermark(container.graph)
    with pytest.raises(Exception, match="undo it first"):
        await container.verdicts.merge([pattern_of(one), pattern_of(other)], actor=ANN)
    assert await kinds_of(container, before) == []


async def test_events_of_a_batch_name_its_crashes_and_the_patterns_they_founded(container: Container) -> None:
    receipts = await container.receiver.receive([submission(bug, number) for bug in (0, 1) for number in range(3)], actor=ANN)
    [stored, *founded] = (await events_since(container.graph, 0)).events
    assert (stored.kind, stored.count, stored.actor) == ("crashes_stored", 6, "person:ann")
    assert set(stored.subjects) == {f"Crash:{one.crash_id}" for one in receipts}
    assert {one.kind for one in founded} == {"pattern_founded"}
    assert {one.subjects[0] for one in founded} == {f"Pattern:{one.pattern_id}" for one in receipts}
    assert len(founded) == 2
    await container.receiver.receive([submission(0, number) for number in range(4)])
    again = (await events_since(container.graph, founded[-1].position)).events
    assert [(one.kind, one.count) for one in again] == [("crashes_stored", 1)], "three of the four were stored already"


async def test_events_name_the_person_who_acted(container: Container) -> None:
    graph = container.graph
    one, other = await container.receiver.receive([submission(0, version="1.0"), submission(1)])
    pattern = one.pattern_id
    assert pattern is not None
    mark = await latest_watermark(graph)
    await validate_crash(graph, CrashReview(crash_id=one.crash_id), ANN.acting_for("Ben"))
    solution = await record_solution(graph, NewSolution(pattern_id=pattern, description="Add the row"), ANN)
    used = UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=True, site=submission(0).site)
    await use_solution(graph, used, ANN)
    fixed = FixVersion(Version(version_id="desk@2.0", title="desk 2.0", product="desk", version="2.0"), "2.0")
    await resolve(graph, pattern, ANN, fixed_in=fixed)
    await reopen_pattern(graph, pattern, ANN)
    merged = await container.verdicts.merge([pattern, pattern_of(other)], actor=ANN)
    await container.verdicts.undo(merged.verdict.verdict_id, actor=ANN)
    events = (await events_since(graph, mark)).events
    assert [one.kind for one in events] == [
        "crash_validated",
        "solution_used",
        "status_changed",
        "status_changed",
        "verdict_given",
        "verdict_undone",
    ]
    assert (events[0].actor, events[0].on_behalf_of) == ("person:ann", "Ben")
    assert json.loads(events[2].payload) == {"before": "open", "after": "resolved", "version": "2.0"}
    assert f"Verdict:{merged.verdict.verdict_id}" in events[4].subjects
    positions = [one.position for one in events]
    assert positions == list(range(mark + 1, mark + 7))


async def test_a_crash_that_comes_back_regresses_its_pattern_and_takes_the_proof(container: Container) -> None:
    graph, applied = container.graph, datetime.now(UTC)
    [first] = await container.receiver.receive([submission(0)])
    pattern = first.pattern_id
    assert pattern is not None
    solution = await record_solution(graph, NewSolution(pattern_id=pattern, description="Add the row"), ANN)
    used = UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=True, site=submission(0).site, at=applied)
    await use_solution(graph, used, ANN)
    await resolve(graph, pattern, ANN)
    mark = await latest_watermark(graph)
    await container.receiver.receive([submission(0, timestamp=datetime.now(UTC) + timedelta(hours=1))])
    events = (await events_since(graph, mark)).events
    assert [one.kind for one in events] == ["crashes_stored", "pattern_regressed", "proof_lost"]
    assert events[2].subjects[:2] == (f"Solution:{solution.solution_id}", f"Pattern:{pattern}")


async def test_a_reader_that_was_killed_resumes_where_it_was(graph: Neo4jGraph, environment: dict[str, str]) -> None:
    """A process reads events, prints each watermark, and is killed meanwhile."""
    for number in range(30):
        await graph.write(append_events([event(f"N:{number}")]))
    reader = """
import asyncio, os
from graph.knowledge.events import events_since
from graph.store import Neo4jGraph
async def main():
    names = ("URI", "USER", "PASSWORD")
    async with await Neo4jGraph.connect(*(os.environ["CRASHGRAPH_NEO4J_" + name] for name in names)) as graph:
        watermark = 0
        while True:
            page = await events_since(graph, watermark, limit=3)
            watermark = page.watermark
            print(watermark, *(one.subjects[0] for one in page.events), flush=True)
            await asyncio.sleep(0.01)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", reader], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        process.kill()
    handled = [subject for line in lines for subject in line.split()[1:]]
    rest = await events_since(graph, int(lines[-1].split()[0]), limit=1000)
    assert [*handled, *(one.subjects[0] for one in rest.events)] == [f"N:{number}" for number in range(30)]


async def test_a_reader_learns_of_pruned_events(graph: Neo4jGraph) -> None:
    await graph.write(append_events([event(f"N:{number}") for number in range(10)]))
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await graph.write(query("events/prune", before=later, limit=6)) == [[{"removed": 6}]]
    page = await events_since(graph, 2)
    assert ([one.position for one in page.events], page.watermark, page.missed) == ([7, 8, 9, 10], 10, 4)
    assert (await events_since(graph, 10)).missed == 0
    await graph.write(append_events([event("N:next")]))
    assert (await events_since(graph, 10)).events[0].position == 11


async def test_an_agent_changes_nothing_that_people_proved(container: Container) -> None:
    graph = container.graph
    one, other = await container.receiver.receive([submission(0), submission(1)])
    pattern = one.pattern_id
    assert pattern is not None
    await validate_crash(graph, CrashReview(crash_id=one.crash_id, name="Missing tariff", downtime_minutes=5), ANN)
    solution = await record_solution(graph, NewSolution(pattern_id=pattern, description="Add the row", verified=True), ANN)
    used = UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=True, site=submission(0).site, confidence=0.9)
    await use_solution(graph, used, ANN)
    facts = Statement(
        "MATCH (p:Pattern {pattern_id: $id})<-[r:RESOLVES]-(s:Solution)-[h:PROVEN_IN]->() MATCH (c:Crash {crash_id: $crash}) "
        "RETURN p {.*} AS p, s {.*} AS s, h {.*} AS h, c {.*} AS c, r {.*, session_worked: null, session_failed: null} AS r",
        {"id": pattern, "crash": one.crash_id},
    )
    before = await graph.read(facts)
    wrong = CrashReview(crash_id=one.crash_id, correct=False, name="All is well", severity="low", downtime_minutes=0)
    await validate_crash(graph, wrong, AGENT.acting_for("ann"))
    await validate_crash(graph, CrashReview(crash_id=one.crash_id, name="All is well", severity="low"), AGENT)
    await use_solution(graph, UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=False), AGENT)
    await record_solution(
        graph, NewSolution(pattern_id=pattern, description="Add the row", steps="rm -r", verified=True), AGENT
    )
    assert await graph.read(facts) == before
    with pytest.raises(ForbiddenError, match="only a person"):
        await container.verdicts.merge([pattern, pattern_of(other)], actor=AGENT)
    with pytest.raises(ForbiddenError, match="only a person"):
        await validate_crash(
            graph, CrashReview(crash_id=other.crash_id, correct=False, belongs_to=pattern), AGENT.acting_for("ann")
        )


@pytest.mark.parametrize("actor", [person("reader", [Scope.READ]), AGENT.__class__(ActorKind.AGENT, "reader")])
async def test_an_actor_without_the_scope_is_refused_before_anything_is_written(container: Container, actor: Actor) -> None:
    [one] = await container.receiver.receive([submission(0)])
    mark = await latest_watermark(container.graph)
    attempts = [
        validate_crash(container.graph, CrashReview(crash_id=one.crash_id), actor),
        record_solution(container.graph, NewSolution(pattern_id=pattern_of(one), description="x"), actor),
        reopen_pattern(container.graph, pattern_of(one), actor),
        container.verdicts.split(pattern_of(one), ["x"], actor=actor),
        container.receiver.receive([submission(1)], actor=actor),
    ]
    for attempt in attempts:
        with pytest.raises(ForbiddenError):
            await attempt
    assert await kinds_of(container, mark) == []


async def test_the_job_removes_old_events_and_keeps_the_rest(graph: Neo4jGraph) -> None:
    await graph.write(append_events([event(f"N:{number}") for number in range(4)]))
    await graph.write(Statement("MATCH (e:Event) WHERE e.position <= 3 SET e.at = e.at - duration({days: 100})"))
    done = await run_now(graph, "prune_events")
    assert done.state == "succeeded", done.error
    page = await events_since(graph, 0)
    assert [(one.position, one.kind) for one in page.events] == [(4, "job_ended"), (5, "job_ended")]
    assert page.events[1].subjects == (f"JobRun:{done.run_id}",)
    assert page.missed == 3


async def test_a_solution_is_announced_as_proven_once_when_crashes_stayed_away(container: Container) -> None:
    graph, long_ago = container.graph, datetime.now(UTC) - timedelta(days=60)
    crashes = [submission(0, number, timestamp=long_ago + timedelta(days=number), site="Ghent") for number in range(20)]
    [first, *_] = await container.receiver.receive(crashes)
    pattern = first.pattern_id
    assert pattern is not None
    solution = await record_solution(graph, NewSolution(pattern_id=pattern, description="Add the row"), ANN)
    used = UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=True, site="Ghent", product="desk")
    await use_solution(graph, used, ANN)
    mark = await latest_watermark(graph)
    assert (await run_now(graph, "proofs")).state == "succeeded"
    assert (await events_since(graph, mark, [EventKind.SOLUTION_PROVEN])).events == (), "it was applied just now"
    await graph.write(Statement("MATCH ()-[h:PROVEN_IN]->() SET h.applied_at = h.applied_at - duration({days: 30})"))
    for _ in range(2):
        assert (await run_now(graph, "proofs")).state == "succeeded"
    [proven] = (await events_since(graph, mark, [EventKind.SOLUTION_PROVEN])).events
    assert proven.subjects[:2] == (f"Solution:{solution.solution_id}", f"Pattern:{pattern}")
    assert proven.actor == "job:proofs"
    await use_solution(graph, used, ANN)
    assert len((await events_since(graph, mark, [EventKind.SOLUTION_PROVEN])).events) == 1
