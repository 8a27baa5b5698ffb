"""Every job and every consumer. A new one is added to its list."""

from __future__ import annotations

from typing import Any

from graph.model.errors import NotFoundError
from graph.model.quoting import quoted
from jobs import ingest_trigger
from jobs.consumer import ConsumerSpec
from jobs.correlate import causation, co_occurrence, environment_correlation, similar_fix, similarity
from jobs.correlate.evolution import job as evolution
from jobs.discover import communities, influence
from jobs.learn import match_model, proofs, revalidate
from jobs.spec import JobSpec
from jobs.upkeep import backup, prune_events

JOBS: tuple[JobSpec[Any], ...] = (
    co_occurrence.SPEC,
    causation.SPEC,
    environment_correlation.SPEC,
    evolution.SPEC,
    similar_fix.SPEC,
    similarity.SPEC,
    communities.SPEC,
    influence.SPEC,
    revalidate.SPEC,
    match_model.SPEC,
    proofs.SPEC,
    prune_events.SPEC,
    backup.SPEC,
    backup.VERIFY,
)
CONSUMERS: tuple[ConsumerSpec, ...] = (ingest_trigger.CONSUMER,)


def job_names() -> list[str]:
    """Names of all jobs, in the order of the list."""
    return [spec.name for spec in JOBS]


def find_job(name: str, jobs: tuple[JobSpec[Any], ...] = JOBS) -> JobSpec[Any]:
    """The job of that name; ``NotFoundError`` lists the known ones."""
    for spec in jobs:
        if spec.name == name:
            return spec
    raise NotFoundError(f"no job {quoted(name)}; there are: {', '.join(spec.name for spec in jobs)}")
