"""The job ``proofs``: marks solutions as proven where expected crashes did not occur, and emits an event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from graph.cypher import query
from graph.knowledge.deployments import exposure
from graph.knowledge.events import NewEvent, append_events
from graph.model.convert import record
from graph.model.events import EventKind
from graph.model.relationships import ProvenIn
from graph.model.statement import Statement
from jobs.params import param
from jobs.spec import JobSpec, Work


@dataclass(frozen=True, slots=True)
class ProofsParams:
    """Parameters of the job."""

    most: int = param("Places that one run examines at most.", default=10_000, minimum=1)


async def run(work: Work[ProofsParams]) -> AsyncIterator[Sequence[Statement]]:
    """Mark the newly proven solutions, with one event each."""
    now = work.ports.clock.now()
    rows = await work.graph.read(query("knowledge/unproven", limit=work.params.most))
    proven = [row for row in rows if exposure(record(ProvenIn, row["proven"]), now).proven]
    work.counts |= {"examined": len(rows), "proven": len(proven)}
    if not proven:
        return
    marks = [
        {
            "solution_id": row["solution_id"],
            "environment_id": row["environment_id"],
            "pattern_id": row["proven"]["pattern_id"],
        }
        for row in proven
    ]
    events = [
        NewEvent(
            EventKind.SOLUTION_PROVEN,
            work.actor,
            [f"Solution:{mark['solution_id']}", f"Pattern:{mark['pattern_id']}", f"Environment:{mark['environment_id']}"],
            1,
        )
        for mark in marks
    ]
    yield [query("knowledge/mark_proven", rows=marks, at=now), append_events(events)]


SPEC = JobSpec(
    name="proofs",
    version="2026-11-29",
    help="Marks solutions as proven at the places where crashes were expected and did not occur.",
    schedule="20 * * * *",
    params=ProofsParams,
    reads=("Solution", "PROVEN_IN", "Environment"),
    writes=(),
    updates=("PROVEN_IN", "Event", "EventLog"),
    run=run,
    limitations="A proof is a probability below 5 % of no crash at an unchanged rate; a later crash ends it.",
)
