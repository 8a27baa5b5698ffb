"""Properties that every node and relationship written by a job must have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from graph.model.declare import prop


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Identifies the run that wrote a node or relationship; the runner sets it and uses it to find stale output."""

    algorithm: str = prop("Algorithm that found it.", own=True)
    algorithm_version: str = prop("Version of that algorithm.", own=True)
    run_id: str = prop("Job run that wrote it last.", own=True)
    computed_at: datetime = prop("When it was computed (UTC).")


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How strong a derived relationship is. Without slots, since :class:`Evidence` has another base with slots."""

    score: float = prop("Strength, 0..1, as the job defines it.")
    support: int = prop("Number of observations.")
    p_value: float | None = prop("p-value, if the job has a test.", default=None)
    q_value: float | None = prop("q-value (false discovery rate), if the job has a test.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Computed, Strength):
    """The evidence that every derived relationship must carry. Fields of later bases come first: strength leads."""

    sample_crash_ids: tuple[str, ...] = prop("A few example crashes.", own=True)
