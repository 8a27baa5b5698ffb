"""The record of who did what: one entry per write of a person or program, none for jobs, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from reports import pattern_of, submission

from crashgraph.wiring import Container
from graph.access.audit import Refusals, note_denied
from graph.erasure.targets import DeletionTarget, TargetKind
from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model.actor import Actor, ActorKind, Scope, person
from graph.model.audit import AuditEvent
from graph.model.origin import Origin, current_origin, request_from
from graph.model.statement import Statement
from graph.ports import Graph
from jobs.claims import cancel_run, request_run
from jobs.runner import run_now
from resolvers.access import AuditFilter, list_audit
from resolvers.erasure import delete_crashes
from resolvers.learning import (
    UseReport,
    ignore_pattern,
    record_solution,
    reopen_pattern,
    resolve_pattern,
    use_solution,
    validate_crash,
)
from resolvers.models import use_version
from resolvers.verdicts import give_verdict

ANN = person("ann")
KEY = Actor(ActorKind.KEY, "builds", frozenset(Scope), "ann")
SECRET = "Sesame77zq"


async def entries(graph: Graph) -> Sequence[AuditEvent]:
    """All entries, the oldest first."""
    return tuple(reversed((await list_audit(graph, 100)).items))


@pytest.mark.timeout(600)
async def test_the_record_of_a_day_has_every_write_once(container: Container) -> None:
    graph = container.graph
    with request_from(Origin("r-7", "192.0.2.7")):
        stored = await container.receiver.receive([submission(number) for number in range(3)], actor=KEY)
    one, other, third = stored
    pattern = pattern_of(one)
    await validate_crash(graph, CrashReview(crash_id=one.crash_id, notes=f"password={SECRET}"), ANN)
    solution = await record_solution(graph, NewSolution(pattern_id=pattern, description="Add the row"), ANN)
    used = UseReport(solution_id=solution.solution_id, pattern_id=pattern, worked=True, site=submission(0).site)
    await use_solution(graph, used, ANN)
    await ignore_pattern(graph, pattern, ANN, f"password={SECRET}")
    await reopen_pattern(graph, pattern, ANN)
    await resolve_pattern(graph, pattern, ANN)
    given = await give_verdict(graph, lambda v, actor: v.different(pattern, pattern_of(other), actor=actor, reason=SECRET), ANN)
    await give_verdict(graph, lambda v, actor: v.undo(given.verdict.verdict_id, actor=actor, reason=""), ANN)
    run = await request_run(graph, "co_occurrence", actor=KEY)
    await cancel_run(graph, run.run_id, actor=ANN)
    await use_version(graph, "matching", None, ANN)
    await delete_crashes(graph, DeletionTarget(TargetKind.CRASH, (third.crash_id,)), ANN, container.waiting)
    found = await entries(graph)
    assert [(entry.actor, entry.action) for entry in found] == [
        ("key:builds", "crashes_stored"),
        ("person:ann", "crash_validated"),
        ("person:ann", "record_solution"),
        ("person:ann", "solution_used"),
        ("person:ann", "status_changed"),
        ("person:ann", "status_changed"),
        ("person:ann", "status_changed"),
        ("person:ann", "verdict_given"),
        ("person:ann", "verdict_undone"),
        ("key:builds", "request_job"),
        ("person:ann", "job_ended"),
        ("person:ann", "use_model_version"),
        ("person:ann", "crashes_deleted"),
    ]
    assert (found[0].count, found[0].request_id, found[0].address, found[0].on_behalf_of) == (3, "r-7", "192.0.2.7", "ann")
    assert {entry.outcome for entry in found} == {"done"}
    rows = await graph.read(Statement("MATCH (a:AuditEvent) RETURN properties(a) AS entry"))
    assert SECRET not in json.dumps(rows, default=str)


async def test_jobs_and_the_ingest_of_nobody_leave_none(container: Container) -> None:
    await container.receiver.receive([submission(0)])
    assert (await run_now(container.graph, "co_occurrence")).state == "succeeded"
    assert await entries(container.graph) == ()
    await run_now(container.graph, "co_occurrence", actor=ANN)
    assert [(entry.actor, entry.action, entry.detail) for entry in await entries(container.graph)] == [
        ("person:ann", "run_job", "co_occurrence")
    ]


async def test_what_was_rolled_back_is_not_recorded(container: Container) -> None:
    [one] = await container.receiver.receive([submission(0)])
    with pytest.raises(Exception, match="gone"):
        await use_version(container.graph, "matching", "gone", ANN)
    with pytest.raises(Exception, match="gone"):
        await use_solution(container.graph, UseReport(solution_id="gone", pattern_id=pattern_of(one), worked=True), ANN)
    assert await entries(container.graph) == ()


async def test_a_flood_of_refusals_is_counted_not_stored(graph: Graph) -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    for _ in range(1_000):
        await note_denied(graph, ANN, "graphql.users", detail=f"token={SECRET}", refusals=refusals)
    await note_denied(graph, ANN, "graphql.node", refusals=refusals)
    await note_denied(graph, KEY, "graphql.users", refusals=refusals)
    now[0] = 61.0
    await note_denied(graph, ANN, "graphql.users", refusals=refusals)
    found = await entries(graph)
    assert [(entry.actor, entry.action, entry.count, entry.outcome) for entry in found] == [
        ("person:ann", "graphql.users", 1, "denied"),
        ("person:ann", "graphql.node", 1, "denied"),
        ("key:builds", "graphql.users", 1, "denied"),
        ("person:ann", "graphql.users", 1_000, "denied"),
    ]
    assert SECRET not in found[0].detail


async def test_pages_and_filters_of_the_record(graph: Graph) -> None:
    text = """UNWIND range(1, 25) AS n CREATE (:AuditEvent {audit_id: 'a' + n, at: $at + duration({minutes: n / 3}),
      actor: 'person:p' + (n % 2), action: 'x' + (n % 3), outcome: 'done', subjects: [], count: 1, detail: ''})"""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    await graph.write(Statement(text, {"at": at}))
    seen: list[str] = []
    after: str | None = None
    while True:
        page = await list_audit(graph, 4, after)
        seen += [entry.audit_id for entry in page.items]
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert sorted(seen) == sorted(f"a{number}" for number in range(1, 26))
    wanted = AuditFilter(actor="person:p1", action="x0", since=at + timedelta(minutes=3))
    assert {entry.audit_id for entry in (await list_audit(graph, 100, filter=wanted)).items} == {"a9", "a15", "a21"}


async def test_old_entries_and_ended_sessions_are_pruned(graph: Graph) -> None:
    text = """UNWIND [1, 399, 401, 900] AS days
    CREATE (:AuditEvent {audit_id: 'a' + days, at: datetime() - duration({days: days}), actor: 'person:ann', action: 'x',
      outcome: 'done', subjects: [], count: 1, detail: ''})
    MERGE (u:User {user_id: 'u', name: 'ann'})
    CREATE (:Session {session_id: 's' + days, expires_at: datetime() - duration({days: days / 10}),
      created_at: datetime(), last_used_at: datetime(), kind: 'browser', refreshed: 0})-[:OF_USER]->(u)"""
    await graph.write(Statement(text))
    done = await run_now(graph, "prune_events")
    assert done.state == "succeeded", done.error
    left = "MATCH (n) WHERE n:AuditEvent OR n:Session RETURN collect(coalesce(n.audit_id, n.session_id)) AS ids"
    [row] = await graph.read(Statement(left))
    assert set(row["ids"]) == {"a1", "a399", "s1"}


def test_the_origin_holds_inside_the_request_only() -> None:
    with request_from(Origin("r", "a")):
        assert current_origin() == Origin("r", "a")
    assert current_origin() == Origin()
