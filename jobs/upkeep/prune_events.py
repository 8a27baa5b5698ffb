"""The job ``prune_events``: removes events, the audit record, ended sessions and ids of mutations, each after some days."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from graph.cypher import query
from graph.model.statement import Statement
from jobs.params import param
from jobs.spec import JobSpec, Work

MOST = 100_000
"""Events that one run removes at most."""


@dataclass(frozen=True, slots=True)
class PruneEventsParams:
    """Parameters of the job."""

    days: float = param("Days for which events are kept.", default=90.0, minimum=1)
    audit_days: float = param("Days for which the record of who did what is kept.", default=400.0, minimum=1)
    session_days: float = param("Days for which sessions are kept after their end.", default=30.0, minimum=1)
    mutation_days: float = param("Days for which a mutation that is sent again acts once.", default=30.0, minimum=1)


async def run(work: Work[PruneEventsParams]) -> AsyncIterator[Sequence[Statement]]:
    """Remove the oldest in the publishing transaction."""
    now, params = work.ports.clock.now(), work.params
    yield [
        query("access/prune_audit", before=now - timedelta(days=params.audit_days), limit=MOST),
        query("access/prune_sessions", before=now - timedelta(days=params.session_days), limit=MOST),
        query("mutations/prune", before=now - timedelta(days=params.mutation_days), limit=MOST),
        query("events/prune", before=now - timedelta(days=params.days), limit=MOST),
    ]


SPEC = JobSpec(
    name="prune_events",
    version="2026-12-01.2",
    help="Removes domain events, the record of who did what, ended sessions and ids of mutations, each after a retention time.",
    schedule="40 4 * * *",
    params=PruneEventsParams,
    reads=(),
    writes=(),
    updates=("Event", "EventLog.removed", "AuditEvent", "Session", "OF_USER", "IdempotencyKey"),
    run=run,
    limitations="A reader whose watermark is older than the oldest event left has missed events; `events_since` counts them.",
)
