"""Where a solution was applied, how it has held there since, and from when on that proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graph.algorithms.exposure import LOOK_BACK_DAYS, Exposure, exposure_of
from graph.cypher import query
from graph.model.convert import record
from graph.model.relationships import ProvenIn
from graph.ports import Graph

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A product at a site, in any version; ``environment_id`` is the environment it was named by, ``ids`` all of its own."""

    environment_id: str
    product: str | None
    site: str | None
    version: str | None
    ids: tuple[str, ...]


async def find_place(
    graph: Graph,
    *,
    environment_id: str | None = None,
    site: str | None = None,
    product: str | None = None,
    version: str | None = None,
) -> Place | None:
    """The place of an environment, or of a site and product; ``None`` if nothing was ever seen there."""
    asked = {"environment_id": environment_id, "site": site, "product": product, "version": version}
    rows = await graph.read(query("knowledge/place", **asked))
    if not rows:
        return None
    row = rows[0]
    return Place(row["environment_id"], row["product"], row["site"], row["version"], tuple(sorted(row["ids"])))


async def record_before(graph: Graph, pattern_id: str, place: Place, applied_at: datetime) -> tuple[int, float]:
    """Days with a crash of the pattern at the place before a fix, and of how many days that is.

    Where the pattern is younger than the look-back, the time begins with its first crash, whose day then does not count: it was
    not found by waiting.
    """
    since = applied_at - timedelta(days=LOOK_BACK_DAYS)
    [row] = await graph.read(
        query("knowledge/crash_days", pattern_id=pattern_id, places=list(place.ids), since=since, until=applied_at)
    )
    first: datetime | None = row["first"]
    if first is None:
        return 0, 0.0
    if first < since:
        return row["days"], LOOK_BACK_DAYS
    return max(row["days"] - 1, 0), (applied_at - first) / DAY


def exposure(held: ProvenIn, now: datetime) -> Exposure:
    """How long it has been put to the test there; none at all once a crash came back."""
    return exposure_of(held.crash_days, held.window_days, held.applied_at, held.lost_at, now)


def trust_of(stored: str, places: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """How far a solution is trusted: ``proven`` where crashes stopped and stayed away at one place at least, else as stored."""
    return "proven" if any(exposure(record(ProvenIn, one), now).proven for one in places) else stored
