"""The job ``prune_events``: removes events that are older than every reader needs."""

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


async def run(work: Work[PruneEventsParams]) -> AsyncIterator[Sequence[Statement]]:
    """Remove the oldest events in the publishing transaction."""
    before = work.ports.clock.now() - timedelta(days=work.params.days)
    yield [query("events/prune", before=before, limit=MOST)]


SPEC = JobSpec(
    name="prune_events",
    version="2026-11-29",
    help="Removes domain events after a retention time.",
    schedule="40 4 * * *",
    params=PruneEventsParams,
    reads=(),
    writes=(),
    updates=("Event", "EventLog.removed"),
    run=run,
    limitations="A reader whose watermark is older than the oldest event left has missed events; `events_since` counts them.",
)
