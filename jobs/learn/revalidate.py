"""The job ``revalidate``: once a month, how many patterns are due for revalidation.

Confidence decays when it is read (see :func:`graph.algorithms.belief.faded`), so the job writes nothing: its counts are the
number of due patterns and their mean confidence. ``revalidationCandidates`` and ``crashgraph pattern due`` list them.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.cypher import query
from graph.knowledge.summary import current_confidence
from jobs.params import param
from jobs.spec import JobEdge, JobSpec, Work

MOST = 10_000
"""Maximum patterns per run."""


@dataclass(frozen=True, slots=True)
class RevalidateParams:
    """Parameters of the job."""

    days: float = param("Days without confirmation after which a pattern is due.", default=30.0, minimum=0)
    half_life_days: float = param(
        "Days without use after which half of the confidence above one half has decayed.", default=HALF_LIFE_DAYS, minimum=1
    )


async def run(work: Work[RevalidateParams]) -> AsyncIterator[Sequence[JobEdge]]:
    """Count the due patterns; yields nothing."""
    now = work.ports.clock.now()
    before = now - timedelta(days=work.params.days)
    [row] = await work.graph.read(query("knowledge/revalidation_due", before=before, at=sys.maxsize, key="", limit=MOST))
    patterns = [one["pattern"] for one in row["rows"]]
    faded = [current_confidence(one, now, work.params.half_life_days) for one in patterns]
    work.counts |= {
        "patterns_due": len(patterns),
        "never_confirmed": sum(one.get("validated_at") is None for one in patterns),
        "mean_confidence": fmean(one.get("confidence", 0.5) for one in patterns) if patterns else 0.0,
        "mean_confidence_now": fmean(faded) if faded else 0.0,
    }
    yield ()


SPEC = JobSpec(
    name="revalidate",
    version="2026-11-21",
    help="Patterns with feedback that have not been confirmed for a long time.",
    schedule="0 6 1 * *",
    params=RevalidateParams,
    reads=("Pattern", "Solution", "RESOLVES"),
    writes=(),
    run=run,
)
