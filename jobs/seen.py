"""What a run could see of the crashes, so that the next one knows whether and since when anything arrived.

A mark is the number of crashes and the time the latest was received. Both are read before the job reads, so what arrives
meanwhile is seen again by the next run and never missed. A crash that is committed later than one received after it
shows in the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from graph.cypher import query
from graph.model.nodes import JobRun
from graph.ports import Graph

NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """What was there: how many crashes, and when the latest was received."""

    crashes: int = 0
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is there ``now``, the server's time, beside what a mark says; ``first`` is the first crash received after it."""

    now: datetime
    mark: Mark
    newer: int
    first: datetime | None


async def arrived_since(graph: Graph, mark: Mark) -> Arrived:
    """What arrived since a mark."""
    [row] = await graph.read(query("jobs/arrived", since=mark.latest or NEVER))
    return Arrived(row["now"], Mark(row["crashes"], row["latest"] or mark.latest), row["newer"], row["first"])


def mark_of(run: JobRun | None) -> Mark:
    """What a run could see; nothing for one that did not say."""
    return Mark() if run is None or run.crashes_seen is None else Mark(run.crashes_seen, run.read_until)


def unbroken(before: Mark, found: Arrived) -> bool:
    """Whether all that was not there at a mark was received after it: none was committed late, none was removed."""
    return found.mark.crashes - found.newer == before.crashes
