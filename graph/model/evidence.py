"""What everything that a job writes must say about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.model.declare import prop


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """The run that wrote a node or a relationship; the runner of jobs sets it, and tells stale output by it."""

    algorithm: str = prop("Algorithm that found it.")
    algorithm_version: str = prop("Version of that algorithm.")
    run_id: str = prop("Run of the job that wrote it last.")
    computed_at: datetime = prop("When it was computed (UTC).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Computed):
    """What every derived relationship must say about itself beyond that."""

    score: float = prop("Strength, 0..1; its meaning is the job's.")
    support: int = prop("How many observations it rests on.")
    p_value: float | None = prop("Probability of as much under chance, where a test exists.", default=None)
    q_value: float | None = prop("False discovery rate at which it is kept, where a test exists.", default=None)
    sample_crash_ids: tuple[str, ...] = prop("A few crashes that show it.")
