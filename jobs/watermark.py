"""The crashes a run could see, from which the next run derives whether, and since when, more have arrived.

A watermark is the number of crashes and the time the latest was received. Both are read before the job reads, so what
arrives meanwhile is seen again by the next run and never missed. A crash committed after one with a later receive time is
noticed by the count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from graph.cypher import query
from graph.model.nodes import JobRun
from graph.ports import Graph

NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Number of crashes, and when the latest was received."""

    crashes: int = 0
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Crashes received since a watermark: their number and the first. ``now`` is the server's time."""

    now: datetime
    watermark: Watermark
    newer: int
    first: datetime | None


async def arrivals_since(graph: Graph, watermark: Watermark) -> Arrivals:
    """What arrived since a watermark."""
    [row] = await graph.read(query("jobs/crashes_since", since=watermark.latest or NEVER))
    return Arrivals(row["now"], Watermark(row["crashes"], row["latest"] or watermark.latest), row["newer"], row["first"])


def watermark_of(run: JobRun | None) -> Watermark:
    """The watermark of a run; the empty one for no run, or for a run without."""
    return Watermark() if run is None or run.crashes_seen is None else Watermark(run.crashes_seen, run.read_until)


def is_complete(before: Watermark, arrivals: Arrivals) -> bool:
    """True if every crash added since the watermark has a later ``received_at``, and none was removed."""
    return arrivals.watermark.crashes - arrivals.newer == before.crashes
