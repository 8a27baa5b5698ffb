"""The job ``revalidate``: once a month, how much of what people taught is to be looked at again.

Confidence fades by itself when it is read (see :func:`graph.algorithms.belief.faded`), so the job writes nothing: its run
says how many patterns are due and how far their confidence has faded. The list is ``revalidationCandidates`` and ``crashgraph
pattern due``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean

from graph.algorithms.belief import HALF_LIFE_DAYS
from graph.cypher import query
from graph.knowledge.summary import current_confidence
from jobs.spec import Edge, JobSpec, Work, param

MOST = 10_000
"""Patterns that one run looks at."""


@dataclass(frozen=True, slots=True)
class RevalidateParams:
    """Parameters of the job."""

    days: float = param("A pattern is due when nobody has confirmed it for so many days.", default=30.0, minimum=0)
    half_life_days: float = param(
        "After so many days without use, half of a confidence beyond one half is gone.", default=HALF_LIFE_DAYS, minimum=1
    )


async def run(work: Work[RevalidateParams]) -> AsyncIterator[Sequence[Edge]]:
    """Count what is due; there are no edges."""
    now = datetime.now(UTC)
    before = now - timedelta(days=work.params.days)
    [row] = await work.graph.read(query("knowledge/revalidation_due", before=before, limit=MOST))
    patterns = [one["pattern"] for one in row["found"]]
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
    help="Patterns that people taught something and that nobody has confirmed for long.",
    schedule="0 6 1 * *",
    params=RevalidateParams,
    reads=("Pattern", "Solution", "RESOLVES"),
    writes=(),
    run=run,
)
